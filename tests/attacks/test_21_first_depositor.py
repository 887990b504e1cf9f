"""Row 21: the first member buys next to nothing, gives a fortune, and takes the money of the second.

Audit: JPEG'd H-01; Hundred, Sonne, Onyx, Wise.  Guard: virtual shares with six decimals of offset, and a
least entry (vaults.md §1).
"""

from contextlib import ExitStack
from functools import cache
from itertools import product
from unittest.mock import patch

import pytest

from floorbook.core.rules import vault
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import ETH
from tests.attacks.page import Outcome
from tests.core.engine.banking import HOUR, Bank
from tests.core.engine.world import ETHER

VICTIM = 199 * ETHER
VAULTS, FIRSTS = (LENDING, INSURANCE), (1, 10**6, ETHER)
GIFTS = (1, ETHER, 100 * ETHER, 199 * ETHER, 10_000 * ETHER)


@cache
def inflate(number: int, first: int, gift: int) -> tuple[int, int]:
    """Enter, give, let the victim enter, leave; return the attacker's and the victim's gain [atoms]."""
    bank = Bank()
    attacker = bank.open_account(b"attacker", eth=1)
    shares = bank.enters(attacker, first, number).shares
    bank.fund(bank.state.vaults[number].account, ETH, gift)
    bought = bank.enters(bank.lender, VICTIM, number).shares
    for account, asked in ((attacker, shares), (bank.lender, bought)):
        bank.does(bank.request(account, asked, number))
    bank.wait(48 * HOUR)
    taken = bank.leaves(attacker, number).amount - first - gift
    return taken, bank.leaves(bank.lender, number).amount - VICTIM


def unguarded() -> ExitStack:
    """Shares without virtual ones, and no least entry."""
    stack = ExitStack()
    stack.enter_context(patch.object(vault, "ENTRY_MIN_ATOMS", 1))
    stack.enter_context(
        patch.object(
            vault, "shares_for", lambda amount, assets, supply: amount * max(1, supply) // max(1, assets)
        )
    )
    stack.enter_context(
        patch.object(vault, "worth", lambda shares, assets, supply: shares * assets // supply)
    )
    stack.enter_context(patch.object(vault, "is_spent", lambda assets, supply: False))
    return stack


@cache
def play() -> Outcome:
    with unguarded():
        without = inflate.__wrapped__(LENDING, 1, 100 * ETHER)
    with patch.object(vault, "ENTRY_MIN_ATOMS", 1):
        tried = [inflate(number, first, gift) for number, first, gift in product(VAULTS, FIRSTS, GIFTS)]
    attacker, victim = max(tried)
    return Outcome(
        attack="21", title="be a vault's first member and inflate its share", guard="virtual shares",
        spec="vaults.md §1", without=without[0], profit=attacker, insurance=0, honest=victim,
        attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_virtual_shares_the_victim_pays(ledger: dict[str, Outcome]) -> None:
    ledger["21"] = play()
    assert play().profit <= 0
    with unguarded():
        attacker, victim = inflate.__wrapped__(LENDING, 1, 100 * ETHER)
    assert attacker > 49 * ETHER
    assert victim < -49 * ETHER


@pytest.mark.parametrize("number", VAULTS)
@pytest.mark.parametrize("gift", GIFTS)
@pytest.mark.parametrize("first", FIRSTS)
def test_the_gift_is_lost_and_the_victim_keeps_his_money(number: int, gift: int, first: int) -> None:
    with patch.object(vault, "ENTRY_MIN_ATOMS", 1):  # one guard alone is enough
        attacker, victim = inflate(number, first, gift)
    assert attacker <= 0
    assert victim >= -max(1, gift // 10**6)
