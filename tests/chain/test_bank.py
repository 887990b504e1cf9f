"""The demo's bank on a real chain: backing once through a crash, bots' deposits once, gifts."""

import asyncio
from collections.abc import Sequence

import pytest

from floorbook.chain.abi import load
from floorbook.chain.deployment import Deployment, deploy
from floorbook.chain.rpc import Rpc
from floorbook.core.collateral import Custody, Token, token_key
from floorbook.core.commands import AnyCommand, Deposit, DepositToken, Tick
from floorbook.core.events import Event
from floorbook.core.settlement import MONEY, TOKEN
from floorbook.core.state import State
from floorbook.demo.bank import Bank
from floorbook.pricing.eip712 import Key, keccak256
from floorbook.units import ETH, USDC
from tests.chain.conftest import funded
from tests.chain.test_deployment import terms

OWNER, BANK = bytes(19) + b"\x07", Key(keccak256(b"bank"))


@pytest.fixture
def deployed(rpc: Rpc) -> Deployment:
    funded(rpc, "bank", 10**6)
    return deploy(funded(rpc, "deployer"), terms(rpc))


@pytest.fixture
def state(deployed: Deployment) -> State:
    """An exchange with one owner that has opened its vault, holding money and two tokens."""
    made = State()
    made.owner_of.append(OWNER)
    made.settlement.chain_id, made.settlement.vault = deployed.chain_id, deployed.vault
    made.settlement.backing = [7 * 10**9, 25_000_000 * 10**6]
    made.settlement.backing_tokens = [token_key(0, 5), token_key(1, 9)]
    return made


def deposited(rpc: Rpc, deployed: Deployment) -> list[tuple[bytes, int, int, int]]:
    vault = load("Vault")
    logs = rpc.logs(deployed.block, "latest", deployed.vault, [vault.topic("Deposited")])
    return [tuple(list(said.fields.values())[1:]) for said in vault.events(logs)]


def test_backing_is_brought_once(rpc: Rpc, deployed: Deployment, state: State) -> None:
    vault = deployed.vault
    assert Bank(deployed, BANK, state).back() == 4
    expected = [
        (vault, MONEY, ETH, 7 * 10**9), (vault, MONEY, USDC, 25_000_000 * 10**6),
        (vault, TOKEN, 0, 5), (vault, TOKEN, 1, 9),
    ]  # fmt: skip
    assert deposited(rpc, deployed) == expected
    # Started again before any of it was credited: all of it is on its way.
    assert Bank(deployed, BANK, state).back() == 0
    # The first was credited, and then the chain turned out to be missing one token's deposit.
    state.settlement.deposit_sequence, state.settlement.backing[ETH] = 1, 0
    assert Bank(deployed, BANK, state).back() == 0
    assert deposited(rpc, deployed) == expected


def test_a_bots_deposit_goes_through_the_vault_once(rpc: Rpc, deployed: Deployment, state: State) -> None:
    said: list[AnyCommand] = []

    def say(command: AnyCommand) -> Sequence[Event]:
        said.append(command)
        return ()

    async def live() -> None:
        bank = Bank(deployed, BANK, state)
        through = bank.wrap(say)
        for command in (
            Deposit(account=0, asset=USDC, amount=500, reference=b"1"),
            Deposit(account=0, asset=USDC, amount=500, reference=b"2"),  # it asked again
            DepositToken(account=0, collection=0, token=77, reference=b"3"),
            DepositToken(account=0, collection=0, token=78, reference=b"4"),  # is here already
            Tick(),
        ):
            assert through(command) == ()
        await bank.round()
        through(Deposit(account=0, asset=USDC, amount=500, reference=b"5"))  # not credited yet
        await bank.round()
        state.settlement.deposit_sequence = 100
        await bank.round()
        through(Deposit(account=0, asset=ETH, amount=9, reference=b"6"))
        await bank.round()
        await bank.rpc.close()

    state.tokens[token_key(0, 78)] = Token(
        collection=0, number=78, custody=Custody.ACCOUNT, holder=0, deposited=0, fingerprint=b""
    )
    Bank(deployed, BANK, state).back()
    before = len(deposited(rpc, deployed))
    asyncio.run(live())
    assert said == [Tick()]
    assert deposited(rpc, deployed)[before:] == [
        (OWNER, MONEY, USDC, 500), (OWNER, TOKEN, 0, 77), (OWNER, MONEY, ETH, 9),
    ]  # fmt: skip


def test_a_gift_is_in_the_wallet(rpc: Rpc, deployed: Deployment, state: State) -> None:
    visitor = bytes(19) + b"\x63"

    async def give() -> None:
        bank = Bank(deployed, BANK, state)
        await bank.give(visitor, 5, 600, (1, 2))
        await bank.rpc.close()

    asyncio.run(give())
    assert rpc.balance(visitor) == 5
    usdc, punks = load("TestUsdc"), load("TestPunks")
    held = rpc.eth_call(deployed.address("Usdc"), usdc.call("balanceOf", visitor))
    owner = rpc.eth_call(deployed.collection(0), punks.call("ownerOf", 2))
    assert usdc.result("balanceOf", held) == 600
    assert punks.result("ownerOf", owner) == visitor
