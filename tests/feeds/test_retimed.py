"""Recorded prices on the wall clock: which recorded moment a wall time is, and what a reporter sees."""

import msgspec
import pytest

from floorbook.feeds.recorded import Quote, RecordedFeed, quote_at
from floorbook.feeds.retimed import Pace, Retimed, RetimedSource
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, Ns, Ticks
from tests.feeds.test_recorded import START, history, row

WALL = 2_000_000_000 * SECOND_NS
PACE = Pace(opened=WALL, begun=START, speed=30, first=START, last=START + 2 * HOUR_NS)


def test_present_runs_at_its_speed_and_the_past_at_its_own() -> None:
    assert PACE.recorded(WALL) == START
    assert PACE.recorded(WALL + MINUTE_NS) == START + 30 * MINUTE_NS
    assert PACE.recorded(WALL - MINUTE_NS) == START - MINUTE_NS
    assert PACE.recorded(WALL + SECOND_NS // 31) == START  # whole seconds


def test_time_turns_round_at_both_ends() -> None:
    minutes = [PACE.recorded(WALL + minute * MINUTE_NS) - START for minute in range(13)]
    assert [at // MINUTE_NS for at in minutes] == [0, 30, 60, 90, 120, 90, 60, 30, 0, 30, 60, 90, 120]


def test_a_crisis_stays_where_it_ends() -> None:
    final = msgspec.structs.replace(PACE, is_final=True)
    assert final.recorded(WALL + DAY_NS) == START + 2 * HOUR_NS


@pytest.mark.parametrize("stopped", [0, 1, 3, 4, 5, 7, 9, 100])
def test_prices_go_on_where_they_stopped(stopped: int) -> None:
    """However long the exchange was closed, and which way prices ran."""
    resumed = PACE.resumed(WALL + stopped * MINUTE_NS, WALL + 30 * DAY_NS, 30)
    for later in range(10):
        expected = PACE.recorded(WALL + (stopped + later) * MINUTE_NS)
        assert resumed.recorded(WALL + 30 * DAY_NS + later * MINUTE_NS) == expected


def test_an_exchange_killed_in_its_past_goes_on_at_its_opening() -> None:
    assert PACE.resumed(WALL - HOUR_NS, WALL + HOUR_NS, 30).recorded(WALL + HOUR_NS) == START


def test_quotes_are_the_recorded_ones_with_the_time_of_the_wall() -> None:
    rows = history(row(0, 100, 90, 5_000), row(1, 160, 150, 6_000), row(2, 160, 150, 6_000))
    seen = Retimed(RecordedFeed(rows, START, START + 3 * HOUR_NS), PACE).quote(WALL + MINUTE_NS)
    expected = quote_at(rows.rows, START + 30 * MINUTE_NS)
    assert (expected.floor, expected.eth_usd) == (130, 5_500)
    assert seen == msgspec.structs.replace(expected, at=Ns(WALL + MINUTE_NS))


class Seen:
    """A source that remembers when it was asked."""

    source = b"s" * 32

    def index(self, quote: Quote) -> tuple[int, ...]:
        return (quote.at, quote.floor)

    def appraisal(self, token: int, at: int) -> tuple[int, ...]:
        return (token, at, at, at - DAY_NS if token else 0)


def test_a_reporter_sees_what_was_recorded_then() -> None:
    source, at = RetimedSource(Seen(), PACE), WALL + MINUTE_NS
    quote = Quote(at=Ns(at), floor=Ticks(7), top_bid=Ticks(6), eth_usd=None, btc_usd=None)
    recorded = START + 30 * MINUTE_NS
    assert source.index(quote) == (recorded, 7)
    assert source.appraisal(5, at) == (5, recorded, recorded, at - DAY_NS)
    assert source.appraisal(0, at)[-1] == 0  # never sold stays never sold
