"""Every reason the kernel refuses for, in the published order, and what it does with impossible numbers."""

from typing import Any

import pytest

from floorbook.core.kernel.rows import (
    CANCEL,
    CANCEL_ALL,
    FOK,
    GTC,
    IOC,
    LIQUIDATION,
    MARKET,
    MODIFY,
    PLACE,
    POST_ONLY,
    REDUCE_ONLY,
    REJECTED,
)
from floorbook.core.reasons import Reject
from floorbook.units import CASH_MAX, LOTS_MAX, NOTIONAL_MAX, ORDERS_PER_ACCOUNT_MAX
from tests.core.kernel.world import (
    BUY,
    MAKER,
    OTHER,
    POOR,
    SELL,
    TAKER,
    cancel,
    modify,
    open_world,
    place,
    sample,
    told,
)

HUGE = 2**100
GOOD: dict[str, int] = {
    "account": MAKER,
    "market": 0,
    "side": BUY,
    "tif": GTC,
    "flags": 0,
    "price": 990,
    "lots": 5,
}
PLACEMENTS: list[tuple[Reject, dict[str, int]]] = [
    (Reject.UNKNOWN_ACCOUNT, {"account": 6}),
    (Reject.UNKNOWN_ACCOUNT, {"account": -1}),
    (Reject.UNKNOWN_ACCOUNT, {"account": HUGE}),
    (Reject.UNKNOWN_MARKET, {"market": 1}),
    (Reject.UNKNOWN_MARKET, {"market": -1}),
    (Reject.UNKNOWN_MARKET, {"market": HUGE}),
    (Reject.BAD_ORDER_KIND, {"side": 0}),
    (Reject.BAD_ORDER_KIND, {"side": 2}),
    (Reject.BAD_ORDER_KIND, {"side": -HUGE}),
    (Reject.BAD_ORDER_KIND, {"tif": 4}),
    (Reject.BAD_ORDER_KIND, {"tif": -1}),
    (Reject.BAD_ORDER_KIND, {"flags": 8}),
    (Reject.BAD_ORDER_KIND, {"flags": HUGE}),
    (Reject.BAD_ORDER_KIND, {"flags": MARKET}),  # a market order does not rest
    (Reject.BAD_ORDER_KIND, {"flags": MARKET, "tif": POST_ONLY}),
    (Reject.BAD_ORDER_KIND, {"tif": IOC, "expires": 9}),
    (Reject.BAD_ORDER_KIND, {"flags": LIQUIDATION, "tif": IOC}),
    (Reject.BAD_ORDER_KIND, {"flags": LIQUIDATION | REDUCE_ONLY, "tif": FOK}),
    (Reject.SIZE_NOT_POSITIVE, {"lots": 0}),
    (Reject.SIZE_NOT_POSITIVE, {"lots": -5}),
    (Reject.SIZE_NOT_POSITIVE, {"lots": -HUGE}),
    (Reject.SIZE_TOO_LARGE, {"lots": 10_001}),
    (Reject.SIZE_TOO_LARGE, {"lots": 2**63}),
    (Reject.SIZE_TOO_LARGE, {"lots": HUGE}),
    (Reject.SIZE_BELOW_MINIMUM, {"lots": 1}),
    (Reject.PRICE_NOT_POSITIVE, {"price": 0}),
    (Reject.PRICE_NOT_POSITIVE, {"price": -HUGE}),
    (Reject.PRICE_TOO_LARGE, {"price": 10**6 + 1}),
    (Reject.PRICE_TOO_LARGE, {"price": HUGE}),
    (Reject.PRICE_OUTSIDE_BAND, {"price": 1_101}),
    (Reject.PRICE_OUTSIDE_BAND, {"price": 899, "side": SELL}),
    (Reject.PRICE_OUTSIDE_BAND, {"price": 10**6, "side": SELL}),  # beyond the ladder
    (Reject.EXPIRY_IN_PAST, {"expires": 1}),
    (Reject.EXPIRY_IN_PAST, {"expires": -1}),
    (Reject.EXPIRY_IN_PAST, {"expires": -HUGE}),
    (Reject.WOULD_INCREASE, {"flags": REDUCE_ONLY}),
    (Reject.WOULD_CROSS, {"price": 1_000, "tif": POST_ONLY}),
    (Reject.POSITION_LIMIT, {"lots": 2_001}),
    (Reject.INSUFFICIENT_MARGIN, {"account": POOR}),
    (Reject.NOT_FILLABLE, {"price": 1_000, "tif": FOK, "lots": 8}),
]


def full_world(make: Any) -> Any:
    kernel = open_world(make, limit=2_000_000_000)
    kernel.adjust(MAKER, 0, 10**12)
    place(kernel, OTHER, SELL, 1_000, 7)
    return kernel


@pytest.mark.parametrize(("reason", "change"), PLACEMENTS)
def test_each_reason_to_refuse_a_placement(make: Any, reason: Reject, change: dict[str, int]) -> None:
    kernel = full_world(make)
    before = kernel.state_hash()
    (event,) = kernel.one(1, PLACE, **{**GOOD, **change})
    assert event[:2] == (REJECTED, reason)
    assert kernel.state_hash() == before


def test_placements_stand_in_the_published_order() -> None:
    reasons = [reason for reason, _ in PLACEMENTS]
    assert reasons == sorted(reasons)


def test_the_first_reason_is_the_answer(make: Any) -> None:
    """An order that is wrong in two ways is refused for the one that stands first."""
    kernel = full_world(make)
    pairs = [
        (first, {**GOOD, **change, **later})
        for first, change in PLACEMENTS[:-3]
        for reason, later in PLACEMENTS[:-3]
        if reason > first and not change.keys() & later.keys()
        if not (first == Reject.SIZE_BELOW_MINIMUM and reason == Reject.WOULD_INCREASE)  # no minimum there
    ]
    answers = [kernel.one(1, PLACE, **order)[0][1] for _, order in pairs]
    assert answers == [first for first, _ in pairs]
    assert len(pairs) > 300


def test_a_market_admits_what_its_mode_admits(make: Any) -> None:
    kernel = open_world(make)
    order = place(kernel, MAKER, BUY, 990, 5)[0][5]
    sample(kernel, mode=1)
    assert told(place(kernel, MAKER, BUY, 990, 5))[0][1] == Reject.MARKET_CLOSED
    assert told(modify(kernel, MAKER, order, 990, 4))[0][1] == Reject.MARKET_CLOSED
    sample(kernel, mode=0)
    assert told(cancel(kernel, MAKER, order))[0][1] == Reject.MARKET_CLOSED
    sample(kernel, mode=1)
    assert told(cancel(kernel, MAKER, order))[0][1] == 1
    sample(kernel, mode=2)
    assert told(place(kernel, MAKER, BUY, 990, 5))[0][1] == Reject.MARKET_REDUCE_ONLY


def test_a_frozen_account_may_only_cancel(make: Any) -> None:
    kernel = open_world(make)
    order = place(kernel, MAKER, BUY, 990, 5)[0][5]
    kernel.set_account(MAKER, 1, 0)
    assert told(place(kernel, MAKER, BUY, 990, 5))[0][1] == Reject.ACCOUNT_FROZEN
    assert told(modify(kernel, MAKER, order, 990, 4))[0][1] == Reject.ACCOUNT_FROZEN
    assert told(cancel(kernel, MAKER, order))[0][:2] == (3, 1)


@pytest.mark.parametrize("order", [0, 7, 2**24, 2 << 24, 2**53, 2**64 - 1, 2**64, -1, HUGE])
@pytest.mark.parametrize("kind", [CANCEL, MODIFY])
def test_orders_that_are_not_there(make: Any, kind: int, order: int) -> None:
    kernel = open_world(make)
    place(kernel, OTHER, BUY, 990, 5)  # 2**24 is live, but another's
    (event,) = kernel.one(1, kind, MAKER, 0, price=990, lots=5, order=order)
    assert event[:2] == (REJECTED, Reject.UNKNOWN_ORDER)
    assert kernel.order(order) is None or order == 2**24


@pytest.mark.parametrize(("account", "market"), [(99, 0), (-1, 0), (MAKER, 1), (MAKER, -1), (MAKER, HUGE)])
def test_cancel_all_of_what_is_not_there(make: Any, account: int, market: int) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, BUY, 990, 5)
    (event,) = kernel.one(1, CANCEL_ALL, account, market)
    assert event[1] == (Reject.UNKNOWN_MARKET if account == MAKER else Reject.UNKNOWN_ACCOUNT)
    assert kernel.counts()[2] == 1


@pytest.mark.parametrize("kind", [0, 5, 255, 256, -1, HUGE])
def test_commands_that_do_not_exist(make: Any, kind: int) -> None:
    (event,) = open_world(make).one(1, kind, MAKER, 0, BUY, price=990, lots=5)
    assert event == (REJECTED, Reject.BAD_ORDER_KIND, BUY, 0, 0, 0, 0, MAKER, 0, 990, 5, 0, 0)


def test_an_account_holds_so_many_orders_and_no_more(make: Any) -> None:
    kernel = open_world(make)
    kernel.open_market(0, 1_000, 10**6, 10**5, 2)
    sample(kernel, market=1)
    kernel.adjust(MAKER, 0, 10**12)
    # One dump with all of them but one, so that the plain builds need not place ten thousand.
    place(kernel, MAKER, BUY, 900, 2, market=1)
    order = kernel.order(2**24)
    header = kernel.dump()[: -8 * (len(order) + 4)]
    count = ORDERS_PER_ACCOUNT_MAX - 1
    numbers = [count, *[1] * count, 0, count]
    for slot in range(count):
        numbers += [2**24 | slot, *order[1:]]
    kernel.load(header + b"".join(number.to_bytes(8, "little", signed=True) for number in numbers))
    assert kernel.counts()[2] == count
    assert told(place(kernel, MAKER, BUY, 900, 2, market=1))[0][1] == 0
    assert told(place(kernel, MAKER, BUY, 900, 2, market=1))[0][1] == Reject.TOO_MANY_ORDERS
    assert told(place(kernel, MAKER, BUY, 900, 2, POST_ONLY, market=1))[0][1] == Reject.TOO_MANY_ORDERS
    assert told(place(kernel, MAKER, BUY, 900, 2, IOC, market=1))[0][1] == 0  # does not rest
    assert told(place(kernel, TAKER, BUY, 900, 2, market=1))[0][1] == 0


# What the engine must never ask for.


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("open_account", (99,)),
        ("open_market", (2, 1, 1, 1, 1)),
        ("open_market", (0, 1, 0, 1, 1)),
        ("open_market", (0, 1, 2**31, 1, 1)),
        ("open_market", (0, 1, 1, LOTS_MAX + 1, 1)),
        ("open_market", (0, 1, 1, 1, 2)),
        ("open_market", (0, 0, 1, 1, 1)),
        ("open_market", (0, NOTIONAL_MAX + 1, 1, 1, 1)),
        ("set_fees", (0, [])),
        ("set_fees", (0, [(100, -101)])),
        ("set_fees", (0, [(10**9 + 1, 0)])),
        ("set_fees", (0, [(0, 0)] * 9)),
        ("set_asset_prices", ([10**12], 1, 1)),
        ("set_asset_prices", ([10**12 + 1, 1], 1, 1)),
        ("set_asset_prices", ([10**12, 2**50 + 1], 1, 1)),
        ("set_asset_prices", ([10**12, 1], 0, 1)),
        ("set_account", (MAKER, 4, 0)),
        ("set_account", (MAKER, 0, 8)),
        ("set_rate", (MAKER, 0, 10**9 + 1)),
        ("set_limit", (MAKER, 0, NOTIONAL_MAX + 1)),
        ("set_credit", (MAKER, -1, 0)),
        ("set_credit", (MAKER, 0, CASH_MAX + 1)),
        ("adjust", (MAKER, 0, CASH_MAX)),
        ("one", (-1, PLACE, MAKER, 0)),
        ("one", (2**63, PLACE, MAKER, 0)),
        ("process", (1, b"x" * 47)),
        ("process", (-1, b"")),
        ("trade", (1, 0, MAKER, MAKER, 1, 1)),
        ("trade", (1, 0, MAKER, OTHER, 0, 1)),
        ("trade", (1, 0, MAKER, OTHER, LOTS_MAX + 1, 1)),
        ("trade", (1, 0, MAKER, OTHER, 1, NOTIONAL_MAX + 1)),
    ],
)
def test_contracts_are_asserted(make: Any, method: str, arguments: tuple[Any, ...]) -> None:
    kernel = open_world(make)
    before = kernel.state_hash()
    with pytest.raises((AssertionError, IndexError)):
        getattr(kernel, method)(*arguments)
    assert kernel.state_hash() == before


@pytest.mark.parametrize(
    "change",
    [
        {"mode": 4}, {"mark": 0}, {"mark": 10**6 + 1}, {"band_low": 0}, {"band_low": 1_200},
        {"band_high": 10**6 + 1}, {"open_interest_max": -1}, {"limit": NOTIONAL_MAX + 1},
        {"surcharge_buy": -1}, {"surcharge_sell": 10**9 + 1}, {"initial": []},
        {"initial": [(1, 1)]}, {"maintenance": [(1, 0)] * 5}, {"maintenance": [(10**9 + 1, 0)]},
    ],
)  # fmt: skip
def test_configure_asserts_its_ranges(make: Any, change: dict[str, Any]) -> None:
    kernel = open_world(make)
    before = kernel.state_hash()
    with pytest.raises(AssertionError):
        sample(kernel, **change)
    assert kernel.state_hash() == before


def test_an_owner_has_so_many_accounts(make: Any) -> None:
    kernel = open_world(make)
    for _ in range(63):
        kernel.open_account(MAKER)
    with pytest.raises(AssertionError):
        kernel.open_account(MAKER)
    with pytest.raises(AssertionError):
        kernel.open_account(7)  # a sub-account owns nothing
