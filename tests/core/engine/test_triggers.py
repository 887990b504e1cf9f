"""Orders that wait for the mark: docs/spec/triggers.md §1 and §2."""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import triggers
from floorbook.core.events import (
    OrderFilled,
    OrderPlaced,
    Rejected,
    TriggerCancelled,
    TriggerFired,
    TriggerPlaced,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from tests.core.engine.world import ETH_USD, ONE, PUNKS, PUNKS_PRICE, World

WILD = [-1, 2**63, 2**70, -(2**70)]


def trigger(world: World, account: int, **changes: Any) -> c.PlaceTrigger:
    """Return a command: buy one punk at market when the mark rises to 31 ETH."""
    fields = {
        "market": PUNKS, "side": 1, "lots": ONE, "trigger_price": 310_000, "above": True,
        "reduce_only": False,
    }  # fmt: skip
    command: c.PlaceTrigger = world.signed(c.PlaceTrigger, account, **fields | changes)
    return command


def place(world: World, account: int, **changes: Any) -> int:
    (placed,) = world.does(trigger(world, account, **changes))
    assert isinstance(placed, TriggerPlaced)
    return placed.trigger


def fired(world: World, mark: int) -> list[Any]:
    world.mark(mark)
    return triggers.fire(world.state, world.market())


def test_trigger_waits_until_the_mark_reaches_it(world: World, maker: int, taker: int) -> None:
    number = place(world, taker)
    world.does(world.order(maker, -1, ONE, 310_000))
    assert fired(world, 309_999) == []
    events = fired(world, 310_000)
    assert events[0] == TriggerFired(account=taker, market=PUNKS, trigger=number, mark=310_000)
    assert [type(event) for event in events[1:]] == [OrderPlaced, OrderFilled]
    assert world.state.kernel.position(taker, PUNKS)[0] == ONE
    assert (world.state.triggers, world.state.trigger_ids, world.market().above) == ({}, {}, [])


def test_trigger_below_fires_when_the_mark_falls(world: World, maker: int) -> None:
    number = place(world, maker, trigger_price=290_000, above=False, price=291_000)
    assert fired(world, 290_001) == []
    events = fired(world, 290_000)
    assert [event.trigger for event in events[:1]] == [number]
    placed = events[1]
    assert (placed.price, placed.lots, placed.side) == (291_000, ONE, 1)
    assert world.state.kernel.order(placed.order) is not None  # a limit order rests


def test_oldest_fires_first_whatever_its_price(world: World, maker: int) -> None:
    numbers = [
        place(world, maker, trigger_price=price, above=above, price=300_000, lots=1)
        for price, above in [(302_000, True), (301_000, True), (305_000, False), (303_001, True)]
    ]
    events = fired(world, 303_000)
    assert [e.trigger for e in events if isinstance(e, TriggerFired)] == numbers[:3]
    assert list(world.state.triggers) == numbers[3:]


def test_one_cancels_the_other_in_every_market(world: World, maker: int, taker: int) -> None:
    stop = place(world, maker, group=7)
    profit = place(world, maker, trigger_price=290_000, above=False, group=7)
    far = place(world, maker, market=ETH_USD, trigger_price=1, above=False, lots=10, group=7)
    also_reached = place(world, maker, trigger_price=300_000, group=7)
    others = [
        place(world, maker, trigger_price=400_000, group=8),
        place(world, taker, trigger_price=1, above=False, group=7),
    ]
    events = fired(world, 310_000)
    assert [e.trigger for e in events if isinstance(e, TriggerFired)] == [stop]
    cancelled = [e for e in events if isinstance(e, TriggerCancelled)]
    assert [e.trigger for e in cancelled] == [profit, far, also_reached]
    assert {e.reason for e in cancelled} == {Cancel.TRIGGER_REPLACED}
    assert list(world.state.triggers) == others


def test_trigger_that_finds_nothing_to_reduce_is_spent(world: World, maker: int) -> None:
    place(world, maker, reduce_only=True)
    events = fired(world, 310_000)
    assert events[1:] == [Rejected(reason=Reject.WOULD_INCREASE, account=maker)]
    assert world.state.triggers == {}


def test_reduce_only_trigger_clamps_to_the_position(world: World, maker: int, taker: int) -> None:
    world.trade(taker, maker, 40, PUNKS_PRICE)
    world.does(world.order(maker, 1, ONE, 290_000))
    place(world, taker, side=-1, trigger_price=295_000, above=False, reduce_only=True)
    events = fired(world, 295_000)
    assert sum(e.lots for e in events if isinstance(e, OrderFilled)) == 40
    assert world.state.kernel.position(taker, PUNKS)[0] == 0


def test_triggers_wait_while_no_order_is_admitted(world: World, maker: int) -> None:
    place(world, maker)
    world.set_status("pause")
    assert fired(world, 310_000) == []
    world.set_status("resume")
    assert len(fired(world, 310_000)) > 1


# ---- placing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({"market": market}, Reject.UNKNOWN_MARKET) for market in [2, *WILD]),
        *(({"replaces": number}, Reject.UNKNOWN_ORDER) for number in [5, *WILD]),
        *(({"side": side}, Reject.BAD_ORDER_KIND) for side in [0, 2, 2**70]),
        *(({"group": group}, Reject.BAD_ORDER_KIND) for group in WILD),
        *(({"lots": lots}, Reject.SIZE_NOT_POSITIVE) for lots in [0, -1, -(2**70)]),
        *(({"lots": lots}, Reject.SIZE_TOO_LARGE) for lots in [2**20 + 1, 2**70]),
        *(({"trigger_price": price}, Reject.PRICE_NOT_POSITIVE) for price in [0, -1, -(2**70)]),
        *(({"trigger_price": price}, Reject.PRICE_TOO_LARGE) for price in [2**24 + 1, 2**70]),
        *(({"price": price}, Reject.PRICE_NOT_POSITIVE) for price in [-1, -(2**70)]),
        *(({"price": price}, Reject.PRICE_TOO_LARGE) for price in [2**24 + 1, 2**70]),
        # the first that applies
        ({"replaces": 5, "side": 0, "lots": 0, "trigger_price": 0}, Reject.UNKNOWN_ORDER),
        ({"side": 0, "lots": 0, "trigger_price": 0}, Reject.BAD_ORDER_KIND),
        ({"lots": 0, "trigger_price": 0}, Reject.SIZE_NOT_POSITIVE),
        ({"price": 2**24 + 1, "trigger_price": 0}, Reject.PRICE_NOT_POSITIVE),
    ],
)
def test_impossible_triggers(world: World, maker: int, changes: dict[str, Any], reason: Reject) -> None:
    assert world.refuses(trigger(world, maker, **changes)) == reason


def test_band_counts_only_when_it_fires(world: World, maker: int) -> None:
    place(world, maker, price=400_000)
    events = fired(world, 310_000)
    assert events[1:] == [Rejected(reason=Reject.PRICE_OUTSIDE_BAND, account=maker)]


@pytest.mark.parametrize(
    ("action", "reason"), [("halt", Reject.MARKET_REDUCE_ONLY), ("pause", Reject.MARKET_CLOSED)]
)
def test_market_that_admits_no_new_triggers(world: World, maker: int, action: str, reason: Reject) -> None:
    world.set_status(action)
    assert world.refuses(trigger(world, maker, replaces=9)) == reason


def test_frozen_account_places_no_trigger(world: World, maker: int) -> None:
    world.state.kernel.set_account(maker, rows.FROZEN, 0)
    assert world.refuses(trigger(world, maker, replaces=9)) == Reject.ACCOUNT_FROZEN


def test_triggers_are_limited_but_replaceable(
    world: World, maker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert triggers.TRIGGERS_PER_ACCOUNT_MAX == 200
    monkeypatch.setattr(triggers, "TRIGGERS_PER_ACCOUNT_MAX", 2)
    first, second = place(world, maker), place(world, maker)
    assert world.refuses(trigger(world, maker)) == Reject.TOO_MANY_ORDERS
    # Too many is said only after what is wrong with the trigger itself.
    assert world.refuses(trigger(world, maker, lots=0)) == Reject.SIZE_NOT_POSITIVE
    events = world.does(trigger(world, maker, replaces=first, trigger_price=320_000))
    third = events[1].trigger
    assert events == [
        TriggerCancelled(account=maker, market=PUNKS, trigger=first, reason=Cancel.MODIFIED),
        TriggerPlaced(account=maker, market=PUNKS, trigger=third),
    ]
    assert world.market().above == [(310_000, second), (320_000, third)]


def test_refused_replacement_leaves_the_old_one(world: World, maker: int) -> None:
    number = place(world, maker)
    assert world.refuses(trigger(world, maker, replaces=number, lots=0)) == Reject.SIZE_NOT_POSITIVE
    assert list(world.state.triggers) == [number]


# ---- cancelling --------------------------------------------------------------------------------


def test_cancelled_trigger_is_gone(world: World, maker: int, taker: int) -> None:
    number = place(world, maker)
    for account, other in [(taker, number), *((maker, wild) for wild in [0, 5, *WILD])]:
        command = world.signed(c.CancelTrigger, account, trigger=other)
        assert world.refuses(command) == Reject.UNKNOWN_ORDER
    events = world.does(world.signed(c.CancelTrigger, maker, trigger=number))
    assert events == [TriggerCancelled(account=maker, market=PUNKS, trigger=number, reason=Cancel.USER)]
    assert (world.state.triggers, world.market().above) == ({}, [])


def test_a_market_that_ends_drops_its_triggers(world: World, maker: int, taker: int) -> None:
    numbers = [place(world, maker), place(world, taker, above=False, trigger_price=1)]
    kept = place(world, maker, market=ETH_USD, trigger_price=190_000, lots=10)
    events = triggers.cancel_market(world.state, world.market(), Cancel.MARKET_CLOSED)
    assert [event.trigger for event in events] == numbers
    assert list(world.state.triggers) == [kept]


def test_state_with_triggers_survives_a_dump(world: World, maker: int) -> None:
    place(world, maker, group=2**63 - 1)
    dump = world.state.dump()
    world.state.load(dump)
    assert world.state.dump() == dump
    assert isinstance(fired(world, 310_000)[0], TriggerFired)
