"""Row 34: be paid twice: take what is sold, redeem what was taken, cancel what has won.

NFT Auction Marketplace, July 2026.  Guard: a sale is taken out of the state before anything of it moves, and
every way to end one asks whether it is there.
"""

from collections.abc import Callable
from functools import cache
from itertools import permutations
from typing import Any
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Auction
from floorbook.core.engine import auctions, sales
from floorbook.core.events import AuctionEnded, AuctionWon
from floorbook.core.state import State
from floorbook.units import ETH
from tests.attacks.page import Outcome
from tests.attacks.salesroom import ETHER, Salesroom, outcome

Act = Callable[[Salesroom, int, int], object]


def take(room: Salesroom, auction: int, bid: int) -> object:
    return room.apply(room.signed(c.TakeAuction, room.names[1], auction=auction, price_max=10**15))


def redeem(room: Salesroom, auction: int, bid: int) -> object:
    return room.apply(room.signed(c.RedeemAuction, room.debtor, auction=auction))


def cancel(room: Salesroom, auction: int, bid: int) -> object:
    return room.apply(room.signed(c.CancelBid, room.names[2], bid=bid))


def outbid(room: Salesroom, auction: int, bid: int) -> object:
    return room.apply(room.signed(c.PlaceBid, room.names[1], collection=0, price=100 * ETHER))


ACTS: tuple[Act, ...] = (take, redeem, cancel, outbid)


def settle(acts: tuple[Act, ...], *, repaid: bool) -> Salesroom:
    """Do everything twice, in this order, between two ticks."""
    room = Salesroom()
    room.name(), room.name()
    bid = room.bid(room.names[2], 80 * ETHER)
    auction = room.unhealthy()
    if repaid:
        room.fund(room.debtor, ETH, 20 * ETHER)
        room.brought[room.debtor] += 20 * ETHER
    before = len(room.state.tokens)
    events: list[object] = []
    for act in (*acts, *acts):
        events += act(room, auction.id, bid)  # type: ignore[arg-type]
    room.seen += auctions.run(room.state)
    ended = [e for e in events if isinstance(e, AuctionWon | AuctionEnded) and e.auction == auction.id]
    assert len(ended) == 1
    assert len(room.state.tokens) == before
    return room


sell = sales.sell


def kept(state: State, auction: Auction, *args: Any, **fields: Any) -> Any:
    """Settle a sale and leave it open."""
    events = sell(state, auction, *args, **fields)
    state.auctions[auction.id] = auction
    return events


def unguarded() -> Salesroom:
    """Somebody else buys the token; its old owner redeems the sale that is still there."""
    room = Salesroom()
    buyer = room.bidder()
    auction = room.unhealthy()
    with patch.object(sales, "sell", kept):
        room.takes(buyer, auction)
        room.does(room.signed(c.RedeemAuction, room.debtor, auction=auction.id))
    return room


@cache
def settle_all(repaid: bool) -> list[Salesroom]:
    return [settle(acts, repaid=repaid) for acts in permutations(ACTS)]


@cache
def play() -> Outcome:
    rooms = [*settle_all(False), *settle_all(True)]
    best = max(rooms, key=Salesroom.gain)
    guard = "a sale is gone before anything moves"
    return outcome("34", "settle twice", guard, "auctions.md §6, §8", unguarded(), best, len(rooms))


def test_a_sale_that_stays_open_sells_and_gives_back(ledger: dict[str, Outcome]) -> None:
    ledger["34"] = play()
    assert play().without > 20 * ETHER
    assert play().profit <= 0


@pytest.mark.parametrize("repaid", [False, True])
def test_a_sale_is_settled_once(repaid: bool) -> None:
    rooms = settle_all(repaid)
    assert max(room.gain() for room in rooms) <= 0
    assert all(room.change_of_funds() >= 0 for room in rooms)
