"""A11: be first in the queue of deleveraging and get the loser's margin; or be last by trading with
oneself.

The attacker is short against longs at 10x and has the top rank.  The index falls until they are below their
maintenance margin; he buys the bids out of the way so that nobody can take them.  If deleveraging came
before the equity is gone, he would close at their zero price and collect about MM.

Guards: deleveraging only at E <= 0, where the zero price is no better than the mark; the rank counts an
owner's 24 hours, whatever was closed and reopened in between (deleveraging.md §1, §2).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core.engine import bankruptcy, closing, liquidation, risk
from floorbook.core.events import Deleveraged, Event, OrderCancelled, OrderFilled
from floorbook.core.reasons import Cancel
from floorbook.core.rules.margin import Risk
from floorbook.core.state import Market, State
from tests.attacks.arena import BUY, SELL, Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import ETHER, PUNKS

LONGS, EACH_ETH = 3, 20


def deleverage_at_once(state: State, market: Market, account: int, before: Risk) -> list[Event]:
    """What the first draft did: close against the queue although the account still has equity."""

    def zero_total(state: State, market: Market, account: int, lots: int) -> int:
        size = state.kernel.position(account, market.id)[0]
        return closing.zero_total(state, market, size, lots, risk.maintenance_risk(state, account))

    with patch.object(bankruptcy, "_zero_total", zero_total):
        return bankruptcy._deleverage(state, market, account)


def hunt(
    fall_per_mille: int, *, makers: bool = True, clears: bool = False, snipes: bool = False, pace: int = 1
) -> Arena:
    """Short the longs, let the index fall, keep others from taking them; return the arena at rest."""
    arena = Arena()
    for _ in range(LONGS):
        long, short = arena.citizen(EACH_ETH * 0.102), arena.attacker(EACH_ETH * 0.3)
        arena.cross(long, short, arena.lots(EACH_ETH), arena.market().mark)
    arena.start_short = sum(arena.size(account) for account in arena.attackers)
    if makers:
        arena.hire_maker()
        arena.grow_up()
    arena.mark_honest()
    start = arena.price[PUNKS]
    steps = 80

    def act() -> None:
        arena.price[PUNKS] = max(
            start * (1_000 - fall_per_mille) // 1_000, arena.price[PUNKS] - start * pace // 1_000
        )
        bid, _ = arena.state.kernel.best(PUNKS)
        if clears and bid > arena.price[PUNKS] * 950 // 1_000 and arena.price[PUNKS] < start * 955 // 1_000:
            arena.take(arena.attacker(60), SELL, arena.lots(45))
        if snipes:
            _snipe(arena)

    arena.run(steps * 40, act, step=20)
    for account in arena.attackers:
        arena.cancel(account)
    arena.run(900, step=20)
    return arena


def _snipe(arena: Arena) -> None:
    """Take a Dutch offer well below the index."""
    _, ask = arena.state.kernel.best(PUNKS)
    if ask and ask < arena.price[PUNKS] * 985 // 1_000:
        arena.take(arena.attacker(60), BUY, arena.lots(EACH_ETH), ask)


def gain(arena: Arena) -> int:
    """Return the profit beyond what the shorts earn by the fall alone [ETH atoms]."""
    moved = arena.price[PUNKS] - arena.opened_at
    return arena.profit_of_attacker() - arena.start_attacker - arena.start_short * moved * arena.market().unit


@cache
def play() -> Outcome:
    with patch.object(liquidation, "_close_slice", deleverage_at_once):
        without = gain(hunt(58, makers=False))
    tried = []
    for fall in (52, 58, 70, 78):
        idle = gain(hunt(fall))  # the funding that any short is paid
        for clears, snipes in ((True, False), (True, True), (False, True)):
            arena = hunt(fall, clears=clears, snipes=snipes)
            tried.append((gain(arena) - idle, arena))
    profit, best = max(tried, key=lambda attempt: attempt[0])
    return Outcome(
        attack="A11",
        title="collect margin by deleveraging",
        guard="deleveraging only at E <= 0, rank by owner and 24 h",
        spec="deleveraging.md §1, §2",
        without=without, profit=profit, insurance=best.insurance_change(), honest=best.honest_change(),
        attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_deleveraging_above_zero_equity_would_hand_over_the_margin() -> None:
    assert play().without > LONGS * EACH_ETH * ETHER * 3 // 100


def test_the_top_of_the_queue_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A11"] = play()
    assert play().profit <= 0


def test_nobody_is_deleveraged_while_there_is_equity_nor_at_a_price_better_than_the_mark() -> None:
    assert hunt(58, makers=False).events(Deleveraged) == []
    gone = hunt(200, makers=False, pace=200)  # at once: raw forbids the fund to take them
    closes = gone.events(Deleveraged)
    assert closes
    unit = gone.market().unit
    for close in closes:
        # A short buys back: never below the lowest mark of the fall.
        assert close.notional >= close.lots * gone.price[PUNKS] * unit


def test_trading_between_ones_own_accounts_changes_no_rank() -> None:
    arena = Arena()
    primary, other = arena.attacker(30), arena.citizen(30)
    second = arena.sub_account(primary, 30)
    arena.cross(other, primary, arena.lots(20), arena.market().mark)
    arena.price[PUNKS] = arena.price[PUNKS] * 97 // 100
    arena.run(900, step=20)
    market = arena.market()
    before = bankruptcy.profit_24h(arena.state, market, primary)
    assert before > 0
    assert arena.cross(primary, second, arena.lots(20), market.mark) == 0
    assert [event.reason for event in arena.events(OrderCancelled)][-1] in (
        Cancel.SELF_TRADE,
        Cancel.IMMEDIATE,
    )
    assert bankruptcy.profit_24h(arena.state, market, second) == before


def test_resetting_the_rank_under_another_name_costs_a_tenth_of_a_percent_each_time() -> None:
    arena = Arena()
    old, new, other = arena.attacker(30), arena.attacker(30), arena.citizen(30)
    lots = arena.cross(other, old, arena.lots(20), arena.market().mark)
    before = arena.profit_of_attacker()
    assert arena.cross(old, new, lots, arena.market().mark) == lots
    notional = sum(e.lots * e.price for e in arena.events(OrderFilled)[-1:]) * arena.market().unit
    assert before - arena.profit_of_attacker() == notional // 1_000
