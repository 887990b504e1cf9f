"""Limits of one market: open interest, positions, prices.

Spec: docs/spec/margin.md §9 - §11
"""

from floorbook.units import PPB_ONE, Atoms, Lots, Ppb, Ticks, div_down, div_up

INSURANCE_MULTIPLE = 20
ATTACK_MOVE_PPB = 100_000_000
BAND_MAX_PPB = 50_000_000


def open_interest_max(insurance: int, attack_cost: int) -> Atoms:
    """Return the largest open interest per side [atoms], rounded down.  Spec: margin.md §9 (A10).

    min(20 * own insurance, cost of moving the index by 10 % / 10 %): no gain on the positions pays the move.
    """
    by_attack = div_down(max(0, attack_cost) * PPB_ONE, ATTACK_MOVE_PPB)
    return Atoms(min(INSURANCE_MULTIPLE * max(0, insurance), by_attack))


def position_room(side: int, size: int, open_lots: int, limit: int, mark: int, unit: int) -> Lots:
    """Return how many lots an owner may still order on this side.  Spec: margin.md §10.

    `size` is the owner's position, `open_lots` its resting orders on the side, `limit` the notional [atoms].
    """
    return Lots(max(0, div_down(limit, mark * unit) - side * size - open_lots))


def band_ppb(initial_ppb: int) -> Ppb:
    """Return how far from the mark a fill may be: min(5 %, initial rate).  Spec: margin.md §11 (A2)."""
    return Ppb(min(BAND_MAX_PPB, initial_ppb))


def price_band(mark: int, width_ppb: int) -> tuple[Ticks, Ticks]:
    """Return the lowest and the highest price of a fill, rounded inward.  Spec: margin.md §11 (A2)."""
    low = div_up(mark * (PPB_ONE - width_ppb), PPB_ONE)
    high = div_down(mark * (PPB_ONE + width_ppb), PPB_ONE)
    return Ticks(max(1, low)), Ticks(high)
