"""Row 15: a sale that is left open after its owner has recovered sells at the end of its curve (M-09).

The price dips to 76 ETH, the sale begins, and the price is back at 100 but for short dips (ParaSpace).  The
attacker waits for the end of the run.  Guard: an hour of health ends the sale; the next one begins at its
start.
"""

from unittest.mock import patch

import pytest

from floorbook.core.engine import auctions
from tests.attacks.page import Outcome
from tests.attacks.salesroom import ETHER, HOUR, PRICE, Salesroom, outcome


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


def test_a_sale_left_open_sells_a_healthy_owners_token_below_its_value() -> None:
    with patch.object(auctions, "_has_recovered", lambda state, auction: False):
        assert dip(65).profit() > 5 * ETHER


@pytest.mark.parametrize("minutes_up", [65, 120, 400])
def test_recovery_ends_the_sale(minutes_up: int, ledger: dict[str, Outcome]) -> None:
    room = dip(minutes_up)
    with patch.object(auctions, "_has_recovered", lambda state, auction: False):
        without = dip(65)
    ledger["15"] = outcome("15", "wait in a stale sale", "an hour of health ends it", without, room, 3)
    assert not room.sold()
    assert room.profit() <= 0
