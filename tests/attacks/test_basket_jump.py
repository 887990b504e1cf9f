"""Trade a basket across its weekly rebalance, or against a component's drift that everybody knows.

An index that jumps when its weights are restored pays whoever stands on the right side the moment before;
one made of limited indices would hide the gap that a component charges for (A15).  Guards: the divisor is
set anew at the same index; components count raw, the basket has its own limit and surcharge (basket.md §2).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core.events import BasketRebalanced
from floorbook.core.reasons import Reject
from floorbook.core.rules import basket as rule
from floorbook.units import MINUTE_NS
from tests.attacks.page import Outcome
from tests.core.engine.test_baskets import BASKET, FIRST_PRICE, PRICES, Baskets
from tests.core.engine.world import ETHER

LOTS = 90  # 9 ETH at the first price


def opened() -> tuple[Baskets, int, int]:
    """A basket whose components have drifted apart; an attacker and an honest counterparty."""
    world = Baskets()
    world.open()
    world.prices = {0: PRICES[0] * 14 // 10, 1: PRICES[1] * 9 // 10, 2: PRICES[2] * 7 // 10}
    world.run(12 * 60, 30)
    attacker = world.open_account(b"attacker", eth=100)
    return world, attacker, world.open_account(b"honest", eth=100)


def across(side: int) -> tuple[int, int, int]:
    """Hold a position from just before a rebalance until just after; return gains and the jump [ticks]."""
    world, attacker, honest = opened()
    due = world.state.baskets[BASKET].rebalanced_at + rule.REBALANCE_NS
    world.run((due - world.at) // MINUTE_NS // 60 * 60 - 60, 60)
    world.run((due - world.at) // MINUTE_NS - 1, 1)
    mark, before = world.market(BASKET).mark, world.index()
    buyer, seller = (attacker, honest) if side > 0 else (honest, attacker)
    world.trade(buyer, seller, LOTS, mark, BASKET)
    events = world.run(5)
    assert any(isinstance(event, BasketRebalanced) for event in events)
    jump = world.index() - before
    buyer, seller = seller, buyer
    world.trade(buyer, seller, LOTS, world.market(BASKET).mark, BASKET)
    gains = [world.state.kernel.risk(account)[2] - 100 * ETHER for account in (attacker, honest)]
    return gains[0], gains[1], jump


def kept_divisor(total: int, index: int) -> int:
    """A basket that restores its weights and forgets its divisor: as at its first day."""
    return 10**18 // FIRST_PRICE


@cache
def play() -> Outcome:
    with patch.object(rule, "divisor", kept_divisor):
        without = max(across(side)[0] for side in (1, -1))
    tried = [across(side) for side in (1, -1)]
    best = max(tried)
    return Outcome(
        attack="basket",
        title="trade a basket across its rebalance",
        guard="divisor set anew at the same index",
        spec="basket.md §2",
        without=without, profit=best[0], insurance=0, honest=best[1], attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_a_forgotten_divisor_would_pay_for_knowing_the_day() -> None:
    assert play().without > 0


def test_a_rebalance_pays_nobody(ledger: dict[str, Outcome]) -> None:
    ledger["basket"] = play()
    assert play().profit <= 0
    assert all(across(side)[2] == 0 for side in (1, -1))


def test_a_components_known_drift_is_charged_for_in_the_basket_too() -> None:
    world, attacker, honest = opened()
    world.prices[0] = world.prices[0] * 15 // 10  # a jump that the limited indices will follow for hours
    world.run(1)
    assert world.market(0).index.limited < world.market(0).index.raw
    mark = world.market(BASKET).mark
    raw = world.index()
    assert raw > mark * 11 // 10
    # A tenth of 3.15 ETH would do but for the gap, a quarter of it more.
    lots, unit = LOTS // 3, world.market(BASKET).unit
    assert mark * lots * unit // 10 < ETHER < (raw - mark) * lots * unit + mark * lots * unit // 10
    poor = world.open_account(b"poor", eth=1)
    world.does(world.order(honest, -1, lots, mark, market=BASKET))
    assert world.refuses(world.order(poor, 1, lots, mark, market=BASKET)) == Reject.INSUFFICIENT_MARGIN
    world.does(world.order(attacker, 1, lots, mark, market=BASKET))
