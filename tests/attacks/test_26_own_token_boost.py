"""Row 26: lend more to whoever locks the exchange's own token (JPEG'd PIP-58), whose price is the exchange's.

There is no such token and no such word.  The test looks for one: every parameter at its bound, every form of
collateral, every owner.

Guards: LT is never above what an auction recovers, whatever the parameters say (collateral.md §5, §6); credit
has no term that depends on who asks (credit.md §2).
"""

from itertools import product

import pytest

from floorbook.core.collateral import Kind, Line
from floorbook.core.reasons import Reject
from floorbook.core.rules import auction
from floorbook.core.rules import collateral as rule
from floorbook.units import PPB_ONE
from tests.attacks.page import Finding
from tests.core.engine.lending import Bank
from tests.core.engine.world import ETHER

SIGMA, SALES = PPB_ONE // 100, 1_000_000  # [ppb a day], a week: as good as conditions can be


def highest() -> int:
    """Return the highest LT of all parameters within their bounds, in the best of conditions [ppb]."""
    now = rule.Conditions(
        sigma_day=SIGMA, depth=PPB_ONE, age_ns=0, sales_week=SALES, pledged=0, pledged_max=10**6
    )
    bounds = [rule.BOUNDS[key] for key in ("ltv", "lt", "sigma", "depth")]
    tried = [dict(zip(("ltv", "lt", "sigma", "depth"), values, strict=True)) for values in product(*bounds)]
    return max(rule.threshold(values, now) for values in tried)


def play() -> Finding:
    limit = rule.recovery_share(SIGMA, SALES, 0)
    return Finding(
        attack="26", title="a boost for the exchange's own token",
        guard="there is none; LT within the recovery",
        spec="collateral.md §5, §6", without="JPEG'd: +25 points of LTV",
        found=f"LT {highest() * 100 // PPB_ONE} % at every bound, {limit * 100 // PPB_ONE} % recovered",
        attempts=2**4, file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_no_bound_lends_more_than_a_sale_recovers(ledger: dict[str, Finding]) -> None:
    ledger["26"] = play()
    assert highest() <= rule.recovery_share(SIGMA, SALES, 0) < auction.END_PPB


@pytest.mark.parametrize("key", ["boost", "multiplier", "own_token", "ltv_boost", ""])
def test_no_parameter_is_unknown_to_the_bounds(key: str) -> None:
    assert not rule.may_change(key, 1, rule.starting_parameters("blue"))


def test_only_claims_on_tokens_and_positions_are_collateral() -> None:
    assert {kind.name for kind in Kind} == {"FRACTION", "FUND", "RECEIPT"}
    assert not [name for name in Line.__struct_fields__ if "boost" in name or "locked" in name]


def test_credit_asks_for_the_collateral_and_not_for_the_owner() -> None:
    """The operator, a lender and a stranger are lent the same on the same token."""
    bank = Bank()
    loans = set()
    for number in range(3):
        pledger = bank.line(number, eth=(0, 5, 50)[number], commitment=50)
        cash = bank.cash(pledger)
        over = bank.loan(pledger, cash + 50 * ETHER + 1)
        assert bank.refuses(over) == Reject.CREDIT_LIMIT
        bank.does(bank.loan(pledger, cash + 50 * ETHER))
        loans.add(bank.debt(pledger))
    assert loans == {50 * ETHER}
