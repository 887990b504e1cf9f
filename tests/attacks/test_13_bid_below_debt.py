"""Row 13: nobody bids what is owed, so nothing is sold while the price falls on (BendDAO, August 2022).

A token of 100 ETH carries 50; the price falls to 45 at once and by 1 ETH an hour from there.  The owner has
walked away with the loan; somebody bids 80 % of what the token is worth.  Guard: bids below the debt count,
and the sale ends after three runs whatever it brings (auctions.md §4, §7).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core.collateral import Auction, Bid
from floorbook.core.commands import CancelBid
from floorbook.core.engine import bids, credit
from floorbook.core.rules import auction as rule
from floorbook.core.state import State
from tests.attacks.page import Harm
from tests.attacks.salesroom import ETHER, HOUR, Salesroom, harm

fits = bids.fits


def as_in_august(state: State, bid: Bid, auction: Auction) -> bool:
    """What was asked then: at least the debt."""
    return fits(state, bid, auction) and bid.price >= credit.debt(state, auction.account)


@cache
def fall(hours: int = 40) -> Salesroom:
    """Let the price fall with a bid 20 % below it; return what became of it."""
    room = Salesroom(insurance=0)
    buyer = room.bidder()
    room.goes_to(45 * ETHER)
    standing = room.bid(buyer, 36 * ETHER)
    for hour in range(hours):
        room.run(HOUR, step=600)
        room.goes_to((45 - hour) * ETHER)
        if standing in room.state.bids:
            room.seen += room.does(room.signed(CancelBid, buyer, bid=standing))
            standing = room.bid(buyer, room.truth * 8 // 10)
    return room


@cache
def old_rule() -> Salesroom:
    with patch.object(bids, "fits", as_in_august), patch.object(rule, "RESETS_MAX", 10**6):
        return fall.__wrapped__()


def play() -> Harm:
    return harm(
        "13", "wait until nobody bids the debt", "bids below the debt count", "auctions.md §4, §7",
        old_rule(), fall(),
    )  # fmt: skip


def test_refusing_bids_below_the_debt_lets_the_loss_grow() -> None:
    room = old_rule()
    assert not room.sold()
    assert room.change_of_funds() < -40 * ETHER


def test_bids_below_the_debt_clear_the_sale(ledger: dict[str, Harm]) -> None:
    room = fall()
    ledger["13"] = play()
    (won,) = room.sold()
    assert won.price < 50 * ETHER
    assert room.change_of_funds() > -22 * ETHER
    # The loan was less than what the token was worth when it was taken: walking away earned nothing.
    assert room.profit() <= 0
