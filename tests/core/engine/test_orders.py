"""Placing, changing and cancelling; client ids; good-till-time; the published order of the reasons."""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import naming, orders
from floorbook.core.events import OrderCancelled, OrderFilled, OrderPlaced, OrderReduced, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.units import LOTS_MAX, SECOND_NS
from tests.core.engine.world import ETH_USD, ONE, PUNKS, PUNKS_PRICE, T0, World

ID, OTHER_ID = b"0123456789abcdef", b"fedcba9876543210"
WILD = [-1, 2**63, 2**64, 2**70, -(2**70)]
LATER = T0 + 60 * SECOND_NS


def resting(world: World, account: int, **fields: Any) -> int:
    """Place a bid one tick below the mark and return its id."""
    events = world.does(world.order(account, 1, ONE, PUNKS_PRICE - 1, **fields))
    assert isinstance(events[0], OrderPlaced)
    return events[0].order


# ---- placing -----------------------------------------------------------------------------------


def test_order_rests_under_its_client_id(world: World, maker: int) -> None:
    events = world.does(world.order(maker, 1, ONE, PUNKS_PRICE, client_id=ID))
    placed = OrderPlaced(
        account=maker, market=PUNKS, order=events[0].order, side=1, price=PUNKS_PRICE, lots=ONE, client_id=ID
    )
    assert events == [placed]
    assert world.state.client_orders == {maker: {ID: placed.order}}
    assert world.state.order_clients == {placed.order: (maker, ID)}


def test_client_id_is_free_again_when_the_order_is_gone(world: World, maker: int, taker: int) -> None:
    world.does(world.order(maker, 1, ONE, PUNKS_PRICE, client_id=ID))
    world.does(world.order(taker, -1, ONE, PUNKS_PRICE, client_id=ID))  # filled at once: never bound
    assert world.state.client_orders == {}
    assert world.state.order_clients == {}
    world.does(world.order(maker, 1, ONE, PUNKS_PRICE, client_id=ID))
    world.does(world.signed(c.CancelOrder, maker, market=PUNKS, client_id=ID))
    assert world.state.client_orders == {}


def test_client_ids_are_the_accounts_own(world: World, maker: int, taker: int) -> None:
    resting(world, maker, client_id=ID)
    assert world.refuses(world.order(maker, 1, 1, PUNKS_PRICE, client_id=ID)) == Reject.DUPLICATE_CLIENT_ID
    resting(world, taker, client_id=ID)
    resting(world, maker, client_id=OTHER_ID)


CASES: list[tuple[dict[str, Any], Reject]] = [
    *(({"market": market}, Reject.UNKNOWN_MARKET) for market in [2, *WILD]),
    *(({"side": side}, Reject.BAD_ORDER_KIND) for side in [0, 2, *WILD[1:]]),
    *(({"tif": tif}, Reject.BAD_ORDER_KIND) for tif in [4, 255, 256, *WILD]),
    ({"tif": c.IOC, "expires": LATER}, Reject.BAD_ORDER_KIND),
    ({"tif": c.FOK, "expires": LATER}, Reject.BAD_ORDER_KIND),
    ({"at_market": True, "price": 0}, Reject.BAD_ORDER_KIND),  # good till cancelled
    ({"at_market": True, "tif": c.IOC}, Reject.BAD_ORDER_KIND),  # with a price
    ({"client_id": b"short"}, Reject.BAD_ORDER_KIND),
    ({"client_id": ID + b"x"}, Reject.BAD_ORDER_KIND),
    *(({"lots": lots}, Reject.SIZE_NOT_POSITIVE) for lots in [0, -1, -(2**70)]),
    *(({"lots": lots}, Reject.SIZE_TOO_LARGE) for lots in [2**20 + 1, LOTS_MAX + 1, 2**63, 2**70]),
    *(({"price": price}, Reject.PRICE_NOT_POSITIVE) for price in [0, -1, -(2**70)]),
    *(({"price": price}, Reject.PRICE_TOO_LARGE) for price in [2**24 + 1, 2**31, 2**63, 2**70]),
    ({"price": 315_001}, Reject.PRICE_OUTSIDE_BAND),  # mark + 5 %
    *(({"expires": at}, Reject.EXPIRY_IN_PAST) for at in [T0, 1, -1, -(2**70)]),
    ({"reduce_only": True}, Reject.WOULD_INCREASE),
    ({"lots": 334}, Reject.POSITION_LIMIT),  # 100.2 ETH
]


@pytest.mark.parametrize(("change", "reason"), CASES)
def test_impossible_orders(world: World, maker: int, change: dict[str, Any], reason: Reject) -> None:
    fields = {"market": PUNKS, "side": 1, "lots": ONE, "price": PUNKS_PRICE} | change
    assert world.refuses(world.signed(c.PlaceOrder, maker, **fields)) == reason


@pytest.mark.parametrize(("change", "reason"), CASES)
def test_duplicate_client_id_has_its_place_in_the_order(
    world: World, maker: int, change: dict[str, Any], reason: Reject
) -> None:
    resting(world, maker, client_id=ID)
    fields = {"market": PUNKS, "side": 1, "lots": ONE, "price": PUNKS_PRICE, "client_id": ID} | change
    expected = reason if reason < Reject.DUPLICATE_CLIENT_ID else Reject.DUPLICATE_CLIENT_ID
    assert world.refuses(world.signed(c.PlaceOrder, maker, **fields)) == expected


def test_duplicate_client_id_of_a_market_order(world: World, maker: int) -> None:
    resting(world, maker, client_id=ID)
    order = world.order(maker, 1, 1, tif=c.IOC, at_market=True, client_id=ID)
    assert world.refuses(order) == Reject.DUPLICATE_CLIENT_ID


def test_smallest_order(empty: World) -> None:
    empty.does(empty.list_market(lots_min=5))
    empty.set_status("open")
    empty.mark(PUNKS_PRICE)
    owner = empty.open_account(b"maker", eth=100)
    assert empty.refuses(empty.order(owner, 1, 4, PUNKS_PRICE)) == Reject.SIZE_BELOW_MINIMUM
    empty.does(empty.order(owner, 1, 5, PUNKS_PRICE))


def test_order_that_the_book_or_the_account_cannot_bear(world: World, maker: int, taker: int) -> None:
    world.does(world.order(maker, -1, ONE, PUNKS_PRICE))
    cross = world.order(taker, 1, ONE, PUNKS_PRICE, tif=c.POST_ONLY)
    assert world.refuses(cross) == Reject.WOULD_CROSS
    whole = world.order(taker, 1, 2 * ONE, PUNKS_PRICE, tif=c.FOK)
    assert world.refuses(whole) == Reject.NOT_FILLABLE
    pauper = world.open_account(b"pauper", eth=3)  # one punk needs 3.5
    assert world.refuses(world.order(pauper, 1, ONE, PUNKS_PRICE)) == Reject.INSUFFICIENT_MARGIN


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("halt", Reject.MARKET_REDUCE_ONLY),
        ("pause", Reject.MARKET_CLOSED),
        ("wind_down", Reject.MARKET_CLOSED),
    ],
)
def test_market_that_admits_no_new_orders(world: World, maker: int, action: str, reason: Reject) -> None:
    world.set_status(action)
    # The status comes before the order's own faults.
    assert world.refuses(world.order(maker, 0, -1, -1)) == reason


def test_frozen_account_does_nothing(world: World, maker: int) -> None:
    order = resting(world, maker)
    world.state.kernel.set_account(maker, rows.FROZEN, 0)
    frozen = Reject.ACCOUNT_FROZEN
    assert world.refuses(world.order(maker, 0, -1, -1)) == frozen
    modify = world.signed(c.ModifyOrder, maker, market=PUNKS, order=order, price=1, lots=1)
    assert world.refuses(modify) == frozen
    assert world.refuses(world.signed(c.CancelOrder, maker, market=PUNKS, order=order)) == frozen
    assert world.refuses(world.signed(c.CancelAll, maker)) == frozen
    unknown = world.signed(c.CancelOrder, maker, market=9, order=order)
    assert world.refuses(unknown) == Reject.UNKNOWN_MARKET
    assert world.refuses(world.signed(c.CancelAll, maker, market=9)) == Reject.UNKNOWN_MARKET


def test_market_order_takes_what_is_there(world: World, maker: int, taker: int) -> None:
    world.does(world.order(maker, -1, ONE, PUNKS_PRICE))
    events = world.does(world.order(taker, 1, 2 * ONE, tif=c.IOC, at_market=True))
    assert [type(event) for event in events] == [OrderPlaced, OrderFilled, OrderCancelled]
    assert events[2].reason == Cancel.IMMEDIATE
    assert world.state.kernel.position(taker, PUNKS)[0] == ONE


# ---- changing ----------------------------------------------------------------------------------


def test_smaller_size_keeps_the_order(world: World, maker: int) -> None:
    order = resting(world, maker, client_id=ID)
    command = world.signed(c.ModifyOrder, maker, market=PUNKS, client_id=ID, price=PUNKS_PRICE - 1, lots=60)
    assert world.does(command) == [
        OrderReduced(account=maker, market=PUNKS, order=order, price=PUNKS_PRICE - 1, lots=60)
    ]
    assert world.state.client_orders[maker][ID] == order


def test_client_id_and_expiry_follow_a_changed_order(world: World, maker: int) -> None:
    old = resting(world, maker, client_id=ID, expires=LATER)
    command = world.signed(c.ModifyOrder, maker, market=PUNKS, order=old, price=PUNKS_PRICE - 5, lots=ONE)
    cancelled, placed = world.does(command)
    assert (cancelled.order, cancelled.reason) == (old, Cancel.MODIFIED)
    assert (placed.client_id, placed.price) == (ID, PUNKS_PRICE - 5)
    assert world.state.client_orders == {maker: {ID: placed.order}}
    assert world.state.order_clients == {placed.order: (maker, ID)}
    world.wait(60)
    assert [event.order for event in orders.expire_orders(world.state)] == [placed.order]
    assert world.state.client_orders == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        *(({"market": market}, Reject.UNKNOWN_MARKET) for market in WILD),
        *(({"order": order}, Reject.UNKNOWN_ORDER) for order in WILD),
        ({"order": 0}, Reject.UNKNOWN_ORDER),
        ({"order": 0, "client_id": OTHER_ID}, Reject.UNKNOWN_ORDER),
        ({"market": ETH_USD}, Reject.UNKNOWN_ORDER),
        *(({"lots": lots}, Reject.SIZE_NOT_POSITIVE) for lots in [0, -1, -(2**70)]),
        *(({"lots": lots}, Reject.SIZE_TOO_LARGE) for lots in [2**20 + 1, 2**70]),
        *(({"price": price}, Reject.PRICE_NOT_POSITIVE) for price in [0, -1, -(2**70)]),
        *(({"price": price}, Reject.PRICE_TOO_LARGE) for price in [2**24 + 1, 2**70]),
        ({"price": 315_001}, Reject.PRICE_OUTSIDE_BAND),
        ({"lots": 334}, Reject.POSITION_LIMIT),
    ],
)
def test_impossible_changes(world: World, maker: int, change: dict[str, Any], reason: Reject) -> None:
    order = resting(world, maker, client_id=ID)
    fields = {"market": PUNKS, "order": order, "price": PUNKS_PRICE - 1, "lots": ONE} | change
    assert world.refuses(world.signed(c.ModifyOrder, maker, **fields)) == reason


def test_nobody_changes_or_cancels_anothers_order(world: World, maker: int, taker: int) -> None:
    order = resting(world, maker, client_id=ID)
    change = world.signed(c.ModifyOrder, taker, market=PUNKS, order=order, price=1, lots=1)
    assert world.refuses(change) == Reject.UNKNOWN_ORDER
    for name in ({"order": order}, {"client_id": ID}):
        cancel = world.signed(c.CancelOrder, taker, market=PUNKS, **name)
        assert world.refuses(cancel) == Reject.UNKNOWN_ORDER


# ---- cancelling --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", WILD)
def test_cancelling_what_does_not_exist(world: World, maker: int, order: int) -> None:
    command = world.signed(c.CancelOrder, maker, market=PUNKS, order=order)
    assert world.refuses(command) == Reject.UNKNOWN_ORDER


def test_cancel_needs_a_market_that_is_not_over(world: World, maker: int) -> None:
    order = resting(world, maker)
    command = world.signed(c.CancelOrder, maker, market=2, order=order)
    assert world.refuses(command) == Reject.UNKNOWN_MARKET
    world.set_status("pause")
    events = world.does(world.signed(c.CancelOrder, maker, market=PUNKS, order=order))
    assert [event.reason for event in events] == [Cancel.USER]
    world.set_status("wind_down")
    command = world.signed(c.CancelOrder, maker, market=PUNKS, order=order)
    assert world.refuses(command) == Reject.MARKET_CLOSED


def test_cancel_all_clears_orders_triggers_and_twaps(world: World, maker: int, taker: int) -> None:
    resting(world, maker)
    resting(world, taker)
    world.does(world.order(maker, 1, 10, 199_000, market=ETH_USD))
    for market in (PUNKS, ETH_USD):
        trigger = {"market": market, "side": 1, "lots": 9, "trigger_price": 9, "above": False}
        world.does(world.signed(c.PlaceTrigger, maker, reduce_only=False, **trigger))
        twap = {"market": market, "side": 1, "lots": 100, "duration": 60 * SECOND_NS}
        world.does(world.signed(c.PlaceTwap, maker, **twap))
    events = world.does(world.signed(c.CancelAll, maker, market=PUNKS))
    assert [type(event).__name__ for event in events] == ["OrderCancelled", "TriggerCancelled", "TwapEnded"]
    assert {event.market for event in events} == {PUNKS}
    events = world.does(world.signed(c.CancelAll, maker))
    assert [type(event).__name__ for event in events] == ["OrderCancelled", "TriggerCancelled", "TwapEnded"]
    assert {event.market for event in events} == {ETH_USD}
    assert world.does(world.signed(c.CancelAll, maker)) == []
    assert world.state.kernel.counts()[2] == 1  # the taker's
    assert world.state.trigger_ids == {}


# ---- good-till-time ----------------------------------------------------------------------------


def test_orders_expire_at_their_time(world: World, maker: int) -> None:
    late = resting(world, maker, expires=T0 + 2 * SECOND_NS)
    early = resting(world, maker, expires=T0 + SECOND_NS)
    gone = resting(world, maker, expires=T0 + SECOND_NS)
    world.does(world.signed(c.CancelOrder, maker, market=PUNKS, order=gone))
    assert orders.expire_orders(world.state) == []
    world.wait(1)
    events = orders.expire_orders(world.state)
    assert [(event.order, event.reason) for event in events] == [(early, Cancel.EXPIRED)]
    world.wait(1)
    assert [event.order for event in orders.expire_orders(world.state)] == [late]
    assert world.state.expiries == []


def test_expiry_beyond_all_time_fits(world: World, maker: int) -> None:
    resting(world, maker, expires=2**70)
    assert world.state.expiries[0][0] == 2**63 - 1
    world.state.dump()


def test_dead_expiries_do_not_pile_up(world: World, maker: int) -> None:
    kept = resting(world, maker, expires=LATER)
    for _ in range(2 * naming.EXPIRIES_SPARE):
        order = resting(world, maker, expires=LATER)
        world.does(world.signed(c.CancelOrder, maker, market=PUNKS, order=order))
    assert len(world.state.expiries) <= naming.EXPIRIES_SPARE + 4
    world.wait(60)
    assert [event.order for event in orders.expire_orders(world.state)] == [kept]


def test_rejection_names_the_account(world: World, maker: int) -> None:
    assert world.apply(world.order(maker, 0, 1, 1)) == [Rejected(reason=Reject.BAD_ORDER_KIND, account=maker)]
