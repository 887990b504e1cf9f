"""Receipts: shares of one unlevered long position and its money.

    equity = net + lots * mark * unit                                     net = cash - entry cost

A mint adds lots and net in the proportion that is there, a redemption takes them out in it, so what the
mark says at that moment changes nobody's share.  Spec: docs/spec/instruments.md §4
"""

from msgspec import Struct

from floorbook.core.rules.fractions import UNIT
from floorbook.units import PPB_ONE, Atoms, div_down, div_up

LTV_PPB = 600_000_000
LT_PPB = 750_000_000
INTEREST_SHARE_PPB = 200_000_000  # of the open interest from which on margins rise, for all receipts


class Position(Struct, frozen=True, gc=False):
    """What stands behind a market's receipts."""

    lots: int
    net: int  # [atoms] cash less entry cost
    supply: int  # [units]


class Exchange(Struct, frozen=True, gc=False):
    """What a mint or a redemption moves: units, lots, and the net that goes with them [atoms]."""

    units: int
    lots: int
    net: int


def plan_mint(lots: int, size_decimals: int, behind: Position) -> Exchange | None:
    """Return the units that lots earn and the net they must bring; None: nothing stands behind the units.

    Spec: instruments.md §4.
    """
    if not behind.supply:
        return Exchange(div_down(lots * UNIT, 10**size_decimals), lots, 0)
    if behind.lots <= 0:
        return None
    units = div_down(behind.supply * lots, behind.lots)
    return Exchange(units, lots, div_up(behind.net * lots, behind.lots))


def plan_redemption(units: int, behind: Position) -> Exchange:
    """Return what so many units take out: whole lots, their part of the net, and no more units than that.

    Without lots behind them units share the net.  Spec: instruments.md §4.
    """
    assert 0 < units <= behind.supply
    if behind.lots <= 0:
        return Exchange(units, 0, div_down(max(0, behind.net) * units, behind.supply))
    lots = div_down(behind.lots * units, behind.supply)
    burned = units if units == behind.supply else div_up(behind.supply * lots, behind.lots)
    return Exchange(burned, lots, div_down(behind.net * burned, behind.supply))


def equity(behind: Position, price: int, unit: int) -> Atoms:
    """Return what stands behind all units at a price [ticks], at least nothing.  Spec: §4."""
    return Atoms(max(0, behind.net + behind.lots * price * unit))


def interest_max(open_interest_lower: int) -> Atoms:
    """Return the largest notional of a market's receipts [atoms], rounded down.  Spec: §4."""
    return Atoms(div_down(open_interest_lower * INTEREST_SHARE_PPB, PPB_ONE))
