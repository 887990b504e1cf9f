"""The waterfall: who bears a loss beyond an account's means, in this order and no other.

    account -> the market's fund, at most 20 % of it a day -> deleveraging -> haircut of positive profit

Nothing is left to discretion and no other market's money is touched.  Spec: docs/spec/waterfall.md
"""

from msgspec import Struct

from floorbook.units import PPB_ONE, Atoms, clamp, div_down

FUND_SHARE_DAY_PPB = 200_000_000


class Plan(Struct, frozen=True, gc=False):
    """Who pays how much [atoms of the market's settle asset]; the parts sum to the loss."""

    from_account: int
    from_fund: int
    from_deleveraging: int
    from_haircut: int
    uncovered: int  # stays a claim on the owner and a debt of the pool


def plan(loss: int, account: int, fund_available: int, deleverable: int, gains: int) -> Plan:
    """Return how a loss is borne.  Spec: waterfall.md §1.

    `account` is what its owner's account still has, `fund_available` comes from `fund_available`,
    `deleverable` is the part of the loss that disappears if positions close at the zero price,
    `gains` the sum of positive profits in the market.
    """
    assert loss >= 0
    from_account = clamp(account, 0, loss)
    from_fund = clamp(fund_available, 0, loss - from_account)
    from_deleveraging = clamp(deleverable, 0, loss - from_account - from_fund)
    from_haircut = clamp(gains, 0, loss - from_account - from_fund - from_deleveraging)
    uncovered = loss - from_account - from_fund - from_deleveraging - from_haircut
    return Plan(from_account, from_fund, from_deleveraging, from_haircut, uncovered)


def fund_available(balance: int, balance_day_start: int, paid_today: int) -> Atoms:
    """Return what the fund may still pay today, rounded down.  Spec: waterfall.md §2 (A10)."""
    allowance = div_down(max(0, balance_day_start) * FUND_SHARE_DAY_PPB, PPB_ONE) - paid_today
    return Atoms(max(0, min(balance, allowance)))
