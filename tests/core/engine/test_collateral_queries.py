"""What people are told of their collateral."""

import pytest

from floorbook.cli.accounts import describe
from floorbook.core import commands as c
from floorbook.core.engine.collateral_queries import Holdings, holdings
from floorbook.core.reasons import Reject
from tests.core.engine.pledging import FLOOR, PUNK, Vault
from tests.core.engine.world import ETHER


@pytest.fixture
def whale(vault: Vault) -> int:
    account = vault.open_account(b"whale", eth=1)
    vault.brings(account, 1, 2, 3)
    vault.report()
    vault.pledges(account, 1, 2)
    vault.tick()
    return account


def ask(vault: Vault, account: int) -> Holdings:
    found = holdings(vault.state, account)
    assert isinstance(found, Holdings)
    return found


def test_every_token_is_told_beside_the_others(vault: Vault, whale: int) -> None:
    found = ask(vault, whale)
    assert [(line.token, line.custody, line.borrow, line.note) for line in found.tokens] == [
        (1, "pledged", FLOOR, ""),
        (2, "pledged", 29 * ETHER, ""),
        (3, "account", 0, "not pledged"),
    ]
    assert found.loan == sum(line.loan for line in found.tokens)
    assert found.backing == sum(line.backing for line in found.tokens)
    assert (found.commitment, found.debt) == (0, 0)


def test_why_a_token_counts_nothing(vault: Vault, whale: int) -> None:
    vault.does(c.ObserveToken(collection=PUNK, token=1, fingerprint=b"emptied"))
    vault.does(c.ObserveToken(collection=PUNK, token=2, fingerprint=b"as it was", is_flagged=True))
    notes = {line.token: line.note for line in ask(vault, whale).tokens}
    assert notes == {1: "changed since it came", 2: "flagged by a marketplace", 3: "not pledged"}


def test_why_a_token_carries_no_new_credit(vault: Vault, whale: int) -> None:
    vault.wait(3_601)
    vault.tick()
    line = ask(vault, whale).tokens[0]
    assert (line.borrow, line.loan) == (0, 0)
    assert line.backing > 0
    assert line.note == "old prices: no new credit, and it decays"
    vault.report()
    vault.does(vault.operated(c.SetBreaker, collection=PUNK, breaker=1))
    vault.tick()
    assert ask(vault, whale).tokens[0].note == "breaker: no new credit"


def test_a_statement_prints_it(vault: Vault, whale: int) -> None:
    lines = describe(vault.state, whale)
    # The second token's slope is 29 / 30, down: half and 60 % of 28.99999998.
    assert (
        "collateral   may owe 29.49999999 ETH, sold beyond 35.399999988 ETH, committed 0 ETH, owes 0 ETH"
        in lines
    )
    assert "token        PUNKS 2 pledged, floor 30, borrow value 29, liquidation value 28.99999998" in lines
    assert not any(line.startswith("collateral") for line in describe(vault.state, 0))


def test_nobody_is_nobody(vault: Vault) -> None:
    assert holdings(vault.state, 99) == Reject.UNKNOWN_ACCOUNT
