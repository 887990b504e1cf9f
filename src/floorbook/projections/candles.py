"""Candles of the trades in the book, in all intervals at once.  Pure: also the market data's source.

    start = at - at mod length; open first, close last, high and low of the prices; sums of the rest

Spec: docs/spec/projections.md §2
"""

from collections.abc import Iterable

from floorbook.projections.records import Candle
from floorbook.units import MINUTE_NS

INTERVALS: dict[str, int] = {  # name -> minutes
    "1m": 1,
    "3m": 3,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "4h": 240,
    "8h": 480,
    "12h": 720,
    "1d": 1440,
}


def start_of(at: int, minutes: int) -> int:
    """Return the beginning [ns] of the interval in which a time lies; days begin at midnight UTC."""
    return at - at % (minutes * MINUTE_NS)


class CandleBook:
    """The running candle of every market and interval."""

    def __init__(self, running: Iterable[Candle] = ()) -> None:
        """Go on with these, at most one for each market and interval."""
        self._running: dict[int, dict[int, Candle]] = {}
        for candle in running:
            self._running.setdefault(candle.market, {})[candle.minutes] = candle

    def on_fill(self, market: int, at: int, price: int, lots: int, notional: int) -> list[Candle]:
        """Count a trade; return its candles, the shortest first.

        They are the book's own and go on changing: copy them before the next trade.  `at` never falls.
        """
        running = self._running.setdefault(market, {})
        found = []
        for minutes in INTERVALS.values():
            candle = running.get(minutes)
            if candle is None or at >= candle.start + minutes * MINUTE_NS:
                start = start_of(at, minutes)
                candle = Candle(market, minutes, start, price, price, price, price, 0, 0, 0)
                running[minutes] = candle
            _count(candle, price, lots, notional)
            found.append(candle)
        return found

    def running(self, market: int, interval: str) -> Candle | None:
        """Return the latest candle of an interval, None before the first trade."""
        return self._running.get(market, {}).get(INTERVALS[interval])


def _count(candle: Candle, price: int, lots: int, notional: int) -> None:
    if price > candle.high:
        candle.high = price
    elif price < candle.low:
        candle.low = price
    candle.close = price
    candle.lots += lots
    candle.notional += notional
    candle.trades += 1
