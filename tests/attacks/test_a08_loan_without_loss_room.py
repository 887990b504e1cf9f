"""A8: borrow up to what the auction brings at its end, and let the penalty come first.

Audit: LT 70 %, the auction's end 70 % of the value, penalty 5 % senior to the debt: 0.665 of the value reach
a debt of 0.70, a loss without any move at all; and a pure loan has no requirement, so nothing calls it.
Guards: LT is never above recovery / V, the penalty comes out of the surplus, debt has a margin of 3 %, and
health below one begins the sale even without a position (collateral.md §6, auctions.md §6, credit.md §6).
"""

from functools import cache
from itertools import product

import pytest

from floorbook.core.engine import credit
from floorbook.core.rules import auction, collateral
from floorbook.core.rules import credit as rule
from floorbook.units import PPB_ONE
from tests.attacks.page import Harm
from tests.core.engine.lending import Bank
from tests.core.engine.world import ETHER

VALUE = 100 * ETHER
PERCENT = PPB_ONE // 100
CASES = (tuple(collateral.TIERS), (2, 5, 8, 12, 20), (40, 200, 700))  # tier, sigma [% a day], weekly sales


def lenders_lose(threshold: int, *, penalty_first: bool) -> int:
    """Return what is missing when a debt at its threshold is sold at the auction's end, no price moved."""
    debt = VALUE * threshold // PPB_ONE
    end = auction.curve(VALUE, VALUE, 0).end
    paid = end * 95 // 100 if penalty_first else auction.split(end, debt, has_keeper=True).to_debt
    return max(0, debt - paid)


def threshold_of(tier: str, sigma: int, sales: int) -> int:
    now = collateral.Conditions(
        sigma_day=sigma * PERCENT, depth=PPB_ONE, age_ns=0, sales_week=sales, pledged=5, pledged_max=100
    )
    return collateral.threshold(collateral.TIERS[tier], now)


@cache
def play() -> Harm:
    tried = [lenders_lose(threshold_of(*case), penalty_first=False) for case in product(*CASES)]
    return Harm(
        attack="A8", title="borrow what the sale brings at its end",
        guard="LT within the recovery, penalty out of the surplus", spec="collateral.md §6, auctions.md §6",
        without=-lenders_lose(70 * PERCENT, penalty_first=True), others=-max(tried), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_the_guards_a_sale_loses_without_a_move(ledger: dict[str, Harm]) -> None:
    ledger["A8"] = play()
    assert lenders_lose(70 * PERCENT, penalty_first=True) == 3_500_000_000


@pytest.mark.parametrize(("tier", "sigma", "sales"), list(product(*CASES)))
def test_with_them_no_tier_does(tier: str, sigma: int, sales: int) -> None:
    """And there is room for a fall of 2.33 sigma until the sale's end."""
    threshold = threshold_of(tier, sigma, sales)
    assert threshold <= collateral.recovery_share(sigma * PERCENT, sales, 5)
    assert lenders_lose(threshold, penalty_first=False) == 0


def test_a_loan_without_a_position_is_called() -> None:
    bank = Bank()
    pledger = bank.line(1, commitment=50)
    bank.does(bank.loan(pledger, 50 * ETHER))
    called = next(price for price in range(100, 0, -1) if not falls_healthy(bank, pledger, price))
    assert called == 76  # 50 / 65 % = 76.9
    assert credit.worth(bank.state, pledger).recovery >= 49 * ETHER


def falls_healthy(bank: Bank, pledger: int, price: int) -> bool:
    bank.price(price * ETHER)
    return credit.health_is_met(bank.state, pledger)


def test_debt_has_a_margin() -> None:
    assert rule.debt_margin(50 * ETHER) == 1_500_000_000
