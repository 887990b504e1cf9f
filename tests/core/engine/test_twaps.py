"""TWAP orders: docs/spec/triggers.md §3."""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import twaps
from floorbook.core.events import OrderFilled, Rejected, TwapEnded, TwapPlaced
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.units import SECOND_NS
from tests.core.engine.world import ONE, PUNKS, PUNKS_PRICE, World

WILD = [-1, 2**63, 2**70, -(2**70)]
DAY_S = 86_400


def twap(world: World, account: int, **changes: Any) -> c.PlaceTwap:
    """Return a command: buy one punk in four slices of 25 lots over two minutes."""
    fields = {"market": PUNKS, "side": 1, "lots": ONE, "duration": 120 * SECOND_NS}
    command: c.PlaceTwap = world.signed(c.PlaceTwap, account, **fields | changes)
    return command


def start(world: World, account: int, **changes: Any) -> int:
    (placed,) = world.does(twap(world, account, **changes))
    assert isinstance(placed, TwapPlaced)
    return placed.twap


def traded(events: list[Any]) -> int:
    return sum(event.lots for event in events if isinstance(event, OrderFilled))


def test_equal_slices_every_thirty_seconds(world: World, maker: int, taker: int) -> None:
    world.does(world.order(maker, -1, 2 * ONE, PUNKS_PRICE))
    number = start(world, taker)
    assert twaps.run(world.state) == []
    for _ in range(3):
        world.wait(29)
        assert twaps.run(world.state) == []
        world.wait(1)
        assert traded(twaps.run(world.state)) == 25
    world.wait(30)
    events = twaps.run(world.state)
    assert traded(events) == 25
    assert events[-1] == TwapEnded(account=taker, market=PUNKS, twap=number, filled=ONE)
    assert world.state.twaps == {}


def test_missed_slices_are_caught_up_three_at_a_time(world: World, maker: int, taker: int) -> None:
    """Ten slices of 10; nothing on offer for 60 s: the third slice trades min(30, 30), as 3 x 10 allows."""
    start(world, taker, duration=300 * SECOND_NS)
    for _ in range(2):
        world.wait(30)
        assert traded(twaps.run(world.state)) == 0
    world.does(world.order(maker, -1, 2 * ONE, PUNKS_PRICE))
    world.wait(30)
    assert traded(twaps.run(world.state)) == 30
    world.wait(150)  # five slices late in one tick: 50 are due, 30 are allowed
    assert traded(twaps.run(world.state)) == 30
    world.wait(30)
    assert traded(twaps.run(world.state)) == 30
    world.wait(30)
    events = twaps.run(world.state)
    assert traded(events) == 10
    assert events[-1].filled == ONE


def test_slice_pays_at_most_three_percent_beyond_the_mark(world: World, maker: int, taker: int) -> None:
    world.does(world.order(maker, -1, 5, 309_000))  # 3 % above 300,000
    world.does(world.order(maker, -1, 20, 309_001))
    start(world, taker)
    world.wait(30)
    assert traded(twaps.run(world.state)) == 5


def test_what_is_missing_after_the_last_slice_is_not_traded(world: World, taker: int) -> None:
    number = start(world, taker)
    world.wait(500)
    events = twaps.run(world.state)
    assert events[-1] == TwapEnded(account=taker, market=PUNKS, twap=number, filled=0)
    assert world.state.kernel.counts()[2] == 0  # immediate: nothing rests


def test_reduce_only_ends_with_the_position(world: World, maker: int, taker: int) -> None:
    world.trade(taker, maker, 40, PUNKS_PRICE)
    world.does(world.order(maker, 1, ONE, PUNKS_PRICE))
    number = start(world, taker, side=-1, reduce_only=True)
    fills = []
    for _ in range(3):
        world.wait(30)
        events = twaps.run(world.state)
        fills.append(traded(events))
    assert fills == [25, 15, 0]
    assert events == [
        Rejected(reason=Reject.WOULD_INCREASE, account=taker),
        TwapEnded(account=taker, market=PUNKS, twap=number, filled=40),
    ]


def test_closed_market_lets_slices_pass(world: World, maker: int, taker: int) -> None:
    world.does(world.order(maker, -1, 2 * ONE, PUNKS_PRICE))
    start(world, taker)
    world.set_status("pause")
    world.wait(30)
    assert twaps.run(world.state) == []
    world.set_status("resume")
    world.wait(30)
    assert traded(twaps.run(world.state)) == 50


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({"market": market}, Reject.UNKNOWN_MARKET) for market in [2, *WILD]),
        *(({"side": side}, Reject.BAD_ORDER_KIND) for side in [0, 2, 2**70]),
        *(({"lots": lots}, Reject.SIZE_NOT_POSITIVE) for lots in [0, -1, -(2**70)]),
        *(({"lots": lots}, Reject.SIZE_TOO_LARGE) for lots in [2**20 + 1, 2**70]),
        ({"lots": 3}, Reject.SIZE_BELOW_MINIMUM),  # four slices
        *(({"duration": ns}, Reject.BAD_PARAMETER) for ns in [0, DAY_S * SECOND_NS + 1, *WILD]),
        ({"lots": 0, "duration": 0}, Reject.SIZE_NOT_POSITIVE),
    ],
)
def test_impossible_twaps(world: World, maker: int, changes: dict[str, Any], reason: Reject) -> None:
    assert world.refuses(twap(world, maker, **changes)) == reason


def test_market_or_account_that_admits_none(world: World, maker: int) -> None:
    world.set_status("halt")
    assert world.refuses(twap(world, maker, lots=0)) == Reject.MARKET_REDUCE_ONLY
    world.set_status("pause")
    assert world.refuses(twap(world, maker, lots=0)) == Reject.MARKET_CLOSED
    world.set_status("resume")
    world.state.kernel.set_account(maker, rows.FROZEN, 0)
    assert world.refuses(twap(world, maker, lots=0)) == Reject.ACCOUNT_FROZEN


def test_twaps_are_limited(world: World, maker: int) -> None:
    for _ in range(twaps.TWAPS_PER_ACCOUNT_MAX):
        start(world, maker)
    assert world.refuses(twap(world, maker)) == Reject.TOO_MANY_ORDERS
    assert world.refuses(twap(world, maker, duration=0)) == Reject.TOO_MANY_ORDERS


def test_stopped_twap_is_gone(world: World, maker: int, taker: int) -> None:
    number = start(world, maker)
    for account, other in [(taker, number), *((maker, wild) for wild in [0, 99, *WILD])]:
        assert world.refuses(world.signed(c.CancelTwap, account, twap=other)) == Reject.UNKNOWN_ORDER
    events = world.does(world.signed(c.CancelTwap, maker, twap=number))
    assert events == [TwapEnded(account=maker, market=PUNKS, twap=number, filled=0)]


def test_a_market_that_ends_stops_its_twaps(world: World, maker: int, taker: int) -> None:
    numbers = [start(world, maker), start(world, taker)]
    kept = start(world, maker, market=1, lots=1_000)
    assert [event.twap for event in twaps.cancel_market(world.state, world.market())] == numbers
    assert list(world.state.twaps) == [kept]
