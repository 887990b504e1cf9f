"""docs/spec/listing.md §3."""

from floorbook.core.rules import lifecycle
from floorbook.core.rules.lifecycle import Action, Status


def test_every_status_can_be_reached_and_only_settled_is_final() -> None:
    reached = {Status.DRAFT}
    for _ in Status:
        reached |= {after for (before, _), after in lifecycle.NEXT.items() if before in reached}
    assert reached == {*Status}
    assert {*Status} - {before for before, _ in lifecycle.NEXT} == {Status.SETTLED}


def test_what_is_not_in_the_table_is_refused() -> None:
    assert lifecycle.next_status(Status.SETTLED, Action.OPEN) is None
    assert lifecycle.next_status(Status.DRAFT, Action.RESUME) is None
    assert lifecycle.next_status(Status.LIVE, Action.SETTLE) is None
    assert lifecycle.next_status(Status.LIVE, Action.HALT) is Status.REDUCE_ONLY


def test_a_halt_survives_staleness() -> None:
    status = Status.LIVE
    for action in (Action.HALT, Action.GO_STALE, Action.REFRESH):
        after = lifecycle.next_status(status, action)
        assert after is not None
        status = after
    assert status is Status.REDUCE_ONLY


def test_any_open_market_can_be_wound_down() -> None:
    for status in lifecycle.MAY_CANCEL:
        assert lifecycle.next_status(status, Action.WIND_DOWN) is Status.WINDING_DOWN


def test_whoever_may_trade_may_cancel() -> None:
    assert {*lifecycle.MAY_OPEN} <= {*lifecycle.MAY_REDUCE} <= {*lifecycle.MAY_CANCEL}
    assert not {*lifecycle.IS_STALE} & {*lifecycle.MAY_LIQUIDATE}
