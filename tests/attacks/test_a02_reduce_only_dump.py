"""A2: sell a position to one's other name far below the mark, and leave the loss behind.

A has 2.6 ETH and a long of 24 ETH at 10x.  It sells reduce-only 21 % below the mark to its own B: B is 5 ETH
richer, A owes 2.5 ETH that it never had.  Audit: 10 ETH long 100 notional leave -90; at 50x a round in a
band of 10 % still leaves 8 ETH of bad debt.

Guards: fills within 5 % of the mark (2 % at 50x), and a fill that only reduces may lose at most the
maintenance margin it sets free (margin.md §6, §11).
"""

from functools import cache
from random import Random
from unittest.mock import patch

import pytest

from floorbook.core.rules import limits
from tests.attacks.arena import BUY, SELL, Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import ETH_USD, PUNKS
from tests.core.kernel.reference import ReferenceKernel


class CarelessKernel(ReferenceKernel):
    """The kernel without the price test of reducing fills."""

    def asset_terms(self) -> tuple[int, ...]:
        return *self.asset_prices, self.haircut_initial, self.haircut_maintenance

    def _improves(self, account: int, market: int, lots: int, loss: int) -> bool:
        return True


def dump(arena: Arena, market: int, edge_per_mille: int, fall_per_mille: int, *, resting: bool) -> int:
    """Buy from B at a high price, wait for a fall, sell to B at a low one; A walks away."""
    stake, notional = (2.6, 24) if market == PUNKS else (0.0, 100_000)
    dollars = 0 if market == PUNKS else 2_500
    a, b = arena.attacker(stake, dollars), arena.attacker(20 * stake, 20 * dollars)
    mark = arena.market(market).mark
    lots = arena.lots(notional, market)
    high = mark
    while lots and not arena.cross(a, b, lots, high, market):
        lots = lots * 9 // 10
    arena.price[market] = arena.price[market] * (1_000 - fall_per_mille) // 1_000
    arena.run(60, step=10)
    low = arena.market(market).mark * (1_000 - edge_per_mille) // 1_000
    if resting:
        arena.rest(a, SELL, lots, low, market=market, reduce_only=True)
        arena.take(b, BUY, lots, low, market=market)
    else:
        arena.rest(b, BUY, lots, low, market=market)
        arena.take(a, SELL, lots, low, market=market, reduce_only=True)
    return settled(arena, market)


def churn(seed: int, market: int) -> Arena:
    """Trade among four names at random prices within the band, withdrawing and paying in again."""
    arena, random = Arena(dollars=market == ETH_USD), Random(seed)
    stake = (10, 0) if market == PUNKS else (0, 20_000)
    names = [arena.attacker(*stake) for _ in range(4)]
    for _ in range(60):
        terms, (x, y) = arena.market(market), random.sample(names, 2)
        price = random.choice([*terms.band, terms.mark, (terms.mark + terms.band[0]) // 2])
        lots = random.choice(
            [1, abs(arena.size(x, market)) or 1, arena.lots(stake[0] * 9 or 900_000, market)]
        )
        side = random.choice([BUY, SELL])
        arena.rest(y, -side, lots, price, market=market, reduce_only=random.random() < 0.2)
        arena.take(x, side, lots, price, market=market, reduce_only=random.random() < 0.5)
        if random.random() < 0.1:
            arena.leave(x)
            arena.fund(x, terms.asset, (10**10, 2 * 10**10)[market])
        if random.random() < 0.3:
            arena.price[market] = arena.price[market] * random.randint(996, 1_004) // 1_000
            arena.run(20, step=10)
    return arena


def settled(arena: Arena, market: int) -> int:
    """Let everything end, take all money out, and return the attacker's profit."""
    arena.retire()
    arena.run(600, step=60)
    for account in arena.attackers:
        arena.leave(account)
    return arena.profit(arena.attackers)


@cache
def play() -> Outcome:
    with patch.object(limits, "band_ppb", lambda _: 950_000_000):
        without = dump(Arena(CarelessKernel()), PUNKS, 210, 0, resting=False)
    tried = []
    for market in (PUNKS, ETH_USD):
        for edge in (0, 10, 20, 50):
            for fall in (0, 5, 9, 20, 45):
                arena = Arena(dollars=market == ETH_USD)
                resting = (edge + fall) % 2 == 1
                tried.append((dump(arena, market, edge, fall, resting=resting), arena))
        for seed in range(6):
            arena = churn(seed, market)
            tried.append((settled(arena, market), arena))
    profit, arena = max(tried, key=lambda attempt: attempt[0])
    return Outcome(
        attack="A2",
        title="sell reduce-only to one's other name at a tick",
        guard="price band, price test of reducing fills",
        spec="margin.md §6, §11",
        without=without, profit=profit, insurance=arena.insurance() - arena.start_insurance,
        honest=arena.profit(arena.honest, walks_away=False), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_the_price_test_the_other_name_walks_away_with_what_nobody_paid_in() -> None:
    # 24 ETH sold 21 % below the mark lose 5 ETH, of which 2.6 are A's own.
    assert play().without > 2 * 10**9


def test_dumping_on_ones_other_name_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A02"] = play()
    assert play().profit <= 0


@pytest.mark.parametrize("fall", [0, 45])
def test_no_debt_is_left_behind_either(fall: int) -> None:
    arena = Arena()
    dump(arena, PUNKS, 50, fall, resting=False)
    assert arena.insurance() >= arena.start_insurance
