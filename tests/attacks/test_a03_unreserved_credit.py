"""A3: win against credit that nobody has set aside, and be paid out of other people's deposits.

Audit: pool 50, ten NFT accounts with 20 of credit each, a gap draws 200; the winner closes against a newcomer
and withdraws while the losers' 200 are unrealised.  Guard: a commitment comes out of 85 % of the lenders'
claims before anything can be lost on it, and lenders cannot take what is promised (credit.md §1, §2).
"""

from collections.abc import Callable
from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import credit, pools, queries, risk, vaults
from floorbook.core.events import Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules import credit as rule
from floorbook.core.rules.vault import LENDING
from floorbook.units import CASH_MAX, ETH
from tests.attacks.page import Harm
from tests.core.engine.lending import MARK, Bank
from tests.core.engine.world import ETHER, PUNKS

POOL, LINES, CREDIT, CASH, LOTS = 50, 10, 20, 10, 58


def unguarded(_: int) -> int:
    return CASH_MAX


@cache
def gap() -> Bank:
    """Ten lines go long 58 ETH each against the attacker; the price halves; he closes against a newcomer."""
    bank = Bank(pool=POOL)
    bank.does(bank.operated(c.RaiseLimit, account=bank.maker, market=PUNKS, limit=10_000 * ETHER))
    for number in range(LINES):
        pledger = bank.line(number, eth=CASH)
        bank.apply(bank.credit(pledger, CREDIT))
        bank.does(bank.order(bank.maker, -1, LOTS, MARK))
        bank.apply(bank.order(pledger, 1, LOTS, MARK))
        bank.does(bank.signed(c.CancelAll, bank.maker))
    bank.at_price(50)
    newcomer = bank.open_account(b"newcomer", eth=1_000)
    lots = -bank.size(bank.maker)
    bank.does(bank.operated(c.RaiseLimit, account=newcomer, market=PUNKS, limit=10_000 * ETHER))
    if lots:
        bank.does(bank.order(newcomer, -1, lots, 500_000))
        bank.does(bank.order(bank.maker, 1, lots, 500_000))
    return bank


def unpaid(bank: Bank) -> int:
    """Return what everybody but the lenders owns beyond what the vault holds [atoms]."""
    pool = bank.state.vaults[0].account
    owned = sum(
        max(0, risk.own_ether(bank.state, account))
        for account in range(len(bank.state.owner_of))
        if account != pool
    )
    return owned - bank.state.idle(ETH)


@cache
def unreserved() -> Bank:
    with patch.object(rule, "promise_limit", unguarded), patch.object(rule, "owner_limit", unguarded):
        return gap.__wrapped__()


def play() -> Harm:
    return Harm(
        attack="A3", title="win against credit that nobody set aside", guard="commitments reserved before",
        spec="credit.md §1, §2", without=-unpaid(unreserved()), others=-max(0, unpaid(gap())), attempts=1,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_reservation_others_deposits_pay_the_winner(ledger: dict[str, Harm]) -> None:
    ledger["A3"] = play()
    bank = unreserved()
    assert credit.debts(bank.state) > 180 * ETHER
    assert unpaid(bank) > 130 * ETHER


def test_with_it_what_is_lost_was_left_behind_before() -> None:
    bank = gap()
    assert credit.reserved(bank.state) <= 85 * POOL * ETHER // 100
    assert credit.debts(bank.state) <= pools.claims(bank.state)
    assert unpaid(bank) <= 0


def test_everybody_but_the_lenders_can_go_home() -> None:
    """The winner, then the newcomer, then the makers of the funds: nobody is told that the vault is empty."""
    bank = gap.__wrapped__()
    for account in range(len(bank.state.owner_of)):
        owner = bank.state.owners.get(bank.state.owner_of[account])
        amount = queries.withdrawable(bank.state, account, ETH) if owner else 0
        if amount > 0:
            events = bank.apply(bank.signed(c.Withdraw, account, asset=ETH, amount=amount))
            assert Rejected(reason=Reject.NOT_LIQUID, account=account) not in events
    assert bank.state.idle(ETH) >= 0
    assert credit.debts(bank.state) <= pools.claims(bank.state)


def test_a_gap_with_every_line_drawn_costs_the_lenders_their_provision_and_nobody_else_anything() -> None:
    """-50 %: 8 debts of 50 on tokens that bring 32.5; everybody else is paid to the atom."""
    bank = Bank()
    for number in range(8):
        pledger = bank.line(number, commitment=50)
        bank.does(bank.loan(pledger, 50 * ETHER))
    claims = pools.claims(bank.state)
    bank.at_price(50)
    vaults.refresh(bank.state, credit.worths(bank.state))
    assert bank.state.vaults[LENDING].provision == 8 * 17_500_000_000
    assert pools.claims(bank.state) == claims
    assert unpaid(bank) <= 0


@pytest.mark.parametrize("attempt", range(4))
def test_a_promise_cannot_be_had_twice(attempt: int) -> None:
    """Sub-accounts, more tokens, a second owner, asking again: together never above 85 % of the claims."""
    bank = Bank(pool=POOL)
    ways: list[Callable[[], int]] = [
        lambda: bank.line(1, 2, 3),
        lambda: bank.does(bank.signed(c.OpenSubAccount, bank.line(4)))[0].account,
        lambda: bank.line(5),
        lambda: bank.line(6),
    ]
    first = ways[attempt]()
    if attempt == 1:
        bank.pledge(first, 40)
    for pledger in [first, *(bank.line(100 + n) for n in range(20))]:
        for amount in (CREDIT, 5, 5, 5, 1):
            bank.apply(bank.credit(pledger, amount))
    assert credit.promised(bank.state) <= 85 * POOL * ETHER // 100
