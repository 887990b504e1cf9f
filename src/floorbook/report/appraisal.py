"""A token's appraisals over time as one SVG file: the band, the value, the floor, and sales of its like.

Prices stand on a logarithmic scale, because the model's errors are relative.
"""

from datetime import UTC, datetime
from html import escape
from math import log10

import msgspec

WIDTH, HEIGHT = 900, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 50, 40
SECONDS_A_DAY = 86_400
MARGIN = 0.04  # of the scale above and below the data
STEPS = (1.0, 2.0, 5.0)


class Shown(msgspec.Struct, frozen=True):
    """A sale as a dot."""

    day: float
    price: float  # [ETH]
    is_own: bool


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over days since 1970; prices in ETH."""

    title: str
    days: list[float]
    low: list[float]
    value: list[float]
    high: list[float]
    floor: list[float]
    sales: list[Shown]


class Frame(msgspec.Struct, frozen=True):
    """Where days and prices lie on the paper."""

    first: float
    last: float
    low: float  # log10 of ETH
    high: float

    def x(self, day: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first) / max(self.last - self.first, 1e-9)

    def y(self, price: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - log10(price)) / (self.high - self.low)


def picture(history: History) -> str:
    """Return the SVG."""
    frame = _frame(history)
    band = _points(frame, history.days, history.high) + _points(frame, history.days, history.low)[::-1]
    parts = [
        *_grid(frame),
        f'<polygon points="{" ".join(band)}" fill="#2f6fde" fill-opacity="0.16"/>',
        _line(frame, history.days, history.floor, "#6b7280", 'stroke-dasharray="5 4"'),
        _line(frame, history.days, history.value, "#2f6fde"),
        *(_dot(frame, sale) for sale in history.sales),
        *_names(frame, history),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13">\n<title>{escape(history.title)}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        f'<text x="{LEFT}" y="28" font-size="17" font-weight="600">{escape(history.title)}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _frame(history: History) -> Frame:
    prices = [*history.low, *history.high, *history.floor, *(sale.price for sale in history.sales)]
    low, high = log10(min(prices)), log10(max(prices))
    slack = MARGIN * max(high - low, 0.1)
    return Frame(history.days[0], history.days[-1], low - slack, high + slack)


def _grid(frame: Frame) -> list[str]:
    """Return price levels with their names, and the first of each month."""
    marks = []
    for power in range(-3, 7):
        for step in STEPS:
            price = step * 10.0**power
            if frame.low <= log10(price) <= frame.high:
                y = frame.y(price)
                marks.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e6e6e2"/>')
                marks.append(_text(LEFT - 8, y + 4, f"{price:,g}", 'text-anchor="end" fill="#6a6d78"'))
    for day in range(int(frame.first) + 1, int(frame.last) + 1):
        moment = datetime.fromtimestamp(day * SECONDS_A_DAY, UTC)
        if moment.day == 1:
            x = frame.x(day)
            marks.append(_text(x, HEIGHT - 14, f"{moment:%b %Y}", 'text-anchor="middle" fill="#6a6d78"'))
            marks.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#f0f0ec"/>')
    return marks


def _names(frame: Frame, history: History) -> list[str]:
    """Return the names of the lines at their right ends, and what the dots are."""
    ends = (("P90", history.high), ("value", history.value), ("P10", history.low), ("floor", history.floor))
    names, lowest = [], 0.0
    for name, column in ends:
        # Names that would overlap move down.
        y = max(frame.y(column[-1]) + 4, lowest)
        lowest = y + 15
        names.append(_text(WIDTH - RIGHT + 8, y, f"{name} {column[-1]:,.1f} ETH", 'fill="#1c1d22"'))
    said = "dots: comparable sales; ringed: this token"
    return [*names, _text(WIDTH - RIGHT, 28, said, 'text-anchor="end" font-size="12" fill="#6a6d78"')]


def _line(frame: Frame, days: list[float], prices: list[float], colour: str, more: str = "") -> str:
    points = " ".join(_points(frame, days, prices))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" {more}/>'


def _points(frame: Frame, days: list[float], prices: list[float]) -> list[str]:
    return [f"{frame.x(day):.1f},{frame.y(price):.1f}" for day, price in zip(days, prices, strict=True)]


def _dot(frame: Frame, sale: Shown) -> str:
    ring = ' stroke="#1c1d22" stroke-width="2"' if sale.is_own else ""
    return f'<circle cx="{frame.x(sale.day):.1f}" cy="{frame.y(sale.price):.1f}" r="5" fill="#d9480f"{ring}/>'


def _text(x: float, y: float, text: str, more: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>'
