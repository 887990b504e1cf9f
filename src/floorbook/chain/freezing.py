"""What a freeze would bring everybody: a state's claims, settled by the rules of the frozen exchange.

    day 1    markets are settled, accounts registered; tokens of debt-free accounts leave
    day 8    everyone without a debt is paid
    later    what debtors repay, with interest, or their tokens bring, goes to the lenders first

A pure function of the claims, the marks and the prices after the freeze.  Amounts are atoms per asset.
Spec: docs/spec/frozen-exit.md
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from floorbook.chain.frozen import (
    PRICE_TIME_S,
    REGISTRATION_S,
    FrozenBook,
    Leaf,
    Market,
    Position,
    factors,
    settled_price,
)
from floorbook.core.engine.commitments import SYSTEM, AccountClaim, MarketClaim
from floorbook.units import ASSETS, ETH, div_down

PAYDAY_S = PRICE_TIME_S + REGISTRATION_S  # from the freeze to the first payment

Pair = tuple[int, ...]  # one amount [atoms] for each asset


class Share(NamedTuple):
    """What one account gets of a frozen exchange."""

    account: int
    claims: Pair  # at the marks
    own: Pair  # at the settled prices: what it has itself, its part of the loans included
    owes: Pair  # at the settled prices, without interest
    paid: Pair  # on the day of payment; 0 while it owes
    paid_at_last: Pair  # once every debtor has repaid on that day


class Pool(NamedTuple):
    """What one asset's claims are paid from; factors as (numerator, denominator)."""

    assets: int  # [atoms] in the vault
    principal: int
    gains: int
    lent: int  # with debtors
    f: tuple[int, int]
    k: tuple[int, int]
    paid: int
    repaid: int  # by all debtors, with interest until the day of payment
    paid_at_last: int


class Outcome(NamedTuple):
    """What a freeze brings."""

    shares: list[Share]
    pools: list[Pool]
    free_tokens: int  # leave on the first day
    held_tokens: int  # of accounts that owe ETH: leave when it is repaid, sold after a week
    waiting_tokens: int  # of accounts that owe USDC only: leave when it is repaid
    kept_tokens: int  # of the exchange's own accounts: they stay


def moved(mark: int, percent: int) -> int:
    """Return the median [ticks] of a market that moved by so much of its mark after the freeze."""
    return max(1, div_down(mark * (100 + percent), 100))


def settled_markets(markets: Sequence[MarketClaim], medians: Mapping[int, int]) -> dict[int, Market]:
    """Return the markets with their settled prices; one without a median keeps its mark."""
    return {
        market.market: Market(
            market.asset, market.unit, market.mark, settled_price(market.mark, medians.get(market.market, 0))
        )
        for market in markets
    }


def leaf_of(claim: AccountClaim) -> Leaf:
    """Return what the rules need to know of an account."""
    positions = tuple(Position(market, size, upnl) for market, _, size, upnl in claim.positions)
    return Leaf(claim.claims, claim.debts, claim.lent, bool(claim.status & SYSTEM), positions)


def book_of(claims: Sequence[AccountClaim], markets: Mapping[int, Market]) -> FrozenBook:
    """Return the frozen exchange on the first day, everybody registered."""
    book = FrozenBook([leaf_of(claim) for claim in claims], markets)
    for account in range(len(claims)):
        book.register(account)
    return book


def outcome_of(claims: Sequence[AccountClaim], markets: Mapping[int, Market]) -> Outcome:
    """Return what everybody gets if all come in time, and what if all debtors repay on the day of payment."""
    book = book_of(claims, markets)
    fractions = [factors(pot, 0) for pot in book.pots]
    first = [book.claim(account) for account in range(len(claims))]
    debts = {account: settled.debts for account, settled in book.settled.items()}
    repay_all(book, PAYDAY_S)
    shares = []
    for account, claim in enumerate(claims):
        rest, settled = book.claim(account), book.settled[account]
        own = [settled.principal[asset] + settled.gains[asset] for asset in range(ASSETS)]
        own[ETH] += settled.lent
        last = tuple(map(sum, zip(first[account], rest, strict=True)))
        shares.append(Share(account, claim.claims, tuple(own), debts[account], first[account], last))
    pools = [_pool(book, asset, fractions[asset], shares) for asset in range(ASSETS)]
    return Outcome(shares, pools, *_tokens(claims, debts))


def repay_all(book: FrozenBook, at: int) -> None:
    """Let every debtor pay all that he owes, `at` seconds after the freeze."""
    for account in book.settled:
        for asset in range(ASSETS):
            book.repay(account, asset, book.owed(account, asset, at), at)


def _pool(
    book: FrozenBook, asset: int, fractions: tuple[tuple[int, int], tuple[int, int]], shares: list[Share]
) -> Pool:
    pot, repaid = book.pots[asset], book.recovered[asset]
    paid = sum(share.paid[asset] for share in shares)
    last = sum(share.paid_at_last[asset] for share in shares)
    return Pool(pot.assets, pot.principal, pot.gains, pot.lent, *fractions, paid, repaid, last)


def _tokens(claims: Sequence[AccountClaim], debts: Mapping[int, Pair]) -> tuple[int, int, int, int]:
    """Count the tokens of accounts without debt, with one in ETH, with one in USDC, and the exchange's."""
    counts = [0, 0, 0, 0]
    for claim in claims:
        owed = debts[claim.number]
        place = 3 if claim.status & SYSTEM else 1 if owed[ETH] else 2 if any(owed) else 0
        counts[place] += len(claim.tokens)
    free, held, waiting, kept = counts
    return free, held, waiting, kept
