"""Listing: which collections may have a market, and which numbers make a market.

Spec: docs/spec/listing.md §1, §2
"""

from collections.abc import Sequence

from msgspec import Struct

from floorbook.core.rules.fees import FeeTier
from floorbook.units import ASSET_DECIMALS, LOTS_MAX, NOTIONAL_MAX, PPB_ONE, PRICE_MAX

VOLUME_30D_MIN_ETH_ATOMS = 1_000 * 10**9
FLOOR_MIN_ETH_ATOMS = 10**8
UNIQUE_OWNERS_MIN = 1_000
WASH_COST_MIN_PPB = 200_000


class Terms(Struct, frozen=True, kw_only=True, gc=False):
    """The numbers a market is made of."""

    asset: int
    price_decimals: int  # tick = 10 ** -price_decimals of the settle asset
    size_decimals: int  # lot = 10 ** -size_decimals of the base
    price_max: int  # [ticks]
    lots_max: int
    lots_min: int


def meets_criteria(volume_30d: int, floor: int, unique_owners: int) -> bool:
    """Return whether a collection may be listed; volume and floor in ETH atoms.  Spec: listing.md §1."""
    return (
        volume_30d >= VOLUME_30D_MIN_ETH_ATOMS
        and floor >= FLOOR_MIN_ETH_ATOMS
        and unique_owners >= UNIQUE_OWNERS_MIN
    )


def unit(asset: int, price_decimals: int, size_decimals: int) -> int | None:
    """Return the atoms per tick and lot, None if they are not a whole number.  Spec: listing.md §2."""
    spare = ASSET_DECIMALS[asset] - price_decimals - size_decimals
    return 10**spare if spare >= 0 else None


def is_valid(terms: Terms) -> bool:
    """Return whether the numbers make a market in which nothing can overflow.  Spec: listing.md §2."""
    if not 0 <= terms.asset < len(ASSET_DECIMALS) or min(terms.price_decimals, terms.size_decimals) < 0:
        return False
    atoms = unit(terms.asset, terms.price_decimals, terms.size_decimals)
    return (
        atoms is not None
        and 0 < terms.price_max <= PRICE_MAX
        and 0 < terms.lots_min <= terms.lots_max <= LOTS_MAX
        and terms.price_max * terms.lots_max * atoms <= NOTIONAL_MAX
    )


def fees_are_safe(tiers: Sequence[FeeTier], referral_ppb: int) -> bool:
    """Return whether a trade with oneself always costs more than 0.02 %.  Spec: listing.md §2 (A20).

    minimum taker fee - maximum rebate - referral > 0.02 %, over all tiers of the market: the two sides
    of a wash trade may stand in different tiers.
    """
    taker_min = min(tier.taker_ppb for tier in tiers)
    rebate_max = max(0, *(-tier.maker_ppb for tier in tiers))
    return taker_min - rebate_max - referral_ppb > WASH_COST_MIN_PPB and taker_min <= PPB_ONE
