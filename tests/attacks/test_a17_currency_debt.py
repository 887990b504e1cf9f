"""A17: back a debt in dollars with ether, and leave it to the lenders when ether falls.

A has 100 ETH at 2,000 and no dollars.  It loses dollars in ETH-USD to its own B, who takes them out; what A
owes is borrowed from everybody's dollars.  Without a haircut 100 ETH at 3,000 back 290,000 USDC, and a fall
of 4 % leaves 2,000 unpaid.  The profit shown is that of an attacker who has sold 100 ETH short elsewhere:
the debt he walks away from, less the fees he paid.

Guards: other cash counts 0.90 for new risk and 0.95 for maintenance; a debt above 5 % of the equity is
converted every hour, one that its haircut no longer covers at once, by the desk at the oracle's price less
0.5 % (margin.md §5).
"""

from contextlib import ExitStack
from functools import cache
from unittest.mock import patch

from floorbook.core.engine import desk, queries
from floorbook.core.rules import margin
from floorbook.units import ETH, PPB_ONE, USDC
from tests.attacks.arena import Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import DOLLAR, ETH_USD, ETH_USD_PRICE

STAKE_ETH, LENT, DESK = 100, 1_000_000, 400_000  # [ETH, USDC, USDC]


def borrow(arena: Arena, share_per_mille: int) -> int:
    """Lose dollars to the other name until no more is allowed; return what A owes [USDC atoms]."""
    a, b = arena.attacker(STAKE_ETH), arena.attacker(0, 60_000)
    stop = STAKE_ETH * ETH_USD_PRICE // 100 * DOLLAR * share_per_mille // 1_000
    for round_ in range(200):
        low, high = arena.market(ETH_USD).band
        lots = arena.lots(240_000 >> (round_ // 60), ETH_USD)
        arena.cross(a, b, lots, high, ETH_USD)
        held = arena.size(a, ETH_USD)
        if not held or not arena.cross(b, a, held, low, ETH_USD):
            break
        if -arena.state.kernel.cash(a, USDC) > stop:
            break
    if arena.size(a, ETH_USD):
        arena.cross(b, a, arena.size(a, ETH_USD), arena.market(ETH_USD).mark, ETH_USD)
    arena.leave(b)
    return -int(arena.state.kernel.cash(a, USDC))


def default(fall_per_mille: int, minutes: int, share_per_mille: int = 1_000) -> tuple[int, Arena]:
    """Borrow, let ether fall, walk away; return the hedged attacker's profit [ETH atoms]."""
    arena = Arena(dollars=True)
    arena.citizen(0, LENT)
    arena.fund(arena.state.desk_account, USDC, DESK * DOLLAR)
    arena.run(60, step=10)
    arena.mark_honest()
    fees = arena.state.kernel.cash(arena.state.fees_account, USDC)
    debt = borrow(arena, share_per_mille)
    assert debt > 100_000 * DOLLAR
    fees = arena.state.kernel.cash(arena.state.fees_account, USDC) - fees
    for minute in range(1, minutes + 1):
        price = ETH_USD_PRICE * (1_000_000 - fall_per_mille * 1_000 * minute // minutes) // 1_000_000
        arena.price[ETH_USD] = price
        arena.dollar_e12 = 10**17 // price
        arena.run(60, step=30)
    arena.run(3_600, step=60)
    owed = sum(max(0, -queries.equity(arena.state, account)) for account in arena.attackers)
    return owed - arena.value(USDC, fees), arena


def unguarded() -> ExitStack:
    """Switch the guards off: every asset counts whole, and nothing is converted."""
    stack = ExitStack()
    stack.enter_context(patch.object(margin, "CROSS_WEIGHT_INITIAL_PPB", PPB_ONE))
    stack.enter_context(patch.object(margin, "CROSS_WEIGHT_MAINTENANCE_PPB", PPB_ONE))
    stack.enter_context(patch.object(desk, "convert", lambda state, account: []))
    return stack


@cache
def play() -> Outcome:
    with unguarded():
        without, _ = default(200, 30)
    tried = [
        default(fall, minutes, share)
        for fall, minutes in ((40, 10), (90, 30), (200, 30), (200, 90), (300, 30), (500, 240))
        for share in (600, 1_000)
    ]
    profit, best = max(tried, key=lambda attempt: attempt[0])
    return Outcome(
        attack="A17",
        title="owe dollars, own ether, walk away",
        guard="haircut on other assets, conversion desk",
        spec="margin.md §5",
        without=without, profit=profit, insurance=best.insurance_change(), honest=best.honest_change(),
        attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_haircut_and_desk_the_lenders_pay_the_fall() -> None:
    assert play().without > 5 * 10**9


def test_owing_in_another_currency_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A17"] = play()
    assert play().profit <= 0


def test_the_debt_never_reaches_what_ninety_percent_of_the_ether_are_worth() -> None:
    arena = Arena(dollars=True)
    arena.citizen(0, LENT)
    arena.run(60, step=10)
    debt = borrow(arena, 1_000)
    assert debt <= STAKE_ETH * 2_000 * DOLLAR * 9 // 10
    assert arena.state.kernel.cash(arena.attackers[0], ETH) == STAKE_ETH * 10**9
