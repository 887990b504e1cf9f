"""Triggers behind an order, for whole positions, and under client ids: docs/spec/triggers.md §5, §6."""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import orders, triggers
from floorbook.core.events import (
    Event,
    OrderCancelled,
    OrderFilled,
    OrderPlaced,
    Rejected,
    TriggerCancelled,
    TriggerFired,
    TriggerPlaced,
)
from floorbook.core.invariants import broken
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from tests.core.engine.test_bundles import bundle, of_steps
from tests.core.engine.world import ONE, PUNKS, PUNKS_PRICE, World

NAME = b"name".ljust(16, b"\0")
PRICE = PUNKS_PRICE - 100
Step = tuple[type[Any], dict[str, Any]]


def entry(price: int = PRICE, **changes: Any) -> Step:
    return c.PlaceOrder, {"market": PUNKS, "side": 1, "lots": ONE, "price": price} | changes


def child(trigger_price: int, above: bool, **changes: Any) -> Step:
    fields = {
        "market": PUNKS, "side": -1, "lots": ONE, "trigger_price": trigger_price, "above": above, "group": 5,
        "after_step": 0,
    }  # fmt: skip
    return c.PlaceTrigger, fields | changes


def bracket(world: World, account: int, **changes: Any) -> tuple[int, int, int]:
    """Rest a purchase with a take-profit and a stop behind it; return the three ids."""
    steps = (entry(**changes), child(310_000, above=True), child(290_000, above=False))
    placed, profit, stop = of_steps(world.apply(bundle(world, account, *steps)))
    assert isinstance(placed[0], OrderPlaced)
    assert isinstance(profit[0], TriggerPlaced)
    assert isinstance(stop[0], TriggerPlaced)
    assert broken(world.state) == []
    return placed[0].order, profit[0].trigger, stop[0].trigger


def fired(world: World, mark: int) -> list[Event]:
    world.mark(mark)
    return triggers.fire(world.state, world.market())


def test_triggers_sleep_until_their_order_has_filled(world: World, maker: int, taker: int) -> None:
    _, profit, stop = bracket(world, taker)
    assert fired(world, 310_000) == []
    assert fired(world, 290_000) == []
    world.mark(PUNKS_PRICE)
    world.does(world.order(maker, -1, ONE // 2, PRICE))  # in part
    assert world.state.sleepers == {}
    assert broken(world.state) == []
    events = fired(world, 310_000)
    assert events[0] == TriggerFired(account=taker, market=PUNKS, trigger=profit, mark=310_000)
    assert events[1] == TriggerCancelled(
        account=taker, market=PUNKS, trigger=stop, reason=Cancel.TRIGGER_REPLACED
    )


def test_order_that_fills_at_once_leaves_its_triggers_awake(world: World, maker: int, taker: int) -> None:
    world.does(world.order(maker, -1, ONE, PRICE))
    bracket(world, taker)
    assert world.state.sleepers == {}
    assert fired(world, 290_000)


@pytest.mark.parametrize("how", ["cancel", "cancel all", "expire"])
def test_order_that_leaves_without_a_fill_takes_them_with_it(world: World, taker: int, how: str) -> None:
    order, profit, stop = bracket(world, taker, expires=world.at + 10**9)
    if how == "cancel":
        events = world.does(world.signed(c.CancelOrder, taker, market=PUNKS, order=order))
    elif how == "cancel all":
        events = world.does(world.signed(c.CancelAll, taker))
    else:
        world.wait(2)
        events = orders.expire_orders(world.state)
    gone = [event for event in events if isinstance(event, OrderCancelled | TriggerCancelled)]
    reason = Cancel.EXPIRED if how == "expire" else Cancel.USER
    assert isinstance(gone[0], OrderCancelled)
    assert gone[1:] == [
        TriggerCancelled(account=taker, market=PUNKS, trigger=number, reason=reason)
        for number in (profit, stop)
    ]
    assert (world.state.triggers, world.state.sleepers, world.state.trigger_ids) == ({}, {}, {})


def test_what_has_woken_stays_when_the_rest_is_cancelled(world: World, maker: int, taker: int) -> None:
    order, profit, stop = bracket(world, taker)
    world.does(world.order(maker, -1, 1, PRICE))
    world.does(world.signed(c.CancelOrder, taker, market=PUNKS, order=order))
    assert list(world.state.triggers) == [profit, stop]


def test_triggers_follow_an_order_that_is_replaced(world: World, maker: int, taker: int) -> None:
    order, *_ = bracket(world, taker)
    change = {"market": PUNKS, "order": order, "price": PRICE - 10, "lots": ONE}
    cancelled, placed = world.does(world.signed(c.ModifyOrder, taker, **change))
    assert isinstance(cancelled, OrderCancelled)
    assert isinstance(placed, OrderPlaced)
    assert list(world.state.sleepers) == [placed.order]
    assert broken(world.state) == []
    world.does(world.order(maker, -1, ONE, PRICE - 10))
    assert world.state.sleepers == {}


def test_replacement_that_fills_at_once_wakes_them(world: World, maker: int, taker: int) -> None:
    order, *_ = bracket(world, taker)
    world.does(world.order(maker, -1, ONE, PUNKS_PRICE))
    change = {"market": PUNKS, "order": order, "price": PUNKS_PRICE, "lots": ONE}
    events = world.does(world.signed(c.ModifyOrder, taker, **change))
    assert isinstance(events[-1], OrderFilled)
    assert world.state.sleepers == {}
    assert broken(world.state) == []


def test_batch_of_rows_wakes_and_cancels_as_well(world: World, maker: int, taker: int) -> None:
    order, *_ = bracket(world, taker)
    sale = rows.ROW.pack(rows.PLACE, -1, rows.GTC, 0, maker, PUNKS, 0, 0, PRICE, 1, 0)
    world.engine.apply_batch(world.state.seq + 1, world.at, sale)
    assert world.state.sleepers == {}
    other, *_ = bracket(world, taker, price=PRICE - 50)
    cancel = rows.ROW.pack(rows.CANCEL, 0, 0, 0, taker, PUNKS, 0, other, 0, 0, 0)
    world.engine.apply_batch(world.state.seq + 1, world.at, cancel)
    assert (world.state.sleepers, len(world.state.triggers)) == ({}, 2)
    assert broken(world.state) == []
    assert order != other


def test_trigger_without_its_order_is_refused(world: World, maker: int) -> None:
    immediate = entry(price=PRICE, tif=c.IOC)
    off = entry(price=0)
    for parent in (immediate, off):
        _, orphan = of_steps(world.apply(bundle(world, maker, parent, child(290_000, above=False))))
        assert orphan == [Rejected(reason=Reject.UNKNOWN_ORDER, account=maker)]
    assert world.state.triggers == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"after_step": 1},
        {"after_step": 99},
        {"whole_position": True, "reduce_only": False},
        {"client_id": b"short"},
    ],
)
def test_parts_that_do_not_go_together_are_refused(world: World, maker: int, changes: dict[str, Any]) -> None:
    steps = (entry(), child(290_000, above=False, **changes))
    _, refused = of_steps(world.apply(bundle(world, maker, *steps)))
    assert refused == [Rejected(reason=Reject.BAD_ORDER_KIND, account=maker)]


def test_only_a_bundle_has_parents(world: World, maker: int) -> None:
    _, fields = child(290_000, above=False)
    assert world.refuses(world.signed(c.PlaceTrigger, maker, **fields)) == Reject.BAD_ORDER_KIND


def test_whole_position_is_as_large_as_it_is_then(world: World, maker: int, taker: int) -> None:
    world.trade(taker, maker, ONE, PUNKS_PRICE)
    _, fields = child(290_000, above=False, after_step=-1, whole_position=True, lots=1)
    world.does(world.signed(c.PlaceTrigger, taker, **fields))
    world.trade(taker, maker, ONE, PUNKS_PRICE)
    world.does(world.order(maker, 1, 3 * ONE, 289_000))
    fired(world, 290_000)
    assert world.state.kernel.position(taker, PUNKS)[0] == 0


def whole(world: World, account: int, trigger_price: int, **changes: Any) -> int:
    fields = {"after_step": -1, "whole_position": True, "group": 0} | changes
    _, said = child(trigger_price, above=False, **fields)
    (placed,) = world.does(world.signed(c.PlaceTrigger, account, **said))
    assert isinstance(placed, TriggerPlaced)
    return placed.trigger


def test_closed_position_takes_its_trigger_with_it(world: World, maker: int, taker: int) -> None:
    world.trade(taker, maker, 2 * ONE, PUNKS_PRICE)
    number = whole(world, taker, 290_000)
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    assert number in world.state.triggers
    world.does(world.order(maker, 1, ONE, PUNKS_PRICE))
    events = world.does(world.order(taker, -1, ONE, PUNKS_PRICE))
    assert events[-1] == TriggerCancelled(
        account=taker, market=PUNKS, trigger=number, reason=Cancel.REDUCE_ONLY
    )
    assert broken(world.state) == []


def test_position_that_turns_takes_its_trigger_with_it(world: World, maker: int, taker: int) -> None:
    world.trade(taker, maker, ONE, PUNKS_PRICE)
    whole(world, taker, 290_000)
    world.trade(maker, taker, 3 * ONE, PUNKS_PRICE)
    assert world.state.triggers == {}


def test_of_two_reached_together_the_first_leaves_nothing_to_the_second(
    world: World, maker: int, taker: int
) -> None:
    world.trade(taker, maker, ONE, PUNKS_PRICE)
    first, second = whole(world, taker, 290_000), whole(world, taker, 291_000)
    world.does(world.order(maker, 1, 3 * ONE, 289_000))
    events = fired(world, 290_000)
    assert [event.trigger for event in events if isinstance(event, TriggerFired)] == [first]
    assert [event.trigger for event in events if isinstance(event, TriggerCancelled)] == [second]


def test_batch_that_closes_a_position_takes_its_trigger_with_it(world: World, maker: int, taker: int) -> None:
    world.trade(taker, maker, ONE, PUNKS_PRICE)
    whole(world, taker, 290_000)
    lines = [(1, maker), (-1, taker)]
    batch = b"".join(
        rows.ROW.pack(rows.PLACE, side, rows.GTC, 0, account, PUNKS, 0, 0, PUNKS_PRICE, ONE, 0)
        for side, account in lines
    )
    world.engine.apply_batch(world.state.seq + 2, world.at, batch)
    assert world.state.triggers == {}


def test_client_id_names_a_waiting_trigger_and_then_its_order(world: World, maker: int) -> None:
    _, fields = child(290_000, above=False, after_step=-1, reduce_only=False, price=291_000, client_id=NAME)
    (placed,) = world.does(world.signed(c.PlaceTrigger, maker, **fields))
    assert isinstance(placed, TriggerPlaced)
    assert world.refuses(world.signed(c.PlaceTrigger, maker, **fields)) == Reject.DUPLICATE_CLIENT_ID
    assert world.refuses(world.order(maker, 1, ONE, PRICE, client_id=NAME)) == Reject.DUPLICATE_CLIENT_ID
    assert broken(world.state) == []
    order = next(event for event in fired(world, 290_000) if isinstance(event, OrderPlaced))
    assert order.client_id == NAME
    assert world.state.client_orders == {maker: {NAME: order.order}}
    assert broken(world.state) == []


def test_trigger_is_cancelled_and_replaced_by_client_id(world: World, maker: int) -> None:
    _, fields = child(290_000, above=False, after_step=-1, client_id=NAME)
    (placed,) = world.does(world.signed(c.PlaceTrigger, maker, **fields))
    assert isinstance(placed, TriggerPlaced)
    world.does(world.signed(c.PlaceTrigger, maker, **fields, replaces=placed.trigger))
    (gone,) = world.does(world.signed(c.CancelOrder, maker, market=PUNKS, client_id=NAME))
    assert isinstance(gone, TriggerCancelled)
    assert (world.state.triggers, world.state.client_orders) == ({}, {})
    assert (
        world.refuses(world.signed(c.ModifyOrder, maker, market=PUNKS, client_id=NAME, price=1, lots=1))
        == Reject.UNKNOWN_ORDER
    )


def test_replaced_sleeper_sleeps_on(world: World, taker: int) -> None:
    order, profit, stop = bracket(world, taker)
    _, fields = child(320_000, above=True, after_step=-1)
    world.does(world.signed(c.PlaceTrigger, taker, **fields, replaces=profit))
    assert fired(world, 320_000) == []
    assert world.state.sleepers == {order: [stop, stop + 1]}
    assert broken(world.state) == []
