"""The contracts are deployed in one go, know each other, and take a deposit."""

import time
from pathlib import Path

import msgspec
import pytest

from floorbook.chain import deployment as deployment_module
from floorbook.chain.abi import load
from floorbook.chain.deployment import Deployment, Terms, check, deploy, read
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Call
from floorbook.errors import ChainError, ConfigError, RpcRefused
from floorbook.pricing.eip712 import Key, keccak256
from floorbook.pricing.reports import LOCAL_CHAIN
from tests.chain.conftest import ETHER, funded

KEYS = [Key(keccak256(b"operator %d" % number)) for number in range(3)]
NAMES = tuple(word(key.address) for key in KEYS)


def terms(rpc: Rpc, collections: tuple[str, ...] = ("", "")) -> Terms:
    admin = word(funded(rpc, "admin").address)
    return Terms(
        admin=admin, guardian=admin, treasury=admin, operators=NAMES, threshold=2, reporters=NAMES, quorum=2,
        delay=0, window=5, collections=collections,
    )  # fmt: skip


@pytest.fixture
def deployed(rpc: Rpc) -> Deployment:
    return deploy(funded(rpc, "deployer"), terms(rpc))


def test_every_contract_is_there_and_knows_the_others(rpc: Rpc, deployed: Deployment) -> None:
    check(deployed, rpc)

    def asked(contract: str, function: str, *arguments: object) -> object:
        known = load(contract)
        answer = rpc.eth_call(deployed.address(contract), known.call(function, *arguments))
        return known.result(function, answer)

    assert asked("Vault", "settlement") == deployed.address("Settlement")
    assert asked("Vault", "assets", 1) == (deployed.address("Usdc"), 1)
    assert asked("Vault", "collections", 1) == deployed.collection(1)
    assert asked("Settlement", "vault") == deployed.vault
    assert asked("Settlement", "window") == 5
    assert asked("Withdrawals", "settlement") == deployed.address("Settlement")
    assert asked("Oracle", "quorum") == 2
    assert asked("Settlement", "forcedExit") == deployed.address("ForcedExit")
    assert asked("ForcedExit", "serveTime") == 24 * 3_600
    assert asked("FrozenExit", "auction") == deployed.address("NftAuction")
    assert asked("NftAuction", "house") == deployed.address("FrozenExit")
    assert asked("LendingVault", "asset") == deployed.address("Ether")
    assert deployed.domain.chain_id == LOCAL_CHAIN


def test_it_takes_every_kind_of_deposit(rpc: Rpc, deployed: Deployment) -> None:
    wallet, vault = funded(rpc, "visitor"), load("Vault")
    usdc, punks, at = load("TestUsdc"), load("TestPunks"), deployed.vault
    wallet.transact(
        Call(deployed.address("Usdc"), usdc.call("mint", wallet.address, 500), 0, 100_000),
        Call(deployed.address("Usdc"), usdc.call("approve", at, 500), 0, 100_000),
        Call(deployed.collection(0), punks.call("mint", wallet.address, 7), 0, 150_000),
        Call(deployed.collection(0), punks.call("approve", at, 7), 0, 100_000),
    )
    calls = [
        Call(at, vault.call("depositEther", wallet.address), ETHER),
        Call(at, vault.call("depositMoney", 1, 500, wallet.address)),
        Call(at, vault.call("depositToken", 0, 7, wallet.address)),
    ]
    logs = [log for receipt in wallet.transact(*calls) for log in receipt.logs]
    told = [tuple(said.fields.values()) for said in vault.events(logs) if said.name == "Deposited"]
    assert told == [
        (1, wallet.address, 0, 0, 10**9),
        (2, wallet.address, 0, 1, 500),
        (3, wallet.address, 1, 0, 7),
    ]


def test_a_refusal_names_the_contracts_error(rpc: Rpc, deployed: Deployment) -> None:
    call = Call(deployed.vault, load("Vault").call("depositEther", bytes(20)), ETHER)
    with pytest.raises(RpcRefused, match=r"the contract refuses: NoOwner\(\)"):
        funded(rpc, "visitor").send(call)


def test_tokens_that_are_there_are_taken(rpc: Rpc, deployed: Deployment) -> None:
    before = terms(rpc, deployed.collections)
    given = msgspec.structs.replace(
        before, usdc=deployed.contracts["Usdc"], ether=deployed.contracts["Ether"]
    )
    second = deploy(funded(rpc, "another deployer"), given)
    assert second.collections == deployed.collections
    assert second.address("Usdc") == deployed.address("Usdc")
    assert second.vault != deployed.vault


def test_deploying_takes_little_time(rpc: Rpc) -> None:
    wallet = funded(rpc, "quick")
    begun = time.monotonic()
    deploy(wallet, terms(rpc))
    assert time.monotonic() - begun < 5


def test_the_file_keeps_everything(tmp_path: Path, deployed: Deployment) -> None:
    file = tmp_path / deployment_module.FILE
    assert read(file) is None
    deployed.save(file)
    assert read(file) == deployed
    file.write_text("{}")
    with pytest.raises(ConfigError, match="no deployment"):
        read(file)


def test_another_chain_is_noticed(rpc: Rpc, deployed: Deployment) -> None:
    with pytest.raises(ChainError, match="of chain 31337"):
        check(msgspec.structs.replace(deployed, chain_id=5), rpc)
    moved = msgspec.structs.replace(deployed, contracts=deployed.contracts | {"Vault": word(bytes(20))})
    with pytest.raises(ChainError, match="no Vault"):
        check(moved, rpc)


@pytest.mark.parametrize("text", ["", "0x12", "0x" + "g" * 40])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ConfigError, match="40 hexadecimal digits"):
        deployment_module.address(text)
