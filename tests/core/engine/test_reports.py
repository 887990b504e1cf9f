"""Reports in the engine: who is heard, what is accepted, breakers, the reporters' venue."""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody, Feed, Instrument, Kind, Token, token_key
from floorbook.core.engine import reports
from floorbook.core.engine.oracle import REPORTERS_VENUE
from floorbook.core.events import BreakerMoved, ReportersSet, ReportTaken
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import APPRAISAL, INDEX, SHARE, Breaker
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from tests.core.engine.reporting import (
    REPORTERS,
    add_collection,
    appoint,
    index_values,
    report,
    report_appraisal,
    report_index,
    report_share,
)
from tests.core.engine.world import ETHER, PUNKS, World

FLOOR = 30 * ETHER
FREEZE = {"collection": 0, "breaker": Breaker.FROZEN}


@pytest.fixture
def listed(world: World) -> World:
    """The five reporters, and one collection with the perpetual PUNKS."""
    appoint(world)
    add_collection(world, market=PUNKS)
    return world


def index_feed(world: World) -> Feed:
    feed = reports.accepted(world.state, INDEX, 0)
    assert feed is not None
    return feed


def pass_time(world: World, ns: int) -> list[Any]:
    """Let time pass and do what a tick does with reports."""
    world.at += ns
    world.state.now = world.at
    return reports.refresh(world.state)


def test_the_first_price_waits_for_the_quorum(listed: World) -> None:
    floors = (30 * ETHER, 31 * ETHER, 32 * ETHER)
    for number, floor in enumerate(floors[:2]):
        (taken,) = listed.does(report(listed, number, INDEX, 0, index_values(floor)))
        assert taken == ReportTaken(
            reporter=number, collection=0, token=-1, kind=INDEX, value=0, is_quorum=False
        )
        assert reports.accepted(listed.state, INDEX, 0) is None
        assert not reports.may_borrow(listed.state, 0)
    (taken,) = listed.does(report(listed, 2, INDEX, 0, index_values(floors[2])))
    assert taken == ReportTaken(
        reporter=2, collection=0, token=-1, kind=INDEX, value=31 * ETHER, is_quorum=True
    )
    assert index_feed(listed).values[0] == 31 * ETHER
    assert reports.may_borrow(listed.state, 0)
    assert reports.may_liquidate(listed.state, 0)


def test_a_first_price_that_is_quarrelled_over_is_none(listed: World) -> None:
    for number, floor in enumerate((30, 60, 90)):
        listed.does(report(listed, number, INDEX, 0, index_values(floor * ETHER)))
    assert reports.accepted(listed.state, INDEX, 0) is None


def test_a_reporter_counts_once(listed: World) -> None:
    for _ in range(3):
        listed.does(report(listed, 0, INDEX, 0, index_values(FLOOR)))
    assert reports.accepted(listed.state, INDEX, 0) is None


def test_an_even_number_has_the_mean_of_both_as_its_median(listed: World) -> None:
    for number, floor in enumerate((30 * ETHER, 31 * ETHER, 32 * ETHER, 33 * ETHER + 1)):
        listed.does(report(listed, number, INDEX, 0, index_values(floor)))
    assert index_feed(listed).values[0] == 31 * ETHER + ETHER // 2


def test_a_quarrel_stops_borrowing_and_nothing_else(listed: World) -> None:
    report_index(listed, 0, FLOOR)
    for number, floor in enumerate((20 * ETHER, FLOOR, 40 * ETHER)):
        listed.does(report(listed, number, INDEX, 0, index_values(floor)))
    assert index_feed(listed).is_uncertain
    assert index_feed(listed).values[0] == FLOOR
    assert not reports.may_borrow(listed.state, 0)
    assert reports.may_liquidate(listed.state, 0)
    assert BreakerMoved(collection=0, breaker=Breaker.NO_BORROW) in pass_time(listed, SECOND_NS)


def test_two_liars_cannot_start_a_quarrel(listed: World) -> None:
    report_index(listed, 0, FLOOR)
    for number, lie in ((3, 1), (4, 10**17)):
        listed.does(report(listed, number, INDEX, 0, index_values(lie, bids=[1] * 5)))
    assert not index_feed(listed).is_uncertain
    assert index_feed(listed).values[0] == FLOOR


def test_age_is_that_of_the_quorum(listed: World) -> None:
    for number, minutes in enumerate((0, 10, 20, 50)):
        listed.does(report(listed, number, INDEX, 0, index_values(FLOOR), age=minutes * MINUTE_NS))
    assert reports.age_ns(listed.state, index_feed(listed)) == 20 * MINUTE_NS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"collection": 1}, Reject.UNKNOWN_COLLECTION),
        ({"collection": -1}, Reject.UNKNOWN_COLLECTION),
        ({"kind": APPRAISAL, "token": 7}, Reject.UNKNOWN_TOKEN),
        ({"kind": APPRAISAL, "token": -1}, Reject.UNKNOWN_TOKEN),
        ({"kind": SHARE}, Reject.UNKNOWN_INSTRUMENT),
        ({"reporter": b"stranger"}, Reject.UNKNOWN_REPORTER),
        ({"kind": 3}, Reject.BAD_REPORT),
        ({"token": 0}, Reject.BAD_REPORT),
        ({"values": index_values(FLOOR)[:-1]}, Reject.BAD_REPORT),
        ({"values": index_values(0)}, Reject.BAD_REPORT),
        ({"values": index_values(2**60)}, Reject.BAD_REPORT),
        ({"values": index_values(FLOOR, bids=[FLOOR + 1] * 5)}, Reject.BAD_REPORT),
        ({"values": index_values(FLOOR, bids=[1, 2, 2, 2, 2])}, Reject.BAD_REPORT),
        ({"values": index_values(FLOOR, bids=[0] * 5)}, Reject.BAD_REPORT),
        ({"values": index_values(FLOOR, sales=-1)}, Reject.BAD_REPORT),
        ({"values": index_values(FLOOR, sigma=10**10 + 1)}, Reject.BAD_REPORT),
        ({"round": 0}, Reject.BAD_REPORT),
        ({"round": 2**63}, Reject.BAD_REPORT),
        ({"source": bytes(33)}, Reject.BAD_REPORT),
        ({"signature": bytes(66)}, Reject.BAD_REPORT),
    ],
)
def test_a_bad_report_is_refused(listed: World, change: dict[str, Any], reason: Reject) -> None:
    fields = {
        "reporter": REPORTERS[0], "collection": 0, "token": -1, "kind": INDEX, "round": 1,
        "values": index_values(FLOOR), "sampled_from": listed.at, "sampled_to": listed.at,
    }  # fmt: skip
    assert listed.refuses(c.PublishReport(**fields | change)) is reason


def test_a_report_is_of_the_last_hour(listed: World) -> None:
    values = index_values(FLOOR)
    assert listed.refuses(report(listed, 0, INDEX, 0, values, age=-1)) is Reject.BAD_REPORT
    late = report(listed, 0, INDEX, 0, values, age=HOUR_NS + 1)
    assert listed.refuses(late) is Reject.STALE_REPORT
    listed.does(report(listed, 0, INDEX, 0, values, age=HOUR_NS))


def test_a_round_and_its_time_rise(listed: World) -> None:
    values = index_values(FLOOR)
    listed.does(report(listed, 0, INDEX, 0, values, age=MINUTE_NS, round_=5))
    assert listed.refuses(report(listed, 0, INDEX, 0, values, round_=5)) is Reject.STALE_REPORT
    assert listed.refuses(report(listed, 0, INDEX, 0, values, round_=4)) is Reject.STALE_REPORT
    older = report(listed, 0, INDEX, 0, values, age=MINUTE_NS + 1, round_=6)
    assert listed.refuses(older) is Reject.STALE_REPORT
    listed.does(report(listed, 0, INDEX, 0, values, age=MINUTE_NS, round_=6))
    listed.does(report(listed, 1, INDEX, 0, values, round_=1))  # each reporter counts its own rounds


def test_a_token_and_an_instrument_are_priced(listed: World) -> None:
    listed.state.tokens[token_key(0, 7)] = Token(0, 7, Custody.ACCOUNT, 0, listed.at, b"")
    listed.state.instruments.append(Instrument(0, Kind.FRACTION, "F", 0, 7, -1, -1))
    for values in ((2, 1, 3, 0), (0, 1, 1, 0), (1, 1, 1, listed.at + 1)):
        refused = report(listed, 0, APPRAISAL, 0, values, token=7)
        assert listed.refuses(refused) is Reject.BAD_REPORT
    report_appraisal(listed, 0, 7, 40 * ETHER, 50 * ETHER, 60 * ETHER, evidence=listed.at)
    report_share(listed, 0, 45 * ETHER)
    appraisal = reports.accepted(listed.state, APPRAISAL, 0, 7)
    share = reports.accepted(listed.state, SHARE, 0)
    assert appraisal is not None and share is not None
    assert appraisal.values == (40 * ETHER, 50 * ETHER, 60 * ETHER, listed.at)
    assert share.values == (45 * ETHER,)


def test_the_quorum_is_a_venue_of_the_perpetual(listed: World) -> None:
    report_index(listed, 0, FLOOR + 1, bids=[FLOOR - 1] * 5)
    venue = listed.market(PUNKS).venues[REPORTERS_VENUE]
    # Prices with four decimals: one tick is 100,000 gwei.
    assert (venue.floor, venue.top_bid, venue.observed) == (300_001, 299_999, listed.at)
    posing = c.PublishVenue(
        market=PUNKS, venue=REPORTERS_VENUE, floor=1, top_bid=1, sequence=9, observed=listed.at
    )
    assert listed.refuses(posing) is Reject.UNKNOWN_VENUE


def test_an_uncertain_quorum_moves_no_index(listed: World) -> None:
    report_index(listed, 0, FLOOR)
    for number, floor in enumerate((10, 30, 50)):
        listed.does(report(listed, number, INDEX, 0, index_values(floor * ETHER)))
    assert listed.market(PUNKS).venues[REPORTERS_VENUE].sequence == 1


# ---- breaker ------------------------------------------------------------------------------------


def test_the_breaker_follows_the_age(listed: World) -> None:
    report_index(listed, 0, FLOOR)
    moments = [
        (60 * MINUTE_NS, Breaker.NORMAL), (1, Breaker.NO_BORROW), (5 * HOUR_NS - 1, Breaker.NO_BORROW),
        (1, Breaker.CLOSE_ONLY), (18 * HOUR_NS - 1, Breaker.CLOSE_ONLY), (1, Breaker.FROZEN),
    ]  # fmt: skip
    for wait, breaker in moments:
        pass_time(listed, wait)
        assert listed.state.collections[0].breaker is breaker
        fresh_enough = breaker < Breaker.CLOSE_ONLY
        assert reports.may_liquidate(listed.state, 0) is fresh_enough
        assert reports.may_borrow(listed.state, 0) is (breaker is Breaker.NORMAL)


def test_a_breaker_opens_after_an_hour_of_good_reports(listed: World) -> None:
    report_index(listed, 0, FLOOR)
    pass_time(listed, DAY_NS + 1)
    report_index(listed, 0, FLOOR)
    pass_time(listed, SECOND_NS)
    pass_time(listed, HOUR_NS // 2)
    report_index(listed, 0, FLOOR)
    assert pass_time(listed, HOUR_NS // 2 - 1) == []
    assert not reports.may_borrow(listed.state, 0)
    assert BreakerMoved(collection=0, breaker=Breaker.NORMAL) in pass_time(listed, 1)
    assert reports.may_borrow(listed.state, 0)


def test_without_a_price_there_is_no_breaker_to_move(listed: World) -> None:
    assert pass_time(listed, 2 * DAY_NS) == []
    assert not reports.may_borrow(listed.state, 0)
    assert not reports.may_liquidate(listed.state, 0)


def test_the_operator_only_tightens(listed: World) -> None:
    report_index(listed, 0, FLOOR)
    assert listed.does(listed.operated(c.SetBreaker, **FREEZE)) == [
        BreakerMoved(collection=0, breaker=Breaker.FROZEN)
    ]
    assert not reports.may_liquidate(listed.state, 0)
    opening = {"collection": 0, "breaker": Breaker.NORMAL}
    assert listed.refuses(listed.operated(c.SetBreaker, **opening)) is Reject.BAD_TRANSITION
    assert listed.refuses(listed.operated(c.SetBreaker, **FREEZE)) is Reject.BAD_TRANSITION
    pass_time(listed, DAY_NS)
    report_index(listed, 0, FLOOR)
    assert listed.does(listed.operated(c.SetBreaker, **opening)) == []
    assert pass_time(listed, SECOND_NS) == []
    assert pass_time(listed, HOUR_NS - SECOND_NS) == []
    report_index(listed, 0, FLOOR)
    assert pass_time(listed, SECOND_NS) == [BreakerMoved(collection=0, breaker=Breaker.NORMAL)]


def test_a_breaker_that_does_not_exist_is_refused(listed: World) -> None:
    for change, reason in (
        ({"collection": 9}, Reject.UNKNOWN_COLLECTION),
        ({"breaker": 4}, Reject.BAD_PARAMETER),
        ({"breaker": -1}, Reject.BAD_PARAMETER),
    ):
        assert listed.refuses(listed.operated(c.SetBreaker, **FREEZE | change)) is reason


# ---- reporters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("addresses", "quorum"),
    [
        ((), 0), ((b"a",), 0), ((b"a",), 2), ((b"a", b"b"), 1), ((b"a", b"a", b"b"), 2),
        ((b"a", b"", b"b"), 2), ((b"a", bytes(20), b"b"), 2), ((b"a", b"b" * 33, b"c"), 2),
        (tuple(b"%d" % number for number in range(32)), 17),
    ],
)  # fmt: skip
def test_unsafe_reporters_are_refused(empty: World, addresses: tuple[bytes, ...], quorum: int) -> None:
    command = empty.operated(c.SetReporters, reporters=addresses, quorum=quorum)
    assert empty.refuses(command) is Reject.BAD_PARAMETER


def test_new_reporters_wait_four_days_and_keep_their_rounds(listed: World) -> None:
    successors = (REPORTERS[3], b"reporter 5", REPORTERS[0])
    command = listed.operated(c.SetReporters, reporters=successors, quorum=2)
    due = listed.at + 4 * DAY_NS
    assert listed.does(command) == [ReportersSet(count=3, quorum=2, at=due)]
    pass_time(listed, 4 * DAY_NS - MINUTE_NS)
    for number in range(5):
        listed.does(report(listed, number, INDEX, 0, index_values(FLOOR), round_=40 + number))
    assert ReportersSet(count=3, quorum=2, at=due) in pass_time(listed, MINUTE_NS)
    assert listed.state.reporters.addresses == list(successors)
    kept = {number: one.round for number, one in listed.state.feeds[0].observations.items()}
    assert kept == {0: 43, 2: 40}
    outsider = report(listed, 1, INDEX, 0, index_values(FLOOR))
    assert listed.refuses(outsider) is Reject.UNKNOWN_REPORTER
