"""What an appraised token of the packaged history would count for as the only one of its account.

The core's own rules on a recorded hour: spot, bid and averages of the floor instead of accepted reports, the
thresholds of the blue tier before any cut, no limit on rises and falls.  All amounts ETH atoms, rounded down.
Spec: docs/spec/collateral.md §2, §4, §6
"""

import msgspec

from floorbook.core.rules import collateral as rule
from floorbook.units import PPB_ONE, Atoms, div_down

LTV_PPB = rule.TIERS["blue"]["ltv"]
LT_PPB = rule.TIERS["blue"]["lt"]


class Levels(msgspec.Struct, frozen=True):
    """What the market says of any token of the collection, ETH atoms."""

    floor: int
    bid: int  # the best one for any token
    floor_borrow: int  # averages over collateral.md's spans
    floor_liquidation: int


class LendingValue(msgspec.Struct, frozen=True):
    """ETH atoms."""

    borrow_value: Atoms
    credit: Atoms  # min(borrow value, liquidation value) * LTV
    liquidation_value: Atoms
    debt_max: Atoms  # liquidation value * LT: a larger debt begins the sale


def lending_value(levels: Levels, p10: int, evidence_ns: int) -> LendingValue:
    """Return what a token counts for; a sale last showed its best trait `evidence_ns` ago."""
    factor = rule.factor(p10, levels.floor, evidence_ns, is_fresh=True)
    borrow = _part(min(levels.floor, levels.floor_borrow, levels.bid), factor)
    # Without a perpetual the floor itself is the index that brings its average to now.
    reference = rule.referred(levels.floor_liquidation, levels.floor_liquidation, levels.floor)
    liquidation = _part(min(levels.floor_liquidation, reference), factor)
    credit = _part(min(borrow, liquidation), LTV_PPB)
    return LendingValue(Atoms(borrow), Atoms(credit), Atoms(liquidation), Atoms(_part(liquidation, LT_PPB)))


def _part(amount: int, share_ppb: int) -> int:
    return div_down(amount * share_ppb, PPB_ONE)
