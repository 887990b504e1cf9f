"""What an appraised token counts for as collateral.  Spec: docs/spec/appraisal.md §9

    premium           = min(P10 - floor, floor / 2) / 2 * (30 - evidence age) / 30        if P10 > floor
                      = P10 - floor                                                       otherwise
    borrow value      = max(0, min(floor, average floor of 7 days, bids) + premium)
    liquidation value = max(0, min(borrow value, average floor of 12 hours + premium))

All in atoms, rounded down.  A premium without a sale that shows its trait in 30 days counts nothing; a token
expected below the floor counts its whole shortfall.
"""

import msgspec

from floorbook.units import PPB_ONE, Atoms, Ppb

EVIDENCE_DAYS = 30
LTV_PPB = Ppb(500_000_000)  # blue tier: credit
LT_PPB = Ppb(650_000_000)  # blue tier: debt beyond this starts the sale


class LendingValue(msgspec.Struct, frozen=True):
    """ETH atoms."""

    borrow_value: Atoms
    credit: Atoms  # borrow value * LTV
    liquidation_value: Atoms
    debt_max: Atoms  # liquidation value * LT


class Levels(msgspec.Struct, frozen=True):
    """What the market says of any token of the collection, ETH atoms."""

    floor: int
    floor_7d: int  # time-weighted averages
    floor_12h: int
    bids: int  # what the standing bids pay for one more token


def lending_value(levels: Levels, p10: int, evidence_age_days: int | None) -> LendingValue:
    """Return what a token counts for; evidence_age_days is None where no sale ever showed its trait."""
    premium = counted_premium(levels.floor, p10, evidence_age_days)
    borrow = max(0, min(levels.floor, levels.floor_7d, levels.bids) + premium)
    liquidation = max(0, min(borrow, levels.floor_12h + premium))
    return LendingValue(
        Atoms(borrow),
        Atoms(borrow * LTV_PPB // PPB_ONE),
        Atoms(liquidation),
        Atoms(liquidation * LT_PPB // PPB_ONE),
    )


def counted_premium(floor: int, p10: int, evidence_age_days: int | None) -> int:
    """Return the part of P10 - floor that counts, rounded down."""
    if p10 <= floor:
        return p10 - floor
    age = EVIDENCE_DAYS if evidence_age_days is None else min(max(evidence_age_days, 0), EVIDENCE_DAYS)
    return min(p10 - floor, floor // 2) * (EVIDENCE_DAYS - age) // (2 * EVIDENCE_DAYS)
