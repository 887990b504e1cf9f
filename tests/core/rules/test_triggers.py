"""docs/spec/triggers.md, section by section."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import triggers, twap
from floorbook.core.rules.triggers import STOP, TAKE_PROFIT, Firing, Waiting
from floorbook.units import MINUTE_NS, SECOND_NS


def test_a_trigger_fires_at_its_price() -> None:
    assert [triggers.fires(100, True, mark) for mark in (99, 100, 101)] == [False, True, True]
    assert [triggers.fires(100, False, mark) for mark in (99, 100, 101)] == [True, True, False]


@pytest.mark.parametrize(
    ("kind", "side", "above"),
    [(STOP, 1, True), (STOP, -1, False), (TAKE_PROFIT, 1, False), (TAKE_PROFIT, -1, True)],
)
def test_where_stops_and_take_profits_wait(kind: int, side: int, above: bool) -> None:
    assert triggers.is_above(kind, side) is above


def test_one_cancels_the_other() -> None:
    pair = [Waiting(1, 7, 90, above=False, group=5), Waiting(2, 7, 110, above=True, group=5)]
    assert triggers.plan(pair, 100) == Firing((), ())
    assert triggers.plan(pair, 90) == Firing((1,), (2,))
    assert triggers.plan(pair, 111) == Firing((2,), (1,))


def test_the_older_of_a_group_fires_and_other_accounts_groups_are_others() -> None:
    waiting = [
        Waiting(3, 7, 100, above=True, group=5),
        Waiting(1, 7, 100, above=True, group=5),
        Waiting(2, 8, 100, above=True, group=5),
        Waiting(4, 7, 100, above=True),
        Waiting(5, 7, 999, above=True),
    ]
    assert triggers.plan(waiting, 100) == Firing((1, 2, 4), (3,))


@given(st.integers(1, 10**9), st.integers(1, 100))
def test_a_twap_that_fills_every_slice_trades_all_of_it(total: int, count: int) -> None:
    filled = 0
    for number in range(1, count + 1):
        lots = twap.slice_lots(total, filled, number, count)
        assert 0 <= lots <= total // count + 1
        filled += lots
    assert filled == total


@given(st.integers(1, 10**6), st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_twap_catches_up_at_most_threefold(total: int, is_filled: list[bool]) -> None:
    filled = 0
    for number, fill in enumerate(is_filled, start=1):
        lots = twap.slice_lots(total, filled, number, len(is_filled))
        assert lots <= -(-3 * total // len(is_filled))
        filled += lots * fill
    assert filled <= total


def test_the_schedule_of_a_twap() -> None:
    assert twap.slices(5 * MINUTE_NS) == 10
    assert twap.slices(1) == 1
    assert twap.slice_at(100, 2) == 100 + 60 * SECOND_NS
    assert twap.slice_lots(100, 0, 5, 10) == 30  # four slices were missed: 50 due, three times 10 allowed
    assert twap.slice_limit(1, 1_000) == 1_030
    assert twap.slice_limit(-1, 1_001) == 971


def test_a_dead_mans_switch_needs_five_seconds() -> None:
    assert twap.may_schedule_cancel(5 * SECOND_NS, 0)
    assert not twap.may_schedule_cancel(5 * SECOND_NS - 1, 0)
    assert twap.may_schedule_cancel(0, 10**18)
    assert [twap.is_cancel_due(at, 10) for at in (0, 10, 11)] == [False, True, False]
