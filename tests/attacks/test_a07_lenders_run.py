"""A7: leave when the sale begins, and let those who stay bear the loss.

Audit: the auction's shortfall appears hours after the first trigger; lenders who see it coming run first.
Guard: the price of an exit carries max(0, D - recovery) from the first trigger (vaults.md §4).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import vaults
from floorbook.core.events import NftShortfall
from floorbook.core.rules import vault
from floorbook.core.rules.vault import LENDING
from tests.attacks.page import Outcome
from tests.core.engine.banking import SHARE, Bank
from tests.core.engine.world import ETHER

DEEP = 7 * ETHER
WAITS = (0, 6)  # [h]


class Run(Bank):
    """Two lenders of 100 ETH each, 20 of them lent on three tokens; one of the two has an exit open."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = self.open_account(b"runner", eth=100)
        self.enters(self.lender, 100 * ETHER)
        self.enters(self.runner, 100 * ETHER)
        self.does(self.request(self.runner, 100 * ETHER * SHARE))
        self.pass_time(46 * 60, step=60)
        self.borrows(20 * ETHER, 1, 2, 3)
        self.pass_time(2 * 60, step=60)

    def fall(self, price: int) -> None:
        """Let the floor fall until a loss is in sight; a buyer waits at a price [atoms]."""
        buyer = self.open_account(b"buyer", eth=100)
        for _ in range(3):
            self.does(self.signed(c.PlaceBid, buyer, collection=0, price=price))
        while not self.state.auctions:
            self.pass_time(30, floor=DEEP)

    def settle(self) -> int:
        """Let the sales end; return what the lenders bore."""
        borne = 0
        for _ in range(60):
            self.at += 30 * 60 * 10**9
            self.report(floor=DEEP, tick=False)
            events = self.does(c.Tick())
            borne += sum(event.from_lenders for event in events if isinstance(event, NftShortfall))
        return borne


@cache
def run(price: int, wait_hours: int) -> tuple[int, int]:
    """Let one lender leave as soon as a sale is open; return the atoms of both per 100 ETH."""
    world = Run()
    world.fall(price)
    world.pass_time(wait_hours * 60, floor=DEEP)
    left = world.leaves(world.runner)
    assert world.settle() > ETHER
    per_share = left.amount * 100 * ETHER * SHARE // left.shares
    return per_share, vaults.share_price(world.state, LENDING, 100 * ETHER)


BID = 43 * ETHER // 10  # a little above what the rules expect a sale to bring of 7 ETH


@cache
def unprovided() -> tuple[int, int]:
    with patch.object(vault, "provision", lambda debt, recovery: 0):
        return run.__wrapped__(BID, 6)


def play() -> Outcome:
    """The profit of running is what 100 ETH bring more than those of who stays."""
    tried = [run(BID, wait_hours) for wait_hours in WAITS]
    runner, stayer = max(tried, key=lambda both: both[0] - both[1])
    return Outcome(
        attack="A7", title="leave when the sale begins", guard="exits carry the loss that is foreseen",
        spec="vaults.md §4", without=unprovided()[0] - unprovided()[1], profit=runner - stayer, insurance=0,
        honest=stayer - 100 * ETHER, attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_provisions_who_stays_bears_it_all(ledger: dict[str, Outcome]) -> None:
    ledger["A7"] = play()
    runner, stayer = unprovided()
    assert runner >= 100 * ETHER
    assert stayer < 94 * ETHER


@pytest.mark.parametrize("wait_hours", WAITS)
def test_who_runs_does_no_better_than_who_stays(wait_hours: int) -> None:
    """At the first trigger or later: what is foreseen is at the floor of now, not at a slow average."""
    runner, stayer = run(BID, wait_hours)
    assert runner < 97 * ETHER
    assert runner <= stayer
