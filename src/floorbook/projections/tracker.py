"""Positions as the fills make them, what each fill closes, and what it is called.  Pure.

    closed share = trunc(entry cost * closed lots / lots)       a full close takes all
    closed pnl   = - cost of the closing part - closed share    signed: cost > 0 for a buy

Spec: docs/spec/projections.md §3, docs/spec/numbers.md
"""

from collections.abc import Iterable

import msgspec

from floorbook.projections.records import Position
from floorbook.units import div_trunc


class Moved(msgspec.Struct, frozen=True, gc=False):
    """What a trade did to one position."""

    before: int  # [lots] signed
    after: int
    closed_pnl: int  # [atoms]


class Tracker:
    """Every account's position in every market, and each market's open interest."""

    def __init__(self, positions: Iterable[Position] = ()) -> None:
        self._positions: dict[tuple[int, int], Position] = {}
        self.open_interest: dict[int, int] = {}  # market -> sum of the long sizes [lots]
        for position in positions:
            self._positions[position.account, position.market] = position
            self._count(position.market, 0, position.lots)

    def position(self, account: int, market: int) -> Position:
        """Return the account's position; it is the tracker's own."""
        found = self._positions.get((account, market))
        if found is None:
            found = self._positions[account, market] = Position(account, market, 0, 0)
        return found

    def trade(self, account: int, market: int, lots: int, notional: int) -> Moved:
        """Move a position by signed lots for a notional [atoms]."""
        position = self.position(account, market)
        before = position.lots
        position.entry, closed_pnl = closed(before, position.entry, lots, notional)
        position.lots = before + lots
        self._count(market, before, position.lots)
        return Moved(before, position.lots, closed_pnl)

    def _count(self, market: int, before: int, after: int) -> None:
        more = max(after, 0) - max(before, 0)
        self.open_interest[market] = self.open_interest.get(market, 0) + more


def closed(size: int, entry: int, lots: int, notional: int) -> tuple[int, int]:
    """Return (entry cost after, closed profit) of a trade of signed lots [atoms].  Spec: projections.md §3"""
    cost = notional if lots > 0 else -notional
    if size == 0 or (size > 0) == (lots > 0):
        return entry + cost, 0
    if abs(lots) < abs(size):
        share = div_trunc(entry * abs(lots), abs(size))
        return entry - share, -cost - share
    closing = div_trunc(cost * abs(size), abs(lots))
    return cost - closing, -closing - entry


def direction(before: int, after: int) -> str:
    """Return what a trade that changes a position is called.  Spec: projections.md §4"""
    if before == 0 or (before > 0) == (after > before):
        return "Open Long" if after > before else "Open Short"
    if after == 0 or (after > 0) == (before > 0):
        return "Close Long" if before > 0 else "Close Short"
    return "Long > Short" if before > 0 else "Short > Long"


def liquidated_direction(before: int) -> str:
    """Return what the closing trade of a position in liquidation is called.  Spec: projections.md §4"""
    return "Liquidated Cross Long" if before > 0 else "Liquidated Cross Short"
