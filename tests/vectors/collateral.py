"""Adapters of collateral: ramps, gaps and haircuts."""

from fractions import Fraction

from floorbook.core.rules import collateral as rule
from floorbook.units import DAY_NS, PPB_ONE
from tests.vectors.registry import Inputs, adopts, leaves, whole


@adopts("nft_03_health_ltv", "linear LT ramp")
def ramp(case: Inputs) -> object:
    ends = whole(case["from_"], PPB_ONE), whole(case["to"], PPB_ONE)
    now = whole(case["t_s"], 10**9)
    return Fraction(rule.ramp_at(*ends, 0, case["duration_d"] * DAY_NS, now), PPB_ONE)


@adopts("nft_03_health_ltv", "minimum LTV gap")
def gap(case: Inputs) -> object:
    assert whole(case["gap"], PPB_ONE) == rule.GAP_MIN_PPB
    lt = whole(case["LT"], PPB_ONE)
    return Fraction(rule.loan_share(PPB_ONE, lt, lt), PPB_ONE)


@adopts("nft_03_health_ltv", "haircut rule LT")
def haircut(case: Inputs) -> object:
    """The fall is ours; slippage and penalty are the case's, where we take the end of our auction."""
    assert whole(case["z"], 100) == rule.TAIL_E2
    fall = rule.tail_fall(whole(case["sigma_daily"], PPB_ONE), case["days_to_cash"] * DAY_NS)
    rest = (1 - Fraction(case["slippage"])) * (1 - Fraction(case["penalty"]))
    return Fraction(PPB_ONE - fall, PPB_ONE) * rest


for venue in ("aave", "morpho", "euler"):
    leaves(
        "nft_03_health_ltv", venue, "whole tokens are sold by falling price, without a bonus (auctions.md)"
    )
leaves(
    "nft_03_health_ltv", "partial liquidation", "tokens are indivisible; the fewest are sold (auctions.md)"
)
leaves("nft_03_health_ltv", "jpegd", "no boost for locking a token of our own: there is none")
leaves("nft_03_health_ltv", "chaos labs supply-cap", "caps are shares of supply and sales (collateral.md §7)")
