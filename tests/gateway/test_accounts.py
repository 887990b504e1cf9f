"""Which account an address means, and whose agent a key is: docs/api.md §3."""

from floorbook.core import commands as c
from floorbook.core.engine import authority
from floorbook.gateway.accounts import Accounts, from_hex, sub_account_address, to_hex
from floorbook.journal.machine import Applied, AppliedBatch
from tests.core.engine.world import World

OWNER, OTHER, AGENT = b"o" * 20, b"p" * 20, b"a" * 20


def approve(world: World, accounts: Accounts, account: int, seconds: int) -> None:
    until = world.at + seconds * 10**9 if seconds else 0
    command = world.signed(c.ApproveAgent, account, agent=AGENT, until=until)
    events = world.does(command)
    accounts.follow([AppliedBatch(1, 1, b"", b"rows"), Applied(world.state.seq, world.at, command, events)])


def test_owner_speaks_for_himself(world: World) -> None:
    world.open_account(OWNER)
    accounts = Accounts(world.state)
    assert accounts.principal(OWNER) is world.state.owners[OWNER]
    assert accounts.principal(AGENT) is None


def test_agent_speaks_until_its_time(world: World) -> None:
    account = world.open_account(OWNER)
    accounts = Accounts(world.state)
    approve(world, accounts, account, 10)
    assert accounts.principal(AGENT) is world.state.owners[OWNER]
    assert Accounts(world.state).principal(AGENT) is world.state.owners[OWNER]  # opened anew
    world.wait(11)
    assert accounts.principal(AGENT) is None
    approve(world, accounts, account, 10)
    approve(world, accounts, account, 0)
    assert accounts.principal(AGENT) is None


def test_agent_of_two_speaks_for_the_first_that_still_has_it(world: World) -> None:
    first, second = world.open_account(OWNER), world.open_account(OTHER)
    accounts = Accounts(world.state)
    approve(world, accounts, first, 5)
    approve(world, accounts, second, 60)
    assert accounts.principal(AGENT) is world.state.owners[OWNER]
    world.wait(6)
    assert accounts.principal(AGENT) is world.state.owners[OTHER]


def test_sub_account_has_an_address_of_its_own(world: World) -> None:
    account = world.open_account(OWNER)
    world.does(world.signed(c.OpenSubAccount, account))
    accounts = Accounts(world.state)
    sub = world.state.owners[OWNER].accounts[1]
    address = sub_account_address(OWNER, 1)
    assert (accounts.find(OWNER), accounts.find(address)) == (account, sub)
    assert (accounts.address(account), accounts.address(sub)) == (OWNER, address)
    owner = accounts.owner(sub)
    assert owner is not None
    assert owner.address == OWNER


def test_exchanges_own_account_has_no_owner(world: World) -> None:
    accounts = Accounts(world.state)
    fees = world.state.fees_account
    assert authority.is_system(world.state, fees)
    assert accounts.owner(fees) is None
    assert accounts.find(accounts.address(fees)) == fees


def test_addresses_as_text() -> None:
    assert from_hex(to_hex(OWNER)) == OWNER
    assert from_hex(OWNER.hex().upper()) == OWNER
    for wrong in ("", "0x", "0x" + "1" * 39, "0x" + "1" * 42, "0x" + "g" * 40, "0x" + " 11" * 13 + "1"):
        assert from_hex(wrong) is None
