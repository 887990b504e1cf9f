"""A chart as a file: an SVG with its own words, for pages that are read where no style sheet is.

The chart inside HTML pages is `report.plot`; this one stands alone, so it draws axis and legend itself.
"""

from collections.abc import Sequence
from html import escape

from msgspec import Struct

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 60, 16, 44, 30
COLOURS = ("#2563eb", "#d9480f", "#2f9e44", "#7048e8", "#868e96")
LEVELS_MAX = 5
STEPS = (1.0, 2.0, 5.0)


class Line(Struct, frozen=True):
    """A series over the chart's places; None is a gap."""

    name: str
    values: Sequence[float | None]


def draw(title: str, labels: Sequence[str], lines: Sequence[Line]) -> str:
    """Return the SVG; `labels` name the places from left to right, an empty one is no tick."""
    values = [value for line in lines for value in line.values if value is not None]
    levels = _levels(min([0.0, *values]), max([0.0, *values]))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="11" aria-label="{escape(title)}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="16" font-size="13">{escape(title)}</text>',
        *[_level(level, levels) for level in levels],
        *[_label(text, place, len(labels)) for place, text in enumerate(labels) if text],
        *[_line(line, number, levels) for number, line in enumerate(lines)],
        _legend(lines),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _levels(low: float, high: float) -> list[float]:
    """Return at most six round values that enclose the data and zero."""
    span = max(high - low, 1e-9)
    step = next(
        step * 10.0**power
        for power in range(-9, 12)
        for step in STEPS
        if span <= (LEVELS_MAX - 1) * step * 10.0**power
    )
    first, last = int(low // step), -int(-high // step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _x(place: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * place / max(1, count - 1)


def _y(value: float, levels: Sequence[float]) -> float:
    share = (value - levels[0]) / (levels[-1] - levels[0])
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _level(level: float, levels: Sequence[float]) -> str:
    y = _y(level, levels)
    return (
        f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{level:,.6g}</text>'
    )


def _label(text: str, place: int, count: int) -> str:
    x = _x(place, count)
    anchor = "start" if place == 0 else "end" if place == count - 1 else "middle"
    return f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(line: Line, number: int, levels: Sequence[float]) -> str:
    count = len(line.values)
    points = " ".join(
        f"{_x(place, count):.1f},{_y(value, levels):.1f}"
        for place, value in enumerate(line.values)
        if value is not None
    )
    return f'<polyline fill="none" stroke="{COLOURS[number]}" stroke-width="1.5" points="{points}"/>'


def _legend(lines: Sequence[Line]) -> str:
    step = (WIDTH - LEFT - RIGHT) // max(1, len(lines))
    return "".join(
        f'<text x="{LEFT + number * step}" y="34" fill="{COLOURS[number]}">{escape(line.name)}</text>'
        for number, line in enumerate(lines)
    )
