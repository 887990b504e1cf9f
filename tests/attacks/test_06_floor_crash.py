"""Row 6: list one token far below the floor for a while, have others liquidated, and buy their tokens.

All reporters honestly say the floor they see.  The victim has borrowed all it can: H = 1.2.

Guards: liquidation value = 6 h average, falling by at most 20 % an hour even if all reporters agree
(collateral.md §2); an auction starts above the value and ends when the owner has been healthy for an hour.
"""

from unittest.mock import patch

import pytest

from floorbook.core.engine import worth
from floorbook.core.events import AuctionStarted, AuctionWon, Event
from floorbook.core.rules.index import Limited
from floorbook.units import PPB_ONE
from tests.attacks.pawnshop import Pawnshop

DAY = 86_400  # [s]


class Pawned(Pawnshop):
    """A shop that remembers what happened, with one who has borrowed all he can."""

    def __init__(self) -> None:
        self.seen: list[Event] = []
        super().__init__()
        self.pass_seconds(2 * DAY, step=3_600)
        self.bring(1, owner=b"victim")
        self.pass_seconds(1_200)
        self.pawn_all()

    def apply(self, command: object) -> list[Event]:
        events = super().apply(command)  # type: ignore[arg-type]
        self.seen += events
        return events

    def crash(self, percent: int, minutes: int) -> None:
        """Let the floor be so far below the truth for so long, then be itself again for a day."""
        low = dict.fromkeys(range(5), PPB_ONE * (100 - percent) // 100)
        self.pass_seconds(minutes * 60, step=60, said=low)
        self.pass_seconds(DAY, step=600)

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.seen)


def test_at_the_price_of_the_moment_one_print_sells_the_victim() -> None:
    with patch.object(worth, "fallen", lambda before, new, now: Limited(new, new, now)):
        shop = Pawned()
        shop.crash(50, 5)
    assert shop.count(AuctionStarted) > 0


@pytest.mark.parametrize(("percent", "minutes"), [(16, 240), (50, 40), (95, 40)])
def test_a_cheap_listing_sells_nobody(percent: int, minutes: int) -> None:
    shop = Pawned()
    shop.crash(percent, minutes)
    assert shop.count(AuctionStarted) == 0


def test_a_longer_one_starts_a_sale_that_ends_without_a_buyer() -> None:
    shop = Pawned()
    shop.crash(50, 90)
    assert shop.count(AuctionStarted) > 0
    assert shop.count(AuctionWon) == 0
    assert shop.is_pledged(0)
