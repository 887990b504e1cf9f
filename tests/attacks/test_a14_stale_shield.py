"""A14: hold one lot in a market that goes stale, and be immune with everything else.

The attacker is long and short PUNKS at 10x under two names.  The long also holds one lot of ETH-USD, whose
reports stop.  PUNKS falls.  If a stale market made the whole account untouchable, the long would lose its
10 % and no more, and the short would earn the whole fall.

Guards: staleness stops liquidation in the stale market only; its positions need a margin that grows by 1 %
a minute, so nothing leaves on an old price; after a day the market is wound up at its last average
(index.md §5).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.engine import liquidation
from floorbook.core.events import LiquidationStarted, MarketWoundDown
from floorbook.core.state import Market, State
from floorbook.units import MINUTE_NS, USDC
from tests.attacks.arena import BUY, DAY, HOUR, Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import DOLLAR, ETH_USD, PUNKS

closable = liquidation._closable


def shielded(state: State, account: int) -> list[Market]:
    """What the first draft did: an account with a position in a stale market is left alone."""
    held = [market for market in state.markets if state.kernel.position(account, market.id)[0]]
    return [] if any(market.index.stale_since for market in held) else closable(state, account)


def hide(fall_per_mille: int, *, lot_of: int = 1, minutes: int = 60, flees: bool = False) -> Arena:
    """Open the pair with the lot, let ETH-USD go stale and PUNKS fall; the short leaves with the long."""
    arena = Arena(dollars=True)
    other = arena.citizen(0, 100_000)
    long, short = arena.attacker(20 * 0.106), arena.attacker(20 * 0.3)
    arena.hire_maker()
    arena.grow_up()
    for maker in arena.makers:
        arena.cancel(maker)
    assert arena.cross(long, short, arena.lots(20), arena.market().mark)
    if lot_of:
        assert arena.cross(long, other, lot_of, arena.market(ETH_USD).mark, ETH_USD)
    arena.quote()
    arena.mark_honest()
    arena.silent.add(ETH_USD)
    arena.run(120, step=20)
    start = arena.price[PUNKS]

    def act() -> None:
        step = start * fall_per_mille // 1_000 // (minutes * 2)
        arena.price[PUNKS] = max(start * (1_000 - fall_per_mille) // 1_000, arena.price[PUNKS] - step)
        if flees:
            arena.leave(long)
        if not arena.size(long) and arena.size(short):
            arena.take(short, BUY, -arena.size(short), reduce_only=True)

    arena.requote_s = 60
    arena.run(minutes * 60 + 600, act, step=30)
    arena.finish()
    return arena


@cache
def play() -> Outcome:
    with patch.object(liquidation, "_closable", shielded):
        without = hide(200).profit_of_attacker()
    tried = [
        hide(fall, lot_of=lots, flees=flees)
        for fall in (60, 190)
        for lots, flees in ((1, False), (1, True), (1_000, True))
    ]
    best = max(tried, key=Arena.result)
    return Outcome(
        attack="A14",
        title="hide behind a stale market",
        guard="staleness is per market and asks margin",
        spec="index.md §5",
        without=without, profit=best.profit_of_attacker(), insurance=best.insurance_change(),
        honest=best.honest_change(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_a_shield_would_leave_the_loss_to_others() -> None:
    assert play().without > 10**9


def test_a_stale_lot_protects_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A14"] = play()
    assert play().profit <= 0


def test_the_account_with_the_stale_lot_is_liquidated_when_the_one_without_is() -> None:
    started = [
        [e.equity // 10**7 for e in hide(120, lot_of=lots).events(LiquidationStarted)] for lots in (0, 1)
    ]
    assert started[0]
    assert started[0] == started[1]


@pytest.mark.parametrize("minutes", [2, 10, 19])
def test_nothing_leaves_on_an_old_price(minutes: int) -> None:
    # Long 40,000 USD with 6,000: 2 % of the notional must stay, and 1 % for each minute of staleness.
    arena = Arena(dollars=True)
    long, other = arena.attacker(0, 6_000), arena.citizen(0, 100_000)
    assert arena.cross(long, other, 20_000, arena.market(ETH_USD).mark, ETH_USD)
    arena.silent.add(ETH_USD)
    arena.run(90 + minutes * 60, step=10)
    arena.leave(long)
    stale_ns = arena.at - arena.market(ETH_USD).index.stale_since
    assert stale_ns > (minutes - 1) * MINUTE_NS
    kept = arena.state.kernel.cash(long, USDC)
    assert kept >= min(
        5_900 * DOLLAR, max(4_000 * DOLLAR, 800 * DOLLAR + 400 * DOLLAR * stale_ns // MINUTE_NS)
    )


def test_after_a_day_of_silence_the_market_ends_at_its_last_average() -> None:
    arena = Arena(dollars=True)
    long, other = arena.attacker(0, 6_000), arena.citizen(0, 100_000)
    assert arena.cross(long, other, 20_000, arena.market(ETH_USD).mark, ETH_USD)
    arena.run(HOUR, step=60)
    arena.silent.add(ETH_USD)
    arena.run(DAY + HOUR, step=600)
    (end,) = arena.events(MarketWoundDown)
    assert end.price == arena.price[ETH_USD]
    arena.leave(long)
    assert arena.profit([long]) <= 0
