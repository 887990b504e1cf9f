"""Row 6: list one token far below the floor for a while, have others liquidated, and buy their tokens.

All reporters honestly say the floor they see.  The victim has borrowed all it can: H = 1.2.

Guards: liquidation value = 6 h average, falling by at most 20 % an hour even if all reporters agree
(collateral.md §2); an auction starts above the value and ends when the owner has been healthy for an hour.
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.engine import worth
from floorbook.core.events import AuctionStarted, AuctionWon, Event
from floorbook.core.rules.index import Limited
from floorbook.units import PPB_ONE
from tests.attacks.page import Finding
from tests.attacks.pawnshop import Pawnshop

DAY = 86_400  # [s]
CHEAP = ((16, 240), (50, 40), (95, 40))  # [%] below the floor, [min]


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


@cache
def crashed(percent: int, minutes: int) -> Pawned:
    shop = Pawned()
    shop.crash(percent, minutes)
    return shop


@cache
def unguarded() -> Pawned:
    with patch.object(worth, "fallen", lambda before, new, now: Limited(new, new, now)):
        return crashed.__wrapped__(50, 5)


def play() -> Finding:
    tried = [crashed(percent, minutes) for percent, minutes in CHEAP]
    return Finding(
        attack="6", title="list one token far below the floor", guard="a 6 h average that falls 20 % an hour",
        spec="collateral.md §2", without=f"{unguarded().count(AuctionStarted)} victim on sale after 5 min",
        found=f"{max(shop.count(AuctionStarted) for shop in tried)} on sale after 40 min at any price",
        attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_at_the_price_of_the_moment_one_print_sells_the_victim(ledger: dict[str, Finding]) -> None:
    ledger["6"] = play()
    assert unguarded().count(AuctionStarted) > 0


@pytest.mark.parametrize(("percent", "minutes"), CHEAP)
def test_a_cheap_listing_sells_nobody(percent: int, minutes: int) -> None:
    assert crashed(percent, minutes).count(AuctionStarted) == 0


def test_a_longer_one_starts_a_sale_that_ends_without_a_buyer() -> None:
    shop = crashed(50, 90)
    assert shop.count(AuctionStarted) > 0
    assert shop.count(AuctionWon) == 0
    assert shop.is_pledged(0)
