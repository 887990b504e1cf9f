"""Row 34: be paid twice: take what is sold, redeem what was taken, cancel what has won.

NFT Auction Marketplace, July 2026.  Guard: a sale is taken out of the state before anything of it moves, and
every way to end one asks whether it is there.
"""

from collections.abc import Callable
from itertools import permutations

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import auctions
from floorbook.core.events import AuctionEnded, AuctionWon
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


@pytest.mark.parametrize("repaid", [False, True])
def test_a_sale_is_settled_once(repaid: bool, ledger: dict[str, Outcome]) -> None:
    rooms = [settle(acts, repaid=repaid) for acts in permutations(ACTS)]
    best = max(rooms, key=Salesroom.profit)
    ledger["34"] = outcome("34", "settle twice", "a sale ends once", best, best, len(rooms) * 2)
    assert best.profit() <= 0
    assert all(room.change_of_funds() >= 0 for room in rooms)
