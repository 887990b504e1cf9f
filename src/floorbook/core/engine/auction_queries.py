"""What the exchange knows about its sales and bids, as plain structs; nothing here changes the state.

Prices are ETH atoms, times ns of running time.  Spec: docs/spec/auctions.md §2, §3
"""

import msgspec

from floorbook.core.collateral import Auction
from floorbook.core.engine import bids, sales
from floorbook.core.rules import auction as rule
from floorbook.core.state import State
from floorbook.units import MINUTE_NS


class SaleLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sale at one instant; `price` 0 = nobody can buy now, `best_bid` 0 = there is none."""

    auction: int
    account: int
    collection: int
    token: int
    instrument: int
    amount: int
    price: int
    price_in_a_minute: int
    best_bid: int
    bid_wins_in: int  # [ns] until the price has fallen to the best bid, -1 = not in this run
    left: int  # [ns] of this run
    resets: int
    start: int
    par: int
    end: int


def price_now(state: State, auction: Auction) -> int:
    """Return what `TakeAuction` pays now; 0 while the clock stands still or the sale has not begun."""
    return sales.price_now(state, auction) if sales.is_open(state, auction) else 0


def time_left(state: State, auction: Auction) -> int:
    """Return how long this run of the clock goes on [ns]."""
    return max(0, rule.DURATION_NS - sales.elapsed_ns(state, auction))


def falls_in(state: State, auction: Auction, price: int) -> int:
    """Return the running time [ns] until the price is at most `price`; -1 if it is not in this run."""
    at = rule.falls_to(sales.curve_of(auction), price)
    return -1 if at is None else max(0, at - sales.elapsed_ns(state, auction))


def sale_lines(state: State) -> list[SaleLine]:
    """Return every sale, the oldest first."""
    return [_line(state, auction) for auction in state.auctions.values()]


def _line(state: State, auction: Auction) -> SaleLine:
    best = bids.best_bid(state, auction)
    later = rule.price_at(sales.curve_of(auction), sales.elapsed_ns(state, auction) + MINUTE_NS)
    is_open = sales.is_open(state, auction)
    return SaleLine(
        auction=auction.id, account=auction.account, collection=auction.collection, token=auction.token,
        instrument=auction.instrument, amount=auction.amount, price=price_now(state, auction),
        price_in_a_minute=later if is_open else 0, best_bid=best.price if best else 0,
        bid_wins_in=falls_in(state, auction, best.price) if best else -1, left=time_left(state, auction),
        resets=max(0, auction.resets), start=auction.start, par=auction.par, end=auction.end,
    )  # fmt: skip
