"""Price-time priority, kinds of orders, modify and cancel; expectations worked out by hand."""

from typing import Any

import pytest

from floorbook.core.kernel.rows import (
    ALL_MARKETS,
    CANCEL_ALL,
    CANCELLED,
    FILLED,
    FOK,
    GTC,
    IOC,
    LIQUIDATION,
    MARKET,
    PLACED,
    POST_ONLY,
    REDUCE_ONLY,
    REDUCED,
    REJECTED,
    SETTLED,
)
from floorbook.core.reasons import Cancel, Reject
from tests.core.kernel.world import (
    BUY,
    MAKER,
    OTHER,
    SELL,
    TAKER,
    WHALE,
    cancel,
    modify,
    open_world,
    order_of,
    place,
    sample,
    told,
)

FIRST = 1 << 24  # generation 1 of slot 0


def test_an_order_rests_with_its_terms(make: Any) -> None:
    kernel = open_world(make)
    assert place(kernel, MAKER, BUY, 990, 7, now=5, expires=9) == [
        (PLACED, 0, BUY, 0, 0, FIRST, 0, MAKER, 0, 990, 7, 0, 0)
    ]
    assert kernel.order(FIRST) == (FIRST, MAKER, 0, BUY, 990, 7, 0, 9, 5)
    assert kernel.best(0) == (990, 0)
    assert kernel.depth(0, BUY, 5) == [(990, 7, 1)]
    assert kernel.position(MAKER, 0) == (0, 0, 7, 0)
    assert kernel.counts() == (1, 6, 1)


def test_best_price_first_then_the_earliest(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_001, 5)
    place(kernel, OTHER, SELL, 1_000, 5)
    place(kernel, WHALE, SELL, 1_000, 5)
    assert told(place(kernel, TAKER, BUY, 1_001, 12)) == [
        (PLACED, 0, TAKER, 0, 1_001, 12),
        (FILLED, 0, TAKER, OTHER, 1_000, 5),
        (FILLED, 0, TAKER, WHALE, 1_000, 5),
        (FILLED, 0, TAKER, MAKER, 1_001, 2),
    ]
    assert kernel.depth(0, SELL, 5) == [(1_001, 3, 1)]


def test_what_is_left_of_a_limit_order_rests_at_its_price(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, BUY, 1_000, 5)
    place(kernel, TAKER, SELL, 995, 8)
    assert kernel.best(0) == (0, 995)
    assert kernel.position(TAKER, 0) == (-5, -5_000_000, 0, 3)


def test_immediate_or_cancel(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_000, 5)
    assert told(place(kernel, TAKER, BUY, 1_000, 8, IOC)) == [
        (PLACED, 0, TAKER, 0, 1_000, 8),
        (FILLED, 0, TAKER, MAKER, 1_000, 5),
        (CANCELLED, Cancel.IMMEDIATE, TAKER, 0, 1_000, 3),
    ]
    assert kernel.counts()[2] == 0


def test_fill_or_kill_takes_all_or_changes_nothing(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_000, 5)
    place(kernel, OTHER, SELL, 1_002, 5)
    before = kernel.state_hash()
    assert told(place(kernel, TAKER, BUY, 1_002, 11, FOK)) == [
        (REJECTED, Reject.NOT_FILLABLE, TAKER, 0, 1_002, 11)
    ]
    assert told(place(kernel, TAKER, BUY, 1_001, 6, FOK))[0][1] == Reject.NOT_FILLABLE
    assert kernel.state_hash() == before
    assert [row[0] for row in told(place(kernel, TAKER, BUY, 1_002, 10, FOK))] == [PLACED, FILLED, FILLED]


def test_fill_or_kill_does_not_count_its_owners_orders(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, TAKER, SELL, 1_000, 5)
    place(kernel, MAKER, SELL, 1_000, 5)
    assert told(place(kernel, TAKER, BUY, 1_000, 6, FOK))[0][1] == Reject.NOT_FILLABLE
    assert [row[:2] for row in told(place(kernel, TAKER, BUY, 1_000, 5, FOK))] == [
        (PLACED, 0),
        (CANCELLED, Cancel.SELF_TRADE),
        (FILLED, 0),
    ]


def test_post_only(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_000, 5)
    assert told(place(kernel, OTHER, BUY, 1_000, 5, POST_ONLY))[0][1] == Reject.WOULD_CROSS
    assert told(place(kernel, OTHER, BUY, 999, 5, POST_ONLY)) == [(PLACED, 0, OTHER, 0, 999, 5)]
    assert told(place(kernel, WHALE, SELL, 999, 5, POST_ONLY))[0][1] == Reject.WOULD_CROSS


def test_a_market_order_runs_to_the_band(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, BUY, 950, 5)
    place(kernel, MAKER, BUY, 890, 5)  # beyond the band: it may rest, nothing fills it
    assert told(place(kernel, TAKER, SELL, 0, 8, IOC, MARKET)) == [
        (PLACED, 0, TAKER, 0, 900, 8),
        (FILLED, 0, TAKER, MAKER, 950, 5),
        (CANCELLED, Cancel.IMMEDIATE, TAKER, 0, 900, 3),
    ]


def test_good_till_time_ends_before_it_fills(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_000, 5, expires=10)
    place(kernel, OTHER, SELL, 1_000, 5, expires=11)
    assert told(place(kernel, TAKER, BUY, 1_000, 5, now=10)) == [
        (PLACED, 0, TAKER, 0, 1_000, 5),
        (CANCELLED, Cancel.EXPIRED, MAKER, 0, 1_000, 5),
        (FILLED, 0, TAKER, OTHER, 1_000, 5),
    ]


def test_a_maker_outside_a_newer_band_leaves(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 950, 5)
    sample(kernel, band_low=960)
    assert told(place(kernel, TAKER, BUY, 1_000, 5, IOC))[1] == (
        CANCELLED, Cancel.OUT_OF_BAND, MAKER, 0, 950, 5,
    )  # fmt: skip


def test_self_trade_cancels_the_resting_order_of_every_account_of_the_owner(make: Any) -> None:
    kernel = open_world(make)
    second = kernel.open_account(MAKER)
    kernel.adjust(second, 0, 10**9)
    place(kernel, MAKER, SELL, 1_000, 5)
    place(kernel, OTHER, SELL, 1_000, 5)
    assert told(place(kernel, second, BUY, 1_000, 5)) == [
        (PLACED, 0, second, 0, 1_000, 5),
        (CANCELLED, Cancel.SELF_TRADE, MAKER, 0, 1_000, 5),
        (FILLED, 0, second, OTHER, 1_000, 5),
    ]


# Reduce-only.


def long_taker(make: Any, lots: int = 10) -> Any:
    """Return a world in which TAKER is long and MAKER short."""
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_000, lots)
    place(kernel, TAKER, BUY, 1_000, lots)
    return kernel


def test_reduce_only_must_reduce_and_is_clamped(make: Any) -> None:
    kernel = long_taker(make)
    assert told(place(kernel, TAKER, BUY, 990, 5, GTC, REDUCE_ONLY))[0][1] == Reject.WOULD_INCREASE
    assert told(place(kernel, OTHER, SELL, 990, 5, GTC, REDUCE_ONLY))[0][1] == Reject.WOULD_INCREASE
    assert told(place(kernel, TAKER, SELL, 1_010, 15, GTC, REDUCE_ONLY)) == [(PLACED, 0, TAKER, 0, 1_010, 10)]
    assert kernel.position(TAKER, 0) == (10, 10_000_000, 0, 0)  # it reserves nothing


def test_a_reduce_only_maker_is_clamped_at_its_fill_and_leaves_with_the_position(make: Any) -> None:
    kernel = long_taker(make)
    order = order_of(place(kernel, TAKER, SELL, 1_010, 10, GTC, REDUCE_ONLY))
    later = order_of(place(kernel, TAKER, SELL, 1_020, 10, GTC, REDUCE_ONLY))
    place(kernel, OTHER, BUY, 1_005, 7)
    place(kernel, TAKER, SELL, 1_005, 7)
    assert kernel.position(TAKER, 0)[0] == 3
    events = place(kernel, OTHER, BUY, 1_020, 20, IOC)
    assert told(events) == [
        (PLACED, 0, OTHER, 0, 1_020, 20),
        (FILLED, 0, OTHER, TAKER, 1_010, 3),
        (CANCELLED, Cancel.REDUCE_ONLY, TAKER, 0, 1_020, 10),
        (CANCELLED, Cancel.REDUCE_ONLY, TAKER, 0, 1_010, 7),
        (CANCELLED, Cancel.IMMEDIATE, OTHER, 0, 1_020, 17),
    ]
    assert (events[2][5], events[3][5]) == (later, order)


def test_a_trade_outside_the_book_drops_reduce_only_orders_too(make: Any) -> None:
    kernel = long_taker(make)
    place(kernel, TAKER, SELL, 1_010, 10, GTC, REDUCE_ONLY)
    assert told(kernel.trade(2, 0, OTHER, TAKER, 10, 9_000_000)) == [
        (SETTLED, 0, OTHER, TAKER, 9_000_000, 10),
        (CANCELLED, Cancel.REDUCE_ONLY, TAKER, 0, 1_010, 10),
    ]


def test_a_reducing_market_admits_only_what_reduces(make: Any) -> None:
    kernel = long_taker(make)
    sample(kernel, mode=2)
    assert told(place(kernel, TAKER, BUY, 1_000, 2))[0][1] == Reject.MARKET_REDUCE_ONLY
    assert told(place(kernel, TAKER, SELL, 1_000, 11))[0][1] == Reject.MARKET_REDUCE_ONLY
    order = order_of(place(kernel, TAKER, SELL, 1_000, 6))
    assert told(place(kernel, TAKER, SELL, 1_000, 5))[0][1] == Reject.MARKET_REDUCE_ONLY
    assert told(modify(kernel, TAKER, order, 1_000, 11))[0][1] == Reject.MARKET_REDUCE_ONLY
    assert [row[0] for row in told(modify(kernel, TAKER, order, 1_000, 10))] == [CANCELLED, PLACED]


# Modify and cancel.


def test_a_smaller_size_keeps_id_and_priority(make: Any) -> None:
    kernel = open_world(make)
    order = order_of(place(kernel, MAKER, SELL, 1_000, 9))
    place(kernel, OTHER, SELL, 1_000, 9)
    assert modify(kernel, MAKER, order, 1_000, 4) == [
        (REDUCED, 0, SELL, 0, 0, order, 0, MAKER, 0, 1_000, 4, 0, 0)
    ]
    assert kernel.position(MAKER, 0)[3] == 4
    assert told(place(kernel, TAKER, BUY, 1_000, 6))[1:] == [
        (FILLED, 0, TAKER, MAKER, 1_000, 4),
        (FILLED, 0, TAKER, OTHER, 1_000, 2),
    ]


@pytest.mark.parametrize(("price", "lots"), [(1_000, 10), (1_001, 9), (1_001, 4)])
def test_any_other_change_is_a_new_order(make: Any, price: int, lots: int) -> None:
    kernel = open_world(make)
    order = order_of(place(kernel, MAKER, SELL, 1_000, 9))
    place(kernel, OTHER, SELL, price, 5)
    events = modify(kernel, MAKER, order, price, lots)
    assert told(events) == [
        (CANCELLED, Cancel.MODIFIED, MAKER, 0, 1_000, 9),
        (PLACED, 0, MAKER, 0, price, lots),
    ]
    assert events[1][5] == order + FIRST  # the same slot, its next generation
    assert [row[1] for row in kernel.open_orders(MAKER)] == [MAKER]
    assert told(place(kernel, TAKER, BUY, price, 5))[1] == (FILLED, 0, TAKER, OTHER, price, 5)


def test_a_modified_price_may_cross(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, BUY, 995, 5)
    order = order_of(place(kernel, TAKER, SELL, 1_005, 5))
    assert told(modify(kernel, TAKER, order, 995, 5))[2] == (FILLED, 0, TAKER, MAKER, 995, 5)


@pytest.mark.parametrize(
    ("price", "lots", "reason"),
    [
        (1_000, 1, Reject.SIZE_BELOW_MINIMUM),
        (1_000, 0, Reject.SIZE_NOT_POSITIVE),
        (1_000, 10_001, Reject.SIZE_TOO_LARGE),
        (899, 9, Reject.PRICE_OUTSIDE_BAND),
        (0, 9, Reject.PRICE_NOT_POSITIVE),
        (1_001, 10_000, Reject.INSUFFICIENT_MARGIN),
    ],
)
def test_a_refused_modify_leaves_the_order(make: Any, price: int, lots: int, reason: Reject) -> None:
    kernel = open_world(make)
    kernel.adjust(MAKER, 0, -(10**9) + 2 * 10**6)
    order = order_of(place(kernel, MAKER, SELL, 1_000, 9))
    before = kernel.state_hash()
    assert told(modify(kernel, MAKER, order, price, lots)) == [(REJECTED, reason, MAKER, 0, price, lots)]
    assert kernel.state_hash() == before
    assert kernel.risk(MAKER)[:2] == (1_100_000, 900_000)


def test_cancel_names_the_order_once(make: Any) -> None:
    kernel = open_world(make)
    order = order_of(place(kernel, MAKER, SELL, 1_000, 9))
    assert told(cancel(kernel, OTHER, order))[0][1] == Reject.UNKNOWN_ORDER
    assert cancel(kernel, MAKER, order) == [
        (CANCELLED, Cancel.USER, SELL, 0, 0, order, 0, MAKER, 0, 1_000, 9, 0, 0)
    ]
    assert told(cancel(kernel, MAKER, order))[0][1] == Reject.UNKNOWN_ORDER
    assert order_of(place(kernel, MAKER, SELL, 1_000, 9)) == order + FIRST


def test_the_slot_freed_last_is_used_first(make: Any) -> None:
    kernel = open_world(make)
    first, second = (order_of(place(kernel, MAKER, SELL, 1_000, 2)) for _ in range(2))
    cancel(kernel, MAKER, second)
    cancel(kernel, MAKER, first)
    assert [order_of(place(kernel, MAKER, SELL, 1_000, 2)) for _ in range(3)] == [
        first + FIRST, second + FIRST, FIRST + 2,
    ]  # fmt: skip


def test_cancel_all_goes_by_market_newest_first(make: Any) -> None:
    kernel = open_world(make)
    kernel.open_market(0, 1_000, 10**6, 10**4, 2)
    sample(kernel, market=1)
    orders = [order_of(place(kernel, MAKER, BUY, 990 + i, 2, market=i % 2)) for i in range(4)]
    place(kernel, OTHER, BUY, 990, 2)
    events = kernel.one(1, CANCEL_ALL, MAKER, ALL_MARKETS)
    assert [event[5] for event in events] == [orders[2], orders[0], orders[3], orders[1]]
    assert {event[1] for event in events} == {Cancel.USER}
    place(kernel, OTHER, BUY, 990, 2, market=1)
    assert len(kernel.cancel_orders(2, OTHER, 1, Cancel.LIQUIDATION)) == 1
    assert told(kernel.cancel_orders(2, OTHER, ALL_MARKETS, Cancel.DEAD_MAN)) == [
        (CANCELLED, Cancel.DEAD_MAN, OTHER, 0, 990, 2)
    ]


def test_rules_cancel_one_order_or_nothing(make: Any) -> None:
    kernel = open_world(make)
    order = order_of(place(kernel, MAKER, BUY, 990, 2))
    assert told(kernel.cancel_order(2, order, Cancel.TRIGGER_REPLACED)) == [
        (CANCELLED, Cancel.TRIGGER_REPLACED, MAKER, 0, 990, 2)
    ]
    assert kernel.cancel_order(2, order, Cancel.USER) == []
    assert kernel.cancel_order(2, -1, Cancel.USER) == kernel.cancel_order(2, 2**70, Cancel.USER) == []


# Questions and the ladder.


def test_quotes_count_only_what_rested_long_enough(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_000, 5, now=10)
    place(kernel, MAKER, SELL, 1_001, 5, now=20)
    place(kernel, OTHER, SELL, 1_001, 3, now=12)
    place(kernel, OTHER, SELL, 1_003, 4, now=12)
    assert kernel.quotes(0, SELL, 10**9, 12) == [(1_000, 5), (1_001, 3), (1_003, 4)]
    assert kernel.quotes(0, SELL, 5_000_001, 12) == [(1_000, 5), (1_001, 3)]
    assert kernel.quotes(0, SELL, 5_000_000, 12) == [(1_000, 5)]
    assert kernel.quotes(0, BUY, 1, 12) == []


def test_a_far_mark_moves_the_ladder_and_drops_what_it_cannot_hold(make: Any) -> None:
    kernel = open_world(make)
    old = order_of(place(kernel, MAKER, BUY, 950, 2))
    # The new window begins 131,072 ticks below the mark.
    events = sample(kernel, mark=400_000, band_low=380_000, band_high=420_000)
    assert [(event[1], event[5]) for event in events] == [(Cancel.OUT_OF_BAND, old)]
    place(kernel, MAKER, BUY, 399_000, 2)
    place(kernel, OTHER, SELL, 401_000, 2)
    assert sample(kernel, mark=470_000, band_low=380_000, band_high=480_000) == []
    assert kernel.best(0) == (399_000, 401_000)  # moved with the window
    assert told(place(kernel, TAKER, BUY, 401_000, 2))[1] == (FILLED, 0, TAKER, OTHER, 401_000, 2)
    assert told(place(kernel, TAKER, BUY, 330_000, 2))[0][1] == Reject.PRICE_OUTSIDE_BAND


def test_a_liquidation_ignores_the_freeze_and_its_own_margin(make: Any) -> None:
    kernel = long_taker(make)
    kernel.set_account(TAKER, 1, 0)
    kernel.adjust(TAKER, 0, -(10**9))
    place(kernel, OTHER, BUY, 990, 10)
    assert told(place(kernel, TAKER, SELL, 990, 10, IOC))[0][1] == Reject.ACCOUNT_FROZEN
    assert told(place(kernel, TAKER, SELL, 990, 10, IOC, REDUCE_ONLY | LIQUIDATION)) == [
        (PLACED, 0, TAKER, 0, 990, 10),
        (FILLED, LIQUIDATION, TAKER, OTHER, 990, 10),
    ]
