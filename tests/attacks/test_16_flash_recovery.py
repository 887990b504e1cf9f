"""Row 16: be healthy for the length of one tick, so that the sale ends, again and again (ParaSpace H-07).

The owner owes 50 and the price falls by 1 ETH an hour from 76.  Every ten minutes he lets the floor be seen
at 100 for one tick, or pays 10 ETH in and tries to take them out again.  As long as nothing is sold he keeps
both loan and token: an option at the lenders' cost.  Guard: health must last an hour, and money that has
paid a debt does not come out again.
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.events import Borrowed, Withdrawn
from floorbook.core.rules import auction as rule
from floorbook.units import ETH
from tests.attacks.page import Harm
from tests.attacks.salesroom import ETHER, PRICE, Salesroom, harm


@cache
def flash(hours: int = 40) -> Salesroom:
    """Show the floor at 100 for one tick in ten minutes; an honest bid stands 5 % below the value."""
    room = Salesroom(insurance=0)
    buyer = room.bidder()
    room.goes_to(76 * ETHER)
    standing = room.bid(buyer, room.truth * 95 // 100)
    for turn in range(hours * 6):
        truth = (76 - turn // 6) * ETHER
        room.goes_to(truth)
        if standing in room.state.bids and turn % 6 == 0:
            room.does(room.signed(c.CancelBid, buyer, bid=standing))
            standing = room.bid(buyer, truth * 95 // 100)
        room.run(540)
        room.price(PRICE)
        room.step()
        room.price(truth)
    return room


@cache
def unguarded() -> Salesroom:
    with patch.object(rule, "RECOVERY_NS", 0):
        return flash.__wrapped__()


def play() -> Harm:
    guard = "health must last an hour"
    return harm("16", "recover for one tick", guard, "auctions.md §8", unguarded(), flash())


def test_a_flash_would_keep_the_option_alive() -> None:
    room = unguarded()
    assert not room.sold()
    assert room.change_of_funds() < -10 * ETHER


def test_a_flash_does_not_end_the_sale(ledger: dict[str, Harm]) -> None:
    room = flash()
    ledger["16"] = play()
    (won,) = room.sold()
    assert won.price >= 50 * ETHER
    assert room.change_of_funds() >= 0
    assert room.profit() <= 0


def test_money_that_paid_the_debt_does_not_come_out_again() -> None:
    room = Salesroom()
    auction = room.unhealthy()
    for _ in range(10):
        room.fund(room.debtor, ETH, 10 * ETHER)
        paid = room.apply(room.signed(c.Withdraw, room.debtor, asset=ETH, amount=10 * ETHER))
        lent = room.apply(room.signed(c.Borrow, room.debtor, amount=10 * ETHER))
        assert not any(isinstance(event, Withdrawn | Borrowed) for event in [*paid, *lent])
        room.owe(room.debtor, 10 * ETHER)  # a lender of flash money would have to be paid back by others
    assert auction.id in room.state.auctions
