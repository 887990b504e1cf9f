"""Who takes part in a comparison: borrowers, traders and lenders, the same for every rule set.

Borrowers want a loan on the first hour, up to 40 % of the floor: BendDAO's limit, so that every rule set
can grant it.  Their debts lie such that 45 of 272 apes stand in the danger zone (health below 1.1) when
the floor is 70 ETH.  Lenders' claims are such that as much of them is lent as at BendDAO: 15,000 of
32,391 ETH.  Of the open interest that traders want, 1 % is long.  All amounts are ETH atoms.
"""

from msgspec import Struct

from floorbook.lab.paths import ETHER, PERCENT, Path
from floorbook.units import PPB_ONE, div_down, div_up

LOAN_SHARE_PPB = 40 * PERCENT  # of the floor
LENT, POOL_CASH = 15_000, 17_391  # [ETH] BendDAO in August 2022
DANGER, APES = 45, 272
DANGER_LOW_PPB = 355 * PERCENT // 10  # of the first floor: the debts of those 45, before interest
CALM_LOW_PPB = 10 * PERCENT
REACTION_HOURS = 24  # an owner needs so long to find the money that saves a token
EVERY_REPAYS = 3  # every third owner does
WARNING_PPB = 110 * PERCENT  # health below which an owner is warned
SAVED_PPB = 125 * PERCENT  # health that his money buys
INSURANCE = 390 * ETHER  # nftperp's insurance fund as its post-mortem states it
TREASURY = 190 * ETHER  # BendDAO's reserves outside its own token, July 2023
TRADERS, FEW = 25, 5  # of a side and collection; where nearly nobody is long
LONG_PPB = PERCENT  # of the open interest: shorts had more than 99 %


class Borrower(Struct, frozen=True):
    """An owner of one token who wants to borrow `loan` against it; `repays` when it is about to be sold."""

    number: int
    collection: str
    loan: int
    repays: bool


class Trader(Struct, frozen=True):
    """Somebody who wants a position of `notional` at the first floor; side 1 is long, -1 short."""

    number: int
    collection: str
    side: int
    notional: int
    leverage: int


class Accounts(Struct, frozen=True, kw_only=True):
    """Everybody of a comparison."""

    borrowers: tuple[Borrower, ...]
    traders: tuple[Trader, ...]
    claims: int  # of the lenders
    insurance: int = INSURANCE
    treasury: int = TREASURY


def accounts(
    path: Path, owners: dict[str, int], interest: dict[str, int], long_ppb: int = LONG_PPB
) -> Accounts:
    """Return the accounts: `owners` of each collection; open interest [atoms] that shorts want in each, the
    longs' being `long_ppb` of all.
    """
    borrowers = [
        Borrower(0, name, loan, repays=place % EVERY_REPAYS == 0)
        for name, count in owners.items()
        for place, loan in enumerate(loans(path.quotes[name][0].floor, count))
    ]
    traders = [
        Trader(0, name, side, div_down(wanted, count), leverage)
        for name, open_interest in interest.items()
        for side, wanted, count in _sides(open_interest, long_ppb)
        for leverage in [1 + (place * 3) % 5 for place in range(count)]
    ]
    lent = sum(borrower.loan for borrower in borrowers)
    return Accounts(
        borrowers=tuple(Borrower(n, b.collection, b.loan, b.repays) for n, b in enumerate(borrowers)),
        traders=tuple(Trader(n, t.collection, t.side, t.notional, t.leverage) for n, t in enumerate(traders)),
        claims=div_up(lent * (LENT + POOL_CASH), LENT),
    )


def loans(floor: int, count: int) -> list[int]:
    """Return the loans of so many owners [atoms]: those in danger borrowed near the limit, the rest less."""
    danger = div_up(count * DANGER, APES)
    limit = div_down(floor * LOAN_SHARE_PPB, PPB_ONE)
    high = _spread(div_up(floor * DANGER_LOW_PPB, PPB_ONE), limit, danger)
    low = _spread(div_up(floor * CALM_LOW_PPB, PPB_ONE), high[0], count - danger)
    # Dealt like cards, so that every third owner is not a class of its own.
    both = low + high
    return [both[(place * 101) % count] for place in range(count)] if count % 101 else both


def _spread(low: int, high: int, count: int) -> list[int]:
    return [low + div_down((high - low) * place, max(1, count - 1)) for place in range(count)]


def _sides(shorts: int, long_ppb: int) -> list[tuple[int, int, int]]:
    """Return (side, notional, traders) of both sides; traders of a side are alike."""
    longs = div_down(shorts * long_ppb, PPB_ONE - long_ppb)
    return [(-1, shorts, TRADERS), (1, longs, TRADERS if long_ppb > 10 * PERCENT else FEW)]
