"""The recorded feed: the straight line between rows, by hand and against exact fractions."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.errors import HistoryError
from floorbook.feeds.history import History, Row
from floorbook.feeds.recorded import Quote, RecordedFeed
from floorbook.units import HOUR_NS, MINUTE_NS, PRICE_MAX, SECOND_NS, Atoms, Ns, Ticks

START = 450_000 * HOUR_NS


def row(hour: int, floor: int, bid: int, usd: int | None = None) -> Row:
    return Row(
        at=Ns(START + hour * HOUR_NS),
        floor=Ticks(1),  # an ask typed by mistake: nothing may follow it
        floor_clean=Ticks(floor),
        top_bid=Ticks(bid),
        n_asks=1,
        n_bids=1,
        n_sales=0,
        vol=Atoms(0),
        eth_usd=usd,
        btc_usd=None if usd is None else 10 * usd,
    )


def history(*rows: Row) -> History:
    return History(name="hand-made", rows=rows)


def quotes(*rows: Row, minutes: range) -> list[tuple[int, int]]:
    feed = RecordedFeed(history(*rows), START + minutes.start * MINUTE_NS, START + minutes.stop * MINUTE_NS)
    return [(quote.floor, quote.top_bid) for quote in feed]


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (0, (100_000, 90_000)),  # the row itself
        (1, (100_000, 90_166)),  # 100,000 + 7/60; 90,000 + 10,007/60 = 90,166.78
        (30, (100_003, 95_003)),  # 100,003.5; 95,003.5
        (59, (100_006, 99_840)),  # 100,006.88; 99,840.22
        (60, (100_007, 100_007)),  # the bid of 110,000 is capped at the floor
        (61, (100_006, 100_006)),  # 100,007 - 17/60: a fall is rounded down too
        (120, (99_990, 99_990)),
        (179, (99_990, 99_990)),  # after the last row its values hold
    ],
)
def test_a_minute_lies_on_the_line_between_two_rows(minute: int, expected: tuple[int, int]) -> None:
    rows = (row(0, 100_000, 90_000), row(1, 100_007, 110_000), row(2, 99_990, 99_999))
    assert quotes(*rows, minutes=range(minute, minute + 1)) == [expected]


def test_the_end_is_exclusive_and_every_minute_comes_once() -> None:
    start = START + 58 * MINUTE_NS
    feed = RecordedFeed(history(row(0, 60, 60), row(1, 120, 120)), start, START + HOUR_NS)
    assert list(feed) == [
        Quote(at=Ns(start), floor=Ticks(118), top_bid=Ticks(118), eth_usd=None, btc_usd=None),
        Quote(at=Ns(start + MINUTE_NS), floor=Ticks(119), top_bid=Ticks(119), eth_usd=None, btc_usd=None),
    ]
    assert len(feed) == 2


def test_a_second_lies_on_the_same_line() -> None:
    feed = RecordedFeed(history(row(0, 100_000, 90_000), row(1, 100_007, 93_600)), START, START + HOUR_NS)
    second = feed.quote(START + 1_799 * SECOND_NS)
    assert (second.floor, second.top_bid) == (100_003, 91_799)  # 100,003.498; 91,799
    assert feed.quote(START + 30 * MINUTE_NS) == list(feed)[30]


def test_every_iteration_starts_again() -> None:
    feed = RecordedFeed(history(row(0, 100, 90), row(1, 200, 150)), START, START + 2 * HOUR_NS)
    assert list(feed) == list(feed)
    assert len(list(feed)) == len(feed) == 120


def test_a_usd_price_is_absent_where_a_row_it_needs_has_none() -> None:
    rows = history(row(0, 1, 1, 6_000), row(1, 1, 1, 6_060), row(2, 1, 1), row(3, 1, 1, 6_000))
    prices = [quote.eth_usd for quote in RecordedFeed(rows, START, START + 4 * HOUR_NS)]
    assert prices[:60] == list(range(6_000, 6_060))
    assert prices[60] == 6_060  # on the hour the next row does not matter
    assert prices[61:180] == [None] * 119
    assert prices[180:] == [6_000] * 60
    assert next(iter(RecordedFeed(rows, START, START + HOUR_NS))).btc_usd == 60_000


PRICES = st.integers(1, PRICE_MAX)


@given(PRICES, PRICES, PRICES, PRICES, st.integers(0, 59))
def test_the_line_equals_exact_fractions(
    floor_0: int, bid_0: int, floor_1: int, bid_1: int, minute: int
) -> None:
    [(ask, bid)] = quotes(row(0, floor_0, bid_0), row(1, floor_1, bid_1), minutes=range(minute, minute + 1))
    share = Fraction(minute, 60)
    low_0, low_1 = min(bid_0, floor_0), min(bid_1, floor_1)
    assert ask == floor((1 - share) * floor_0 + share * floor_1)
    assert bid == floor((1 - share) * low_0 + share * low_1)
    assert ask >= bid >= 1


def test_a_start_inside_a_minute_is_refused() -> None:
    with pytest.raises(HistoryError, match="not a whole minute"):
        RecordedFeed(history(row(0, 1, 1)), START + SECOND_NS, START + HOUR_NS)


def test_a_range_the_history_does_not_cover_is_refused() -> None:
    with pytest.raises(HistoryError, match=r"hand-made: the range .* is not covered"):
        RecordedFeed(history(row(0, 1, 1)), START, START + HOUR_NS + MINUTE_NS)
