"""The dead-man's switch: docs/spec/triggers.md §4."""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import deadman
from floorbook.core.events import CancelScheduled, OrderCancelled
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.units import SECOND_NS
from tests.core.engine.world import ONE, PUNKS, PUNKS_PRICE, T0, World

SOON = T0 + 5 * SECOND_NS


def busy(world: World, account: int) -> None:
    """Let something of each kind work."""
    world.does(world.order(account, 1, ONE, PUNKS_PRICE - 1))
    waiting = {"market": PUNKS, "side": 1, "lots": 10}
    world.does(
        world.signed(c.PlaceTrigger, account, trigger_price=1, above=False, reduce_only=False, **waiting)
    )
    world.does(world.signed(c.PlaceTwap, account, duration=600 * SECOND_NS, **waiting | {"lots": ONE}))


def test_silence_cancels_everything(world: World, maker: int, taker: int) -> None:
    busy(world, maker)
    busy(world, taker)
    events = world.does(world.signed(c.ScheduleCancel, maker, at=SOON))
    assert events == [CancelScheduled(account=maker, at=SOON)]
    world.wait(4)
    assert deadman.run(world.state) == []
    world.wait(1)
    events = deadman.run(world.state)
    assert [type(event).__name__ for event in events] == ["OrderCancelled", "TriggerCancelled", "TwapEnded"]
    assert {event.account for event in events} == {maker}
    assert {event.reason for event in events[:2]} == {Cancel.DEAD_MAN}
    assert deadman.run(world.state) == []
    assert world.state.dead_man == {}


def test_a_sign_of_life_moves_or_clears_the_switch(world: World, maker: int) -> None:
    busy(world, maker)
    world.does(world.signed(c.ScheduleCancel, maker, at=SOON))
    world.does(world.signed(c.ScheduleCancel, maker, at=SOON + SECOND_NS))
    world.wait(5)
    assert deadman.run(world.state) == []
    assert world.does(world.signed(c.ScheduleCancel, maker, at=0)) == [CancelScheduled(account=maker, at=0)]
    world.wait(60)
    assert deadman.run(world.state) == []


def test_earliest_switch_runs_first(world: World, maker: int, taker: int) -> None:
    for account in (maker, taker):
        world.does(world.order(account, 1, 1, PUNKS_PRICE - 1))
    world.does(world.signed(c.ScheduleCancel, maker, at=SOON + 1))
    world.does(world.signed(c.ScheduleCancel, taker, at=SOON))
    world.wait(6)
    assert [event.account for event in deadman.run(world.state)] == [taker, maker]


def test_orders_of_a_liquidation_stay(world: World, maker: int) -> None:
    busy(world, maker)
    world.does(world.signed(c.ScheduleCancel, maker, at=SOON))
    world.state.kernel.set_account(maker, rows.FROZEN, 0)
    world.wait(5)
    assert not any(isinstance(event, OrderCancelled) for event in deadman.run(world.state))
    assert world.state.kernel.counts()[2] == 1


@pytest.mark.parametrize("at", [1, T0, SOON - 1, -1, -(2**70)])
def test_switch_must_be_five_seconds_ahead(world: World, maker: int, at: int) -> None:
    assert world.refuses(world.signed(c.ScheduleCancel, maker, at=at)) == Reject.EXPIRY_IN_PAST


def test_switch_beyond_all_time_fits(world: World, maker: int) -> None:
    world.does(world.signed(c.ScheduleCancel, maker, at=2**70))
    assert world.state.dead_man == {maker: 2**63 - 1}
    world.state.dump()
