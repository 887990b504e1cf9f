"""Fees: tiers by volume, and what a fill costs.

    fee = ceil(notional * rate)        a payer's fee rounds up, a rebate (negative) down    [atoms]

Spec: docs/spec/matching.md §5
"""

from collections.abc import Sequence

from msgspec import Struct

from floorbook.units import PPB_ONE, Atoms, div_up


class FeeTier(Struct, frozen=True, kw_only=True, gc=False):
    """Rates for owners whose 30-day volume is at least `volume_30d`."""

    volume_30d: int  # [ETH atoms]; the first tier has 0
    taker_ppb: int
    maker_ppb: int  # negative: a rebate


def fee(notional: int, rate_ppb: int) -> Atoms:
    """Return what a fill costs, rounded up; negative: a rebate, rounded down.  Spec: matching.md §5 (A20)."""
    return Atoms(div_up(notional * rate_ppb, PPB_ONE))


def fee_tier(volume_30d: int, tiers: Sequence[FeeTier]) -> int:
    """Return the number of the highest tier this volume [ETH atoms] reaches.  Spec: matching.md §5."""
    assert tiers[0].volume_30d == 0
    return max(number for number, tier in enumerate(tiers) if tier.volume_30d <= max(0, volume_30d))


def tier_volume(notional: int, are_linked: bool) -> Atoms:
    """Return what a fill adds to the volume of either side.  Spec: matching.md §5 (A20).

    Nothing between linked accounts: of one owner, or with an approved agent in common.
    """
    return Atoms(0 if are_linked else notional)
