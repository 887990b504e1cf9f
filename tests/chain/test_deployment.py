"""The contracts are deployed in one go, know each other, and take a deposit."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from floorbook.chain import deployment as deployment_module
from floorbook.chain.abi import load
from floorbook.chain.anvil import Anvil
from floorbook.chain.deployment import Deployment, Lane, Terms, check, deploy, read
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.terms import check as check_terms
from floorbook.chain.transactions import Call
from floorbook.errors import ChainError, ConfigError, RpcRefused
from floorbook.pricing.eip712 import Key, keccak256
from floorbook.pricing.reports import LOCAL_CHAIN
from tests.chain.conftest import ETHER, funded

KEYS = [Key(keccak256(b"operator %d" % number)) for number in range(3)]
NAMES = tuple(word(key.address) for key in KEYS)
PEOPLE = "0x" + "0a" * 20
USUAL = Terms(
    admin=PEOPLE, guardian=PEOPLE, treasury=PEOPLE, operators=NAMES, threshold=2, reporters=NAMES, quorum=2,
    collections=("",),
)  # fmt: skip


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


def test_the_guardian_is_in_office_at_once(rpc: Rpc) -> None:
    guardian = "0x" + "9a" * 20
    made = deploy(funded(rpc, "careful"), msgspec.structs.replace(terms(rpc), guardian=guardian))
    for name in ("Vault", "Settlement", "Withdrawals", "Oracle"):
        known = load(name)
        answer = rpc.eth_call(made.address(name), known.call("guardian"))
        assert known.result("guardian", answer) == deployment_module.address(guardian)


@pytest.fixture
def other_chain(tmp_path: Path) -> Iterator[Rpc]:
    """A chain on which nothing is a test."""
    with Anvil.start(tmp_path, block_time_s=0, chain_id=7) as running, Rpc(running.url) as opened:
        yield opened


def test_the_default_terms_deploy_where_money_is_real(other_chain: Rpc) -> None:
    made = deploy(funded(other_chain, "deployer"), USUAL)
    oracle = load("Oracle")
    delay = other_chain.eth_call(made.address("Oracle"), oracle.call("delay"))
    assert (made.chain_id, oracle.result("delay", delay)) == (7, 4 * 24 * 3_600)


def test_terms_that_a_constructor_would_refuse_cost_nothing(other_chain: Rpc) -> None:
    wallet = funded(other_chain, "deployer")
    with pytest.raises(ConfigError, match=r"delay is 0 s, not 345,600 to .* on chain 7; window is 5 s"):
        deploy(wallet, terms(other_chain))
    assert wallet.next_nonce() == 0


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("delay", 2 * 86_400, "delay is 172,800 s"),
        ("window", 599, "window is 599 s"),
        ("serve", 3 * 3_600, "serve is 10,800 s"),
        ("window", 4 * 86_400, "at least two windows"),
        ("guardian", "0x" + "00" * 20, "guardian is the zero address"),
        ("threshold", 1, "1 of 3 operators"),
        ("quorum", 4, "4 of 3 reporters"),
        ("reporters", (NAMES[0], NAMES[0], NAMES[1]), "named twice"),
        ("operators", (), "0 operators"),
        ("lanes", (Lane(10**9, 10**9, 0), *USUAL.lanes[1:]), "the limit of ether"),
        ("lanes", (*USUAL.lanes[:2], Lane(50, 51, 0)), "51 of tokens leave at once"),
    ],
)
def test_bounds_of_terms(field: str, value: object, said: str) -> None:
    check_terms(USUAL, 1)
    with pytest.raises(ConfigError, match=said):
        check_terms(msgspec.structs.replace(USUAL, **{field: value}), 1)
