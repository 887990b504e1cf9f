"""Row 33: no keeper comes, and the price falls on (JPEG'd: the DAO alone; Blend: vigilance).

The price falls by 2 ETH an hour from 76, and an honest bid stands 5 % below it.  Guard: whoever comes after a
minute earns a tip, and after two the exchange begins by itself.
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.events import AuctionStarted
from floorbook.core.rules import auction as rule
from tests.attacks.page import Harm
from tests.attacks.salesroom import ETHER, HOUR, Salesroom, harm


@cache
def abandoned(hours: int = 20) -> Salesroom:
    room = Salesroom(insurance=0)
    buyer = room.bidder()
    standing = 0
    for quarter in range(hours * 4):
        room.goes_to((152 - quarter) * ETHER // 2)
        if standing in room.state.bids:
            room.does(room.signed(c.CancelBid, buyer, bid=standing))
        if not room.sold():
            standing = room.bid(buyer, room.truth * 95 // 100)
        room.run(HOUR // 4)
    return room


@cache
def unguarded() -> Salesroom:
    with patch.object(rule, "SELF_START_NS", 10**18):
        return abandoned.__wrapped__()


def play() -> Harm:
    guard = "the exchange begins by itself"
    return harm("33", "let no keeper come", guard, "auctions.md §1", unguarded(), abandoned())


def test_without_the_exchange_itself_nothing_is_sold() -> None:
    room = unguarded()
    assert not room.sold()
    assert room.change_of_funds() < -10 * ETHER


def test_an_hour_without_a_keeper_costs_a_minute(ledger: dict[str, Harm]) -> None:
    room = abandoned()
    ledger["33"] = play()
    assert room.events(AuctionStarted)
    (won,) = room.sold()
    assert won.to_keeper == 0
    assert play().others >= 0 > play().without
    assert room.profit() <= 0


def test_the_exchange_begins_one_minute_after_a_keeper_could_have() -> None:
    room = Salesroom()
    room.goes_to(70 * ETHER)
    room.run(120)
    assert not room.state.auctions
    room.step(60)
    assert room.state.auctions
