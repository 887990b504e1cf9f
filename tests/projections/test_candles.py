"""Candles against a second implementation that groups all trades at the end."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from floorbook.projections import INTERVALS, CandleBook
from floorbook.projections.records import Candle
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS

DAY = 1_613_865_600 * SECOND_NS  # 2021-02-21, midnight UTC
Trade = tuple[int, int, int]  # at, price, lots

steps = st.lists(
    st.tuples(st.integers(0, 3 * HOUR_NS), st.integers(1, 10**7), st.integers(1, 10**6)), max_size=30
)


def grouped(trades: list[Trade], minutes: int) -> list[Candle]:
    length = minutes * MINUTE_NS
    found = []
    for start in sorted({at // length * length for at, _, _ in trades}):
        inside = [trade for trade in trades if start <= trade[0] < start + length]
        prices = [price for _, price, _ in inside]
        found.append(
            Candle(
                7, minutes, start, prices[0], max(prices), min(prices), prices[-1],
                sum(lots for _, _, lots in inside), sum(price * lots for _, price, lots in inside),
                len(inside),
            )
        )  # fmt: skip
    return found


@given(steps)
def test_every_interval_is_the_grouped_trades(passed: list[Trade]) -> None:
    at, trades = DAY, []
    for step, price, lots in passed:
        at += step
        trades.append((at, price, lots))
    book, seen = CandleBook(), {}
    for at, price, lots in trades:
        for candle in book.on_fill(7, at, price, lots, price * lots):
            seen[candle.minutes, candle.start] = msgspec.structs.replace(candle)
    for minutes in INTERVALS.values():
        expected = grouped(trades, minutes)
        assert [seen[key] for key in sorted(seen) if key[0] == minutes] == expected


def test_days_begin_at_midnight_and_go_on_from_rows() -> None:
    book = CandleBook()
    book.on_fill(0, DAY + DAY_NS - 1, 100, 1, 100)
    assert book.running(0, "1d").start == DAY
    book.on_fill(0, DAY + DAY_NS, 200, 1, 200)
    assert book.running(0, "1d") == Candle(0, 1440, DAY + DAY_NS, 200, 200, 200, 200, 1, 200, 1)
    again = CandleBook([msgspec.structs.replace(book.running(0, name)) for name in INTERVALS])
    again.on_fill(0, DAY + DAY_NS + 1, 50, 2, 100)
    assert again.running(0, "12h") == Candle(0, 720, DAY + DAY_NS, 200, 200, 50, 50, 3, 300, 2)
    assert again.running(1, "1m") is None
