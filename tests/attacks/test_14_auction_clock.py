"""Row 14: silence the reporters during a sale, let the clock run down in the dark, and buy at its end.

Arcadia #60, #167.  The price falls to 76 ETH and the sale begins; then the reporters fall silent, and honest
bidders, who no longer know what a token is worth, withdraw.  The attacker has another name that buys at the
last moment.  Guard: the clock stands still without prices, and for an hour after they are back.
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.commands import CancelBid
from floorbook.core.engine import sales
from floorbook.core.rules.reports import Breaker
from tests.attacks.page import Outcome
from tests.attacks.salesroom import COLLECTION, ETHER, HOUR, Salesroom, outcome

HOURS = (1, 3, 7, 30)


def darken(hours: int) -> Salesroom:
    """Silence everybody for so long; the attacker takes whatever is below 90 % of the true value."""
    room = Salesroom(owner_is_attacker=False)
    attacker, honest = room.name(), room.bidder()
    standing = room.bid(honest, 75 * ETHER)
    auction = room.unhealthy()
    room.does(room.signed(CancelBid, honest, bid=standing))
    room.state.collections[COLLECTION].breaker = Breaker.FROZEN

    def tempted() -> None:
        if auction.id in room.state.auctions and room.price_now(auction) <= room.truth * 9 // 10:
            room.takes(attacker, auction)

    for _ in range(hours * 4):
        room.step(HOUR // 4)
        tempted()
    room.state.collections[COLLECTION].breaker = Breaker.NORMAL
    room.bid(honest, 75 * ETHER)
    for _ in range(8 * 4):
        room.step(HOUR // 4)
        tempted()
    return room


@cache
def play() -> Outcome:
    with patch.object(sales, "must_stand_still", lambda state, auction: False):
        without = darken(6)
    tried = [darken(hours) for hours in HOURS]
    return outcome(
        "14", "run the clock down in the dark", "the clock stands still without prices", "auctions.md §3",
        without, max(tried, key=Salesroom.profit), len(tried),
    )  # fmt: skip


def test_a_clock_in_the_dark_sells_below_the_value(ledger: dict[str, Outcome]) -> None:
    ledger["14"] = play()
    assert play().without > 5 * ETHER
    assert play().profit <= 0


@pytest.mark.parametrize("hours", HOURS)
def test_the_clock_stands_still_in_the_dark(hours: int) -> None:
    room = darken(hours)
    (won,) = room.sold()
    assert won.price == 75 * ETHER
    assert room.profit() <= 0
