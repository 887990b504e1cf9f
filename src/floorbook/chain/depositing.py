"""Deposits by whoever has a key: from a wallet into the vault, and the wait for the credit.

    exchange -> where the vault is -> approval, deposit, signed by the key -> Deposited(sequence) -> credited

Where the vault is, the exchange says; who does not want to believe it brings a file of the contracts.
"""

import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

import msgspec

from floorbook.chain import calls, deployment
from floorbook.chain.abi import load
from floorbook.chain.deployment import Places
from floorbook.chain.rpc import Receipt, Rpc
from floorbook.chain.transactions import Call, Wallet
from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import Key
from floorbook.sdk import Client
from floorbook.sdk.reading import ask
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, USDC

POLL_S = 0.5
WAIT_S = 900


class ChainToken(msgspec.Struct, frozen=True):
    """A coin or a collection: its name, number and contract."""

    name: str
    number: int
    token: str


class ChainTerms(msgspec.Struct, frozen=True, rename="camel"):
    """What the exchange says of its contracts."""

    chain_id: int
    name: str
    contracts: dict[str, str]
    assets: list[ChainToken]
    collections: list[ChainToken]
    first_block: int
    confirmations: int


class AdapterState(msgspec.Struct, frozen=True, rename="camel"):
    """How the exchange follows the chain."""

    state: str
    text: str
    block: int
    deposit_sequence: int


class PostedBatch(msgspec.Struct, frozen=True, rename="camel"):
    """A batch on the chain, times in ms."""

    number: int
    posted_at: int
    final_at: int
    transaction: str


class Chain(msgspec.Struct, frozen=True):
    """The exchange's answer."""

    terms: ChainTerms
    adapter: AdapterState
    latest: PostedBatch | None = None
    final: PostedBatch | None = None


class Thing(NamedTuple):
    """What is brought: an asset or a collection of this number."""

    is_money: bool
    number: int
    name: str


def deposit(client: Client, what: str, value: str) -> int:
    """Bring money or a token from the client's key to the exchange; return the number once it is credited.

    `what` is eth, usdc or a collection, `value` an amount or a token's number.  Raises FloorbookError.
    """
    terms = chain_of(client).terms
    places = places_of(client, terms)
    with Rpc(places.rpc) as node:
        number = bring(places, node, client.key, thing_named(terms, what), value, client.key.address)
    await_credit(client, number)
    return number


def tokens_in_wallet(client: Client) -> list[tuple[str, int]]:
    """Return the tokens of listed collections that the client's key holds on the chain."""
    terms = chain_of(client).terms
    places = places_of(client, terms)
    with Rpc(places.rpc) as node:
        return [
            (collection.name, token)
            for collection in terms.collections
            for token in _held(node, places, collection.number, client.key.address)
        ]


def _held(node: Rpc, places: Places, collection: int, owner: bytes) -> list[int]:
    """Return the tokens that came to an owner and are his still."""
    erc721, where = load("TestPunks"), places.collection(collection)
    topics = [erc721.topic("Transfer"), None, owner.rjust(32, b"\0")]
    came = erc721.events(node.logs(places.block, "latest", where, topics))
    tokens = sorted({int(said.fields["tokenId"]) for said in came})
    owners = [node.eth_call(where, erc721.call("ownerOf", token)) for token in tokens]
    return [
        token
        for token, answer in zip(tokens, owners, strict=True)
        if erc721.result("ownerOf", answer) == owner
    ]


def has_chain(client: Client) -> bool:
    """Return whether the exchange's money lies in contracts, so that it comes by deposits only."""
    return bytes(client.run(ask(msgspec.Raw, "chain"))) != b"null"


def chain_of(client: Client) -> Chain:
    """Return the exchange's chain; raises ConfigError where it has none."""
    found = client.run(ask(msgspec.Raw, "chain"))
    if bytes(found) == b"null":
        raise ConfigError("this exchange has no chain: money is only booked")
    return msgspec.json.decode(found, type=Chain)


def await_credit(client: Client, number: int) -> None:
    """Wait until a deposit is credited; raises ConfigError where that takes too long."""
    until = time.monotonic() + WAIT_S
    while (now := chain_of(client).adapter).deposit_sequence < number:
        if time.monotonic() > until:
            raise ConfigError(f"deposit {number:,} is in the vault and not credited yet: {now.text}")
        time.sleep(POLL_S)


def thing_named(terms: ChainTerms, what: str) -> Thing:
    """Return the asset or collection of a name; raises ConfigError."""
    wanted = what.lower()
    for asset in terms.assets:
        if asset.name.lower() == wanted:
            return Thing(True, asset.number, asset.name)
    for collection in terms.collections:
        name = collection.name.lower()
        if wanted in (name, name.removesuffix("s")):
            return Thing(False, collection.number, collection.name)
    known = ", ".join(each.name for each in (*terms.assets, *terms.collections))
    raise ConfigError(f"{what!r} cannot be deposited; write one of {known}")


def atoms_of(asset: int, text: str) -> int:
    """Return an amount of whole coins in atoms; raises ConfigError for what is none."""
    try:
        atoms = Decimal(text).scaleb(ASSET_DECIMALS[asset])
        amount = int(atoms)
    except (InvalidOperation, OverflowError, ValueError):
        atoms, amount = Decimal(0), 0
    if amount <= 0 or amount != atoms:
        digits = ASSET_DECIMALS[asset]
        raise ConfigError(f"{text!r} is no amount of {ASSET_NAMES[asset]}; it has up to {digits} decimals")
    return amount


def places_of(client: Client, terms: ChainTerms, rpc: str = "", contracts: Path | None = None) -> Places:
    """Return where to send it: by the file, or by what the exchange says."""
    url = rpc or f"{client.url}/rpc"
    if contracts is not None:
        made = deployment.read(contracts)
        if made is None:
            raise ConfigError(f"there is no file {contracts}")
        return made.at(rpc or made.rpc)
    usdc = next(each.token for each in terms.assets if each.number == USDC)
    return Places(
        chain_id=terms.chain_id, rpc=url, block=terms.first_block, contracts=terms.contracts | {"Usdc": usdc},
        collections=tuple(each.token for each in sorted(terms.collections, key=lambda each: each.number)),
    )  # fmt: skip


def bring(places: Places, node: Rpc, key: Key, thing: Thing, value: str, owner: bytes) -> int:
    """Send what it takes, one after the other, and return the deposit's number."""
    if node.chain_id() != places.chain_id:
        raise ConfigError(f"the node is of chain {node.chain_id()}, the exchange of chain {places.chain_id}")
    wallet = Wallet(key, node, places.chain_id)
    receipts: list[Receipt] = []
    for call in _calls(places, thing, value, owner):
        receipts += wallet.transact(call._replace(gas=0))  # estimated: a refusal is told before it costs gas
    vault = load("Vault")
    told = vault.events([log for receipt in receipts for log in receipt.logs if log.address == places.vault])
    return next(int(said.fields["sequence"]) for said in told if said.name == "Deposited")


def _calls(places: Places, thing: Thing, value: str, owner: bytes) -> list[Call]:
    if thing.is_money:
        return calls.deposit_money(places, thing.number, atoms_of(thing.number, value), owner)
    if not value.isdecimal():
        raise ConfigError(f"{value!r} is no token; write its number")
    return calls.deposit_token(places, thing.number, int(value), owner)
