"""Charts as inline SVG that stretch to any width: lines, areas and bars over time.

The drawing stretches (`preserveAspectRatio="none"`, strokes keep their width), the words do not: they are
HTML placed by per cent.  `report.js` shows the values under the pointer from the numbers in `data-plot`;
without script, and to a screen reader, the chart is its caption with first, lowest, highest and last value.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import msgspec

from floorbook.units import DAY_NS, HOUR_NS, SECOND_NS

WIDTH, HEIGHT = 1_000, 300  # of the drawing; the page gives it its size
TIMES_MAX = 5
LEVELS_MAX = 4
STEPS_NS = (
    HOUR_NS // 4, HOUR_NS, 2 * HOUR_NS, 6 * HOUR_NS, 12 * HOUR_NS, DAY_NS, 2 * DAY_NS, 7 * DAY_NS,
    14 * DAY_NS, 30 * DAY_NS, 90 * DAY_NS, 365 * DAY_NS,
)  # fmt: skip


class Line(msgspec.Struct):
    """One series; None is a gap.  `colour` is one of the page's twelve."""

    name: str
    values: Sequence[float | None]
    colour: int


class Chart(msgspec.Struct):
    """Series over common times [ns]."""

    title: str
    unit: str
    at: Sequence[int]
    lines: list[Line]
    digits: int = 1
    has_zero: bool = False  # the scale must show zero
    is_bars: bool = False
    is_area: bool = False
    is_tall: bool = False


class Scale(msgspec.Struct):
    """The rectangle of values that the drawing shows."""

    begin: int
    end: int
    low: float
    high: float

    def x(self, at: int) -> float:
        return (at - self.begin) / max(1, self.end - self.begin)

    def y(self, value: float) -> float:
        return 1 - (value - self.low) / (self.high - self.low)


def draw(chart: Chart, name: str) -> str:
    """Return the chart as a figure; `name` is its id."""
    present = [value for line in chart.lines for value in line.values if value is not None]
    if not present or not chart.at:
        return f'<figure class="chart"><figcaption>{escape(chart.title)}</figcaption><p>No data.</p></figure>'
    levels = _levels(chart, min(present), max(present))
    scale = Scale(chart.at[0], max(chart.at[-1], chart.at[0] + 1), levels[0], levels[-1])
    marks = "".join(_mark(chart, line, scale) for line in chart.lines)
    size = " tall" if chart.is_tall else ""
    return (
        f'<figure class="chart{size}" id="{name}"><figcaption>{escape(chart.title)}'
        f" <small>{escape(chart.unit)}</small>{_legend(chart)}</figcaption>"
        f'<div class="plot" tabindex="0" role="img" aria-label="{escape(_spoken(chart))}" '
        f"data-plot='{_data(chart, scale)}'>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f"{_grid(levels, scale)}{marks}</svg>{_labels(chart, levels, scale)}"
        '<div class="cursor" hidden></div><div class="tip" hidden></div></div></figure>'
    )


# ---- scales ------------------------------------------------------------------------------------


def _levels(chart: Chart, low: float, high: float) -> list[float]:
    """Return round values that enclose the data, two to five of them."""
    if chart.has_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    # A series that hardly moves is drawn flat, not as a mountain of its last digits.
    slack = (max(abs(low), abs(high)) or 100.0) / 100 - (high - low)
    if slack > 0:
        low, high = low - (0 if chart.has_zero else slack / 2), high + slack
    step = 10.0**-9
    while (high - low) / step > LEVELS_MAX:
        step *= 2 if f"{step:e}"[0] != "2" else 2.5
    first, last = int(low // step), int(-(-high // step))
    return [number * step for number in range(first, last + 1)]


def _times(scale: Scale) -> list[int]:
    span = scale.end - scale.begin
    step = next((step for step in STEPS_NS if span <= step * TIMES_MAX), STEPS_NS[-1])
    first = -(-scale.begin // step) * step
    return list(range(first, scale.end + 1, step))


# ---- drawing -----------------------------------------------------------------------------------


def _grid(levels: list[float], scale: Scale) -> str:
    lines = (
        f'<line x1="0" x2="{WIDTH}" y1="{_px(scale.y(level), HEIGHT)}" y2="{_px(scale.y(level), HEIGHT)}"'
        f' class="{"zero" if level == 0 else "rule"}"/>'
        for level in levels
    )
    return "".join(lines)


def _mark(chart: Chart, line: Line, scale: Scale) -> str:
    if chart.is_bars:
        return _bars(chart, line, scale)
    pieces = _pieces(chart.at, line.values)
    paths = ["M" + "L".join(_point(scale, at, value) for at, value in piece) for piece in pieces]
    drawn = f'<path class="line c{line.colour}" d="{"".join(paths)}"/>'
    if not chart.is_area:
        return drawn
    base = _px(scale.y(max(scale.low, 0.0)), HEIGHT)
    areas = [
        f"{path}L{_px(scale.x(piece[-1][0]), WIDTH)},{base}L{_px(scale.x(piece[0][0]), WIDTH)},{base}Z"
        for path, piece in zip(paths, pieces, strict=True)
    ]
    return f'<path class="area c{line.colour}" d="{"".join(areas)}"/>{drawn}'


def _pieces(at: Sequence[int], values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the runs of values between gaps."""
    pieces: list[list[tuple[int, float]]] = [[]]
    for time, value in zip(at, values, strict=True):
        if value is not None:
            pieces[-1].append((time, value))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _bars(chart: Chart, line: Line, scale: Scale) -> str:
    """One stroke a value, from zero; too many to be seen apart look like an area, as they should."""
    zero = _px(scale.y(0.0), HEIGHT)
    strokes = (
        f"M{_px(scale.x(at), WIDTH)},{zero}V{_px(scale.y(value), HEIGHT)}"
        for at, value in zip(chart.at, line.values, strict=True)
        if value
    )
    return f'<path class="bar c{line.colour}" d="{"".join(strokes)}"/>'


def _point(scale: Scale, at: int, value: float) -> str:
    return f"{_px(scale.x(at), WIDTH)},{_px(scale.y(value), HEIGHT)}"


def _px(share: float, size: int) -> str:
    return f"{share * size:.1f}".removesuffix(".0")


# ---- words -------------------------------------------------------------------------------------


def _legend(chart: Chart) -> str:
    if len(chart.lines) < 2:
        return ""
    keys = "".join(f'<span class="key c{line.colour}">{escape(line.name)}</span>' for line in chart.lines)
    return f'<span class="legend">{keys}</span>'


def _labels(chart: Chart, levels: list[float], scale: Scale) -> str:
    rows = "".join(
        f'<span class="level" style="top:{100 * scale.y(level):.1f}%">{_short(level)}</span>'
        for level in levels
    )
    days = scale.end - scale.begin > 2 * DAY_NS
    columns = "".join(
        f'<span class="time" style="left:{100 * scale.x(at):.1f}%">{_clock(at, days)}</span>'
        for at in _times(scale)
        if 0.02 < scale.x(at) < 0.97
    )
    return rows + columns


def _clock(at: int, days: bool) -> str:
    moment = datetime.fromtimestamp(at // SECOND_NS, UTC)
    return f"{moment:%-d %b}" if days else f"{moment:%H:%M}"


def _short(value: float) -> str:
    if abs(value) >= 10_000:
        return f"{value / 1_000:,.4g}k"
    return f"{value:,.6g}" if abs(value) >= 1e-9 else "0"


def _spoken(chart: Chart) -> str:
    """Return the chart in words."""
    said = [f"{chart.title}, {chart.unit}."]
    for line in chart.lines:
        values = [value for value in line.values if value is not None]
        if values:
            first, low, high, last = values[0], min(values), max(values), values[-1]
            digits = chart.digits
            said.append(
                f"{line.name}: first {first:,.{digits}f}, lowest {low:,.{digits}f}, "
                f"highest {high:,.{digits}f}, last {last:,.{digits}f}."
            )
    return " ".join(said)


def _data(chart: Chart, scale: Scale) -> str:
    """Return what the script needs, as JSON inside a single-quoted attribute."""
    plot = {
        "at": [at // (60 * SECOND_NS) for at in chart.at],
        "low": scale.low,
        "high": scale.high,
        "unit": chart.unit,
        "digits": chart.digits,
        "lines": [
            {
                "name": line.name,
                "colour": line.colour,
                "values": [
                    None if value is None else round(value, chart.digits + 1) for value in line.values
                ],
            }
            for line in chart.lines
        ],
    }
    return escape(json.dumps(plot, separators=(",", ":")), quote=True)
