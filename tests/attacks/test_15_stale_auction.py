"""Row 15: a sale that is left open after its owner has recovered sells at the end of its curve (M-09).

The price dips to 76 ETH, the sale begins, and the price is back at 100 but for short dips (ParaSpace).  The
attacker waits for the end of the run.  Guard: an hour of health ends the sale; the next one begins at its
start.
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.engine import auctions
from tests.attacks.page import Outcome
from tests.attacks.salesroom import ETHER, HOUR, PRICE, Salesroom, outcome

MINUTES_UP = (65, 120, 400)


def dip(minutes_up: int) -> Salesroom:
    """Let the price recover for so long at a time, between dips of a minute."""
    room = Salesroom(owner_is_attacker=False)
    attacker = room.name()
    room.unhealthy()
    for _ in range(8 * HOUR // (60 * (minutes_up + 1)) + 1):
        room.goes_to(PRICE)
        room.run(minutes_up * 60)
        room.goes_to(76 * ETHER)
        room.step(60)
    room.goes_to(PRICE)
    for auction in list(room.state.auctions.values()):
        if room.price_now(auction) < PRICE:
            room.takes(attacker, auction)
    return room


@cache
def play() -> Outcome:
    with patch.object(auctions, "_has_recovered", lambda state, auction: False):
        without = dip(65)
    tried = [dip(minutes) for minutes in MINUTES_UP]
    best = max(tried, key=Salesroom.profit)
    guard = "an hour of health ends it"
    return outcome("15", "wait in a stale sale", guard, "auctions.md §8", without, best, len(tried))


def test_a_sale_left_open_sells_a_healthy_owners_token_below_its_value(ledger: dict[str, Outcome]) -> None:
    ledger["15"] = play()
    assert play().without > 5 * ETHER
    assert play().profit <= 0


@pytest.mark.parametrize("minutes_up", MINUTES_UP)
def test_recovery_ends_the_sale(minutes_up: int) -> None:
    room = dip(minutes_up)
    assert not room.sold()
    assert room.profit() <= 0
