"""The contracts of an exchange: deployed in one go, and the file that says where they are.

    addresses    of the deployer and its nonce, so every contract can know the others in its constructor
    order        test tokens where none are named, the contracts, their wiring; one POST

The file, chain.json in a run's directory, is all that the exchange, the page and the command line need to
know of a chain; it holds no key.  Spec: docs/spec/chain.md §1
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec

from floorbook.chain import terms as bounds
from floorbook.chain.abi import Interface, is_built, load
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.terms import HOUR_S, Lane, Terms, address, ascending
from floorbook.chain.transactions import Call, Wallet, created
from floorbook.errors import ChainError, ConfigError
from floorbook.pricing.eip712 import Domain

__all__ = [
    "FILE",
    "HOUR_S",
    "Deployment",
    "Lane",
    "Places",
    "Terms",
    "address",
    "can_deploy",
    "check",
    "deploy",
    "read",
]

FILE = "chain.json"
TOKENS = ("TestUsdc", "WrappedEther", "TestPunks")
CONTRACTS = (
    "Vault", "Settlement", "Withdrawals", "ForcedExit", "Oracle", "FrozenPrices", "FrozenExit", "NftAuction",
    "InsuranceVault", "LendingVault",
)  # fmt: skip
# Gas that a creation takes: per byte of code kept and of data sent, and for what the constructor does.
GAS_PER_CODE_BYTE, GAS_PER_DATA_BYTE, GAS_SPARE = 200, 16, 2_500_000
GAS_WIRING = 300_000


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where the contracts of an exchange are."""

    chain_id: int
    rpc: str
    block: int  # of the first contract: nothing of ours is older
    contracts: dict[str, str]
    collections: tuple[str, ...]  # ERC-721 by the exchange's number

    def address(self, name: str) -> bytes:
        """Return where a contract is; raises ConfigError if this exchange has none of the name."""
        if name not in self.contracts:
            raise ConfigError(f"this exchange has no {name} on its chain")
        return address(self.contracts[name])

    def collection(self, number: int) -> bytes:
        """Return the contract of a collection; raises ConfigError."""
        if not 0 <= number < len(self.collections):
            raise ConfigError(f"collection {number} is not on the chain")
        return address(self.collections[number])

    @property
    def vault(self) -> bytes:
        return self.address("Vault")


class Deployment(Places, frozen=True, kw_only=True):
    """The contracts of an exchange on one chain, and their terms."""

    terms: Terms
    is_test: bool = False  # a chain of one's own: money can be made

    @property
    def domain(self) -> Domain:
        """For which reports are signed."""
        return Domain(self.chain_id, self.address("Oracle"))

    def at(self, rpc: str) -> Self:
        """Return the same contracts seen through another node."""
        return msgspec.structs.replace(self, rpc=rpc)

    def save(self, file: Path) -> None:
        """Write the file, whole or not at all."""
        written = file.with_name(f"{file.name}.new")
        written.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")
        written.replace(file)


def read(file: Path) -> Deployment | None:
    """Return the deployment of a file; None without a file; raises ConfigError if it is none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Deployment)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as fault:
        raise ConfigError(f"{file} is no deployment: {fault}") from fault


def can_deploy() -> bool:
    """Return whether the contracts are built."""
    return is_built(*TOKENS, *CONTRACTS)


def deploy(wallet: Wallet, terms: Terms, included: Callable[[], object] = lambda: None) -> Deployment:
    """Deploy everything and wire it; `included` is called when all is sent, for a chain that waits for it.

    Raises ConfigError, before anything is sent, where contracts are not built or would refuse the terms; and
    every kind of ChainError.
    """
    bounds.check(terms, wallet.rpc.chain_id())
    first = wallet.next_nonce()
    plan = Plan(wallet.address, first, terms)
    calls = plan.calls()
    sent = wallet.send_many(calls)
    assert sent[0].nonce == first
    included()
    receipts = wallet.wait(sent)
    made = Deployment(
        chain_id=wallet.rpc.chain_id(),
        rpc=wallet.rpc.url,
        block=receipts[0].block,
        contracts={name: word(where) for name, where in plan.contracts.items()},
        collections=tuple(map(word, plan.collections)),
        terms=terms,
    )
    check(made, wallet.rpc)
    return made


def check(deployment: Deployment, rpc: Rpc) -> None:
    """Raise ChainError where the chain is another one or has no such contracts."""
    if rpc.chain_id() != deployment.chain_id:
        raise ChainError(f"the node is of chain {rpc.chain_id()}, the contracts are on {deployment.chain_id}")
    asked = [("eth_getCode", (where, "latest")) for where in deployment.contracts.values()]
    for name, code in zip(deployment.contracts, rpc.batch(asked), strict=True):
        if code == "0x":
            raise ChainError(f"the chain has no {name} at {deployment.contracts[name]}")


class Creation(NamedTuple):
    """A contract to create."""

    interface: Interface
    arguments: tuple[Any, ...]

    def call(self) -> Call:
        payload = self.interface.deployment(*self.arguments)
        code = len(self.interface.bytecode) * GAS_PER_CODE_BYTE
        return Call(b"", payload, 0, code + len(payload) * GAS_PER_DATA_BYTE + GAS_SPARE)


class Plan:
    """Which contract comes where, and what each is told."""

    def __init__(self, deployer: bytes, nonce: int, terms: Terms) -> None:
        self._deployer, self._nonce, self.terms = deployer, nonce, terms
        self._creations: list[str] = []  # artifacts by nonce
        self.contracts = {
            "Usdc": self._given(terms.usdc, "TestUsdc"),
            "Ether": self._given(terms.ether, "WrappedEther"),
        }
        self.collections = [self._given(each, "TestPunks") for each in terms.collections]
        self._tokens = len(self._creations)
        self.contracts |= {name: self._given("", name) for name in CONTRACTS}

    def calls(self) -> list[Call]:
        """Return all transactions, in the order of their nonces."""
        tokens = [Creation(load(name), ()) for name in self._creations[: self._tokens]]
        contracts = [Creation(load(name), self._arguments(name)) for name in CONTRACTS]
        return [*(each.call() for each in (*tokens, *contracts)), *self._wiring()]

    def _given(self, named: str, artifact: str) -> bytes:
        """Return the address of what is there already, or of what will be created next."""
        if named:
            return address(named)
        self._creations.append(artifact)
        return created(self._deployer, self._nonce + len(self._creations) - 1)

    def _arguments(self, name: str) -> tuple[Any, ...]:
        terms, at = self.terms, self.contracts
        office = (address(terms.admin), address(terms.guardian), terms.delay)
        match name:
            case "Vault":
                return (*office, at["Usdc"], at["Withdrawals"], at["FrozenExit"])
            case "Settlement":
                return (*office, at["Vault"], terms.window, ascending(terms.operators), terms.threshold)
            case "Withdrawals":
                lanes = [msgspec.structs.astuple(lane) for lane in terms.lanes]
                return (*office, at["Vault"], at["Settlement"], lanes)
            case "ForcedExit":
                return (at["Settlement"], terms.bond, terms.serve, address(terms.treasury))
            case "FrozenPrices":
                return (at["Settlement"], at["Oracle"])
            case "FrozenExit":
                return (at["Settlement"], at["Vault"], at["FrozenPrices"], at["NftAuction"])
            case "NftAuction":
                return (at["FrozenExit"], at["Oracle"])
            case "InsuranceVault" | "LendingVault":
                return (at["Ether"], at["Vault"], at["Settlement"])
            case "Oracle":
                return (*office, ascending(terms.reporters), terms.quorum)
        raise AssertionError(name)

    def _wiring(self) -> list[Call]:
        at, vault, settlement = self.contracts, load("Vault"), load("Settlement")
        told = [
            (at["Vault"], vault.call("listCollection", number, where))
            for number, where in enumerate(self.collections)
        ]
        told += [
            (at["Vault"], vault.call("wire", at["Settlement"])),
            (at["Settlement"], settlement.call("wire", at["ForcedExit"])),
        ]
        return [Call(to, payload, 0, GAS_WIRING) for to, payload in told]
