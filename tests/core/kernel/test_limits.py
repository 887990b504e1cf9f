"""Every bound driven to its end, in each build: nothing wraps."""

from typing import Any

import pytest

from floorbook.core.kernel.rows import CANCELLED, GENERATION_MAX, IOC, MARKET, OPEN, PLACE, PLACED, SLOT_BITS
from floorbook.core.reasons import Cancel, Reject
from floorbook.units import ASSET_PRICE_MAX, CASH_MAX, LOTS_MAX, NOTIONAL_MAX, PPB_ONE, PRICE_MAX
from tests.core.kernel.builds import BUILDS
from tests.core.kernel.world import (
    BUY,
    ETH,
    FEES,
    MAKER,
    OTHER,
    SELL,
    TAKER,
    USDC,
    cancel,
    modify,
    open_world,
    order_of,
    place,
    sample,
    told,
)

# (unit, largest price, largest size) whose product is the largest notional, or just below it
CORNERS = [
    (1, 2**16, LOTS_MAX),
    (1, PRICE_MAX, NOTIONAL_MAX // PRICE_MAX),
    (NOTIONAL_MAX, 1, 1),
    (2**25, PRICE_MAX, 1),
    (999_983, 65_537, NOTIONAL_MAX // (999_983 * 65_537)),
]


def corner_world(make: Any, unit: int, price: int, lots: int, *, rate: int = PPB_ONE // 2) -> Any:
    """Return a world at the largest mark with the largest funds."""
    kernel = make()
    for _ in range(4):
        kernel.open_account()
    kernel.open_market(ETH, unit, price, lots, 1)
    for account in (MAKER, TAKER, OTHER):
        kernel.adjust(account, ETH, CASH_MAX)
    kernel.configure(
        0, OPEN, price, max(1, price - 1_000), price, LOTS_MAX, NOTIONAL_MAX, PPB_ONE, PPB_ONE,
        [(rate, 0), (PPB_ONE, NOTIONAL_MAX // 3)], [(rate // 2, 0), (PPB_ONE, NOTIONAL_MAX // 2)],
    )  # fmt: skip
    kernel.set_fees(0, [(PPB_ONE, -PPB_ONE), (1, 1)])
    return kernel


@pytest.mark.parametrize(("unit", "price", "lots"), CORNERS)
def test_the_largest_trade(make: Any, unit: int, price: int, lots: int) -> None:
    kernel = corner_world(make, unit, price, lots)
    notional = unit * price * lots
    assert notional > NOTIONAL_MAX * 999 // 1_000
    assert told(place(kernel, MAKER, SELL, price, lots))[0][1] == 0
    assert told(place(kernel, TAKER, BUY, price, lots))[1][5] == lots
    # Taker fee one whole notional, paid on to the maker as its rebate.
    assert kernel.cash(TAKER, ETH) == CASH_MAX - notional
    assert kernel.cash(MAKER, ETH) == CASH_MAX + notional
    assert kernel.quote(FEES, ETH) == 0
    assert kernel.position(TAKER, 0)[:2] == (lots, notional)
    initial = max((notional + 1) // 2, notional - NOTIONAL_MAX // 3)
    assert kernel.risk(TAKER)[:2] == (CASH_MAX - notional - initial, initial)
    assert kernel.sweep() == []


@pytest.mark.parametrize(("unit", "price", "lots"), CORNERS)
def test_the_largest_orders_on_both_sides_and_a_fall_of_the_mark(
    make: Any, unit: int, price: int, lots: int
) -> None:
    kernel = corner_world(make, unit, price, lots, rate=PPB_ONE)
    assert told(place(kernel, MAKER, SELL, price, lots))[0][1] == 0
    kernel.trade(1, 0, TAKER, MAKER, lots, unit * price * lots)
    assert told(place(kernel, TAKER, SELL, price, lots))[0][1] == 0
    reference = corner_world(BUILDS["reference"], unit, price, lots)
    for mark in (1, price, (price + 1) // 2):
        for other in (kernel, reference):
            other.configure(
                0, OPEN, mark, 1, price, LOTS_MAX, NOTIONAL_MAX, PPB_ONE, PPB_ONE,
                [(PPB_ONE, 0)] * 4, [(PPB_ONE, 0)] * 4,
            )  # fmt: skip
        copy = BUILDS["reference"]()
        copy.load(kernel.dump())
        assert [kernel.risk(account) for account in range(4)] == [copy.risk(account) for account in range(4)]
        assert kernel.sweep() == copy.sweep()


@pytest.mark.parametrize("count", [3, 8])
def test_debts_at_the_highest_asset_price(make: Any, count: int) -> None:
    """Values pass 2^70 ETH atoms here; rule (b) multiplies two of them."""
    kernel = open_world(make)
    kernel.set_asset_prices([10**12, ASSET_PRICE_MAX], 1, PPB_ONE)
    market = kernel.open_market(USDC, 1, 2**16, LOTS_MAX, 1)
    kernel.configure(
        market, OPEN, 2**16, 1, 2**16, LOTS_MAX, NOTIONAL_MAX, 0, 0, [(PPB_ONE, 0)], [(PPB_ONE // count, 0)]
    )
    kernel.trade(1, market, TAKER, MAKER, LOTS_MAX, NOTIONAL_MAX)
    kernel.adjust(TAKER, USDC, CASH_MAX // 16 // count)
    kernel.adjust(OTHER, USDC, CASH_MAX)
    kernel.adjust(OTHER, ETH, CASH_MAX // 2)
    place(kernel, OTHER, BUY, 2**16, LOTS_MAX, market=market)
    copy = BUILDS["reference"]()
    copy.load(kernel.dump())
    for lots in (LOTS_MAX, LOTS_MAX // 2 + 1, LOTS_MAX // 3):
        for price in (2**16, 2**16 - 1, 2**15, 1):
            answer = place(kernel, TAKER, SELL, price, lots, IOC, market=market)
            assert answer == place(copy, TAKER, SELL, price, lots, IOC, market=market)
    assert [kernel.risk(account) for account in range(6)] == [copy.risk(account) for account in range(6)]
    assert kernel.dump() == copy.dump()
    assert max(abs(number) for number in kernel.risk(OTHER)) > 2**64


def test_a_position_past_its_bound_is_refused_to_the_rules(make: Any) -> None:
    kernel = corner_world(make, 1, 2**16, LOTS_MAX)
    kernel.trade(1, 0, TAKER, MAKER, LOTS_MAX, NOTIONAL_MAX)
    with pytest.raises(AssertionError):
        kernel.trade(1, 0, TAKER, MAKER, 1, 1)


def test_a_sum_past_its_bound_stops_the_process(make: Any) -> None:
    kernel = corner_world(make, 1, 2**16, LOTS_MAX)
    for _ in range(16):  # the seller holds 2^60 + 16 * 2^56 = 2^61 then
        kernel.trade(1, 0, TAKER, MAKER, 1, NOTIONAL_MAX)
    with pytest.raises(AssertionError):
        kernel.trade(1, 0, TAKER, MAKER, 1, NOTIONAL_MAX)


def test_a_maker_whom_a_trade_has_moved_cannot_pass_the_bound(make: Any) -> None:
    kernel = corner_world(make, 2**20, 2**16, 2**20)
    kernel.set_fees(0, [(0, 0)])
    assert told(place(kernel, MAKER, SELL, 2**16, 2**20))[0][1] == 0
    kernel.trade(1, 0, TAKER, MAKER, 1, 2**36)
    kinds = [row[:2] for row in told(place(kernel, OTHER, BUY, 2**16, 2**20, IOC))]
    assert kinds == [(PLACED, 0), (CANCELLED, Cancel.MAKER_MARGIN), (CANCELLED, Cancel.IMMEDIATE)]


def test_the_largest_price_carries_an_order(make: Any) -> None:
    kernel = corner_world(make, 1, PRICE_MAX, 2**25)
    order = order_of(place(kernel, MAKER, SELL, PRICE_MAX, 1))
    assert kernel.best(0) == (0, PRICE_MAX)
    assert told(place(kernel, TAKER, BUY, 0, 1, IOC, MARKET))[1][4] == PRICE_MAX
    assert kernel.order(order) is None
    lowest = PRICE_MAX - 2**17
    kernel.set_fees(0, [(0, 0)])
    place(kernel, MAKER, BUY, lowest, 1)
    assert kernel.best(0) == (lowest, 0)
    assert told(place(kernel, MAKER, BUY, lowest - 1, 1))[0][1] == Reject.PRICE_OUTSIDE_BAND


def with_generation(kernel: Any, generation: int) -> Any:
    """Write a generation into the only slot of a kernel whose only order is gone."""
    numbers = [1, generation, 1, 0, 0]
    tail = b"".join(number.to_bytes(8, "little") for number in numbers)
    kernel.load(kernel.dump()[: -len(tail)] + tail)
    return kernel


def test_a_slot_retires_with_its_last_generation(make: Any) -> None:
    kernel = open_world(make)
    cancel(kernel, MAKER, order_of(place(kernel, MAKER, BUY, 990, 2)))
    with_generation(kernel, GENERATION_MAX - 1)
    last_but_one = order_of(place(kernel, MAKER, BUY, 990, 2))
    last = order_of(modify(kernel, MAKER, last_but_one, 991, 2)[1:])
    assert (last_but_one, last) == ((GENERATION_MAX - 1) << SLOT_BITS, GENERATION_MAX << SLOT_BITS)
    assert last < 2**53
    assert kernel.order(last_but_one) is None
    cancel(kernel, MAKER, last)
    assert order_of(place(kernel, MAKER, BUY, 990, 2)) == 1 << SLOT_BITS | 1
    assert kernel.order(last) is None


@pytest.mark.parametrize("name", ["reference", "uncompiled"])  # compiled, it would take 16 million orders
def test_all_slots_in_use(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make = BUILDS[name]
    monkeypatch.setitem(make.one.__globals__, "ORDERS_MAX", 4)
    kernel = open_world(make)
    orders = [order_of(place(kernel, MAKER, BUY, 990, 2)) for _ in range(4)]
    assert told(place(kernel, TAKER, BUY, 990, 2))[0][1] == Reject.TOO_MANY_ORDERS
    assert told(place(kernel, TAKER, BUY, 990, 2, IOC))[0][1] == Reject.TOO_MANY_ORDERS
    assert told(modify(kernel, MAKER, orders[0], 991, 2))[1][0] == 1  # its own slot is free by then
    cancel(kernel, MAKER, orders[3])
    assert told(place(kernel, TAKER, BUY, 990, 2))[0][1] == 0


def test_times_to_the_end(make: Any) -> None:
    kernel = open_world(make)
    end = 2**63 - 1
    order = order_of(place(kernel, MAKER, BUY, 990, 2, now=end - 1, expires=end))
    assert kernel.order(order)[7:] == (end, end - 1)
    assert told(place(kernel, MAKER, BUY, 990, 2, now=end, expires=2**80))[0][1] == Reject.EXPIRY_IN_PAST
    late = order_of(place(kernel, MAKER, BUY, 990, 2, now=5, expires=2**80))
    assert kernel.order(late)[7] == end


def test_events_and_trials_grow_their_room(make: Any) -> None:
    kernel = open_world(make)
    for _ in range(300):
        place(kernel, MAKER, SELL, 1_000, 2)
    assert len(kernel.one(1, PLACE, TAKER, 0, BUY, 2, 0, 1_000, 600)) == 301
    for _ in range(300):
        place(kernel, MAKER, BUY, 1_000, 2)
    assert len(kernel.one(1, 4, MAKER, 0)) == 300
    sample(kernel)
