"""A16: let the NFT carry the whole margin, by taking the own half out again.

Audit: "NFTs cover at most half of IM" contradicts borrowing (a pure loan has no IM) and is bypassed: post
cash, open, withdraw the cash.  Guards: the half is asked of equity without credit at every order and both
sides of every fill; what leaves counts no credit; a loan needs an account without positions and orders
(credit.md §3).
"""

from collections.abc import Callable
from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import credit, queries, risk
from floorbook.core.events import Rejected
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import ETH
from tests.attacks.page import Finding, ether
from tests.core.engine.lending import MARK, Bank
from tests.core.engine.world import ETHER, PUNKS

MARGIN = 2_500_000_000  # of 25 ETH at ten times
Way = Callable[[Bank, int, int], c.Command]


def vault(number: int) -> Way:
    return lambda bank, who, amount: bank.signed(c.EnterVault, who, vault=number, amount=amount)


WAYS: dict[str, Way] = {
    "withdraw": lambda bank, who, amount: bank.signed(c.Withdraw, who, asset=ETH, amount=amount),
    "transfer": lambda bank, who, amount: bank.signed(c.Transfer, who, to=who + 1, asset=ETH, amount=amount),
    "borrow": lambda bank, who, amount: bank.loan(who, amount),
    "lend": vault(LENDING),
    "insure": vault(INSURANCE),
    "bid": lambda bank, who, amount: bank.signed(c.PlaceBid, who, collection=0, price=amount),
}


def hedged() -> tuple[Bank, int]:
    """A token of 100, 3 ETH of cash, long 25 ETH: the own half of the margin is 1.25."""
    bank = Bank()
    pledger = bank.line(1, eth=3, commitment=50)
    bank.does(bank.signed(c.OpenSubAccount, pledger))
    bank.opens(pledger, 25)
    return bank, pledger


@cache
def drained(way: Way) -> int:
    """Take out all that goes, in ever smaller parts; return the own equity that is left [atoms]."""
    bank, pledger = hedged()
    amount = 4 * ETHER
    while amount:
        if isinstance(bank.apply(way(bank, pledger, amount))[0], Rejected):
            amount //= 2
    return risk.own_ether(bank.state, pledger)


@cache
def play() -> Finding:
    with patch.object(credit, "has_exposure", lambda *_: False):
        without = drained.__wrapped__(WAYS["borrow"])
    left = min(drained(way) for way in WAYS.values())
    return Finding(
        attack="A16", title="take the own half of the margin out again",
        guard="the half is asked of equity without credit", spec="credit.md §3",
        without=f"own equity {ether(without)} for a margin of {ether(MARGIN)}",
        found=f"own equity {ether(left)} for a margin of {ether(MARGIN)}",
        attempts=len(WAYS),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_the_guard_a_loan_takes_the_half_out(ledger: dict[str, Finding]) -> None:
    ledger["A16"] = play()
    assert play().without.startswith("own equity -")


@pytest.mark.parametrize("way", WAYS)
def test_no_way_out_leaves_less_than_the_margin(way: str) -> None:
    assert drained(WAYS[way]) >= MARGIN


def test_a_loan_first_leaves_nothing_to_open_with() -> None:
    bank = Bank()
    pledger = bank.line(1, eth=3, commitment=50)
    bank.does(bank.loan(pledger, 4 * ETHER))
    for lots in (25, 5, 1):
        assert isinstance(bank.apply(bank.order(pledger, 1, lots, MARK))[0], Rejected)


def test_nor_can_it_be_lost_to_a_friend() -> None:
    """Selling low to the other name ends where the own half does, and the credit is never touched."""
    bank, pledger = hedged()
    friend = bank.open_account(b"friend", eth=100)
    low, high = bank.market().band
    for _ in range(60):
        bank.apply(bank.order(friend, -1, 5, high))
        bank.apply(bank.order(pledger, 1, 5, high))
        bank.apply(bank.order(friend, 1, 5, low))
        bank.apply(bank.order(pledger, -1, 5, low))
        bank.apply(bank.signed(c.CancelAll, pledger))
        bank.apply(bank.signed(c.CancelAll, friend))
    assert queries.equity(bank.state, pledger) > 0
    assert bank.debt(pledger) == 0
    assert bank.size(pledger, PUNKS) <= 30
