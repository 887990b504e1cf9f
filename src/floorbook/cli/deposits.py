"""`floorbook deposit` and `withdraw-token`: money and tokens between one's wallet and the exchange.

A deposit is a transaction of one's own key with the exchange's vault.  Where the vault is, the exchange says;
who does not want to believe it names the file of the contracts (--contracts) and a node (--rpc).
"""

import sys
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import typer

from floorbook.chain import calls, deployment
from floorbook.chain.abi import load
from floorbook.chain.deployment import Places
from floorbook.chain.rpc import Receipt, Rpc, word
from floorbook.chain.transactions import Call, Wallet
from floorbook.cli.remote import Remote, signs
from floorbook.errors import ConfigError
from floorbook.sdk.reading import ask
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, USDC

POLL_S = 0.5
WAIT_S = 900
RpcUrl = Annotated[
    str, typer.Option("--rpc", envvar="FLOORBOOK_RPC", metavar="URL", help="A node [the exchange's].")
]
Contracts = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A chain.json that says where the contracts are.")
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until it has arrived.")]


class Token(msgspec.Struct, frozen=True):
    """A coin or a collection: its name, number and contract."""

    name: str
    number: int
    token: str


class Terms(msgspec.Struct, frozen=True, rename="camel"):
    """What the exchange says of its contracts."""

    chain_id: int
    name: str
    contracts: dict[str, str]
    assets: list[Token]
    collections: list[Token]
    first_block: int
    confirmations: int


class Adapter(msgspec.Struct, frozen=True, rename="camel"):
    """How the exchange follows the chain."""

    state: str
    text: str
    block: int
    deposit_sequence: int


class Batch(msgspec.Struct, frozen=True, rename="camel"):
    """A batch on the chain, times in ms."""

    number: int
    posted_at: int
    final_at: int
    transaction: str


class Chain(msgspec.Struct, frozen=True):
    """The exchange's answer."""

    terms: Terms
    adapter: Adapter
    latest: Batch | None = None
    final: Batch | None = None


class Payout(msgspec.Struct, frozen=True, rename="camel"):
    """A withdrawal on its way."""

    number: int
    stage: str
    batch: int | None = None
    ready_at: int | None = None
    note: str = ""


class Thing(NamedTuple):
    """What is brought: an asset or a collection of this number."""

    is_money: bool
    number: int
    name: str


@signs
def deposit(
    remote: Remote,
    what: Annotated[str, typer.Argument(metavar="WHAT", help="eth, usdc, or a collection: punks.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="An amount, or the token's number.")],
    rpc: RpcUrl = "",
    contracts: Contracts = None,
    backing: Annotated[
        bool, typer.Option("--backing", help="For what the exchange held before: nobody is credited.")
    ] = False,
    no_wait: NoWait = False,
) -> None:
    """Bring money or a token from one's wallet into the exchange's vault."""
    if remote.user != word(remote.client.key.address):
        raise ConfigError("a deposit is credited to the key's own first account; leave --user out")
    told = chain_of(remote)
    places = _places(remote, told.terms, rpc, contracts)
    thing = thing_named(told.terms, what)
    with Rpc(places.rpc) as node:
        owner = places.vault if backing else remote.client.key.address
        number = _bring(places, node, remote, thing, value, owner)
    if not no_wait:
        _await_credit(remote, number)
    done = f"{thing.name} {value} {'sent' if no_wait else 'credited'}, deposit {number:,}"
    remote.show({"done": done, "deposit": number}, [done])


@signs
def withdraw_token(
    remote: Remote,
    collection: Annotated[str, typer.Argument(metavar="COLLECTION")],
    token: Annotated[int, typer.Argument(metavar="TOKEN", min=0)],
    no_wait: NoWait = False,
) -> None:
    """Take a token out that nothing is owed for, to the owner's wallet."""
    before = newest_payout(remote)
    remote.client.withdraw_token(collection, token)
    done = f"{collection} {token} {follow(remote, before, no_wait=no_wait)}"
    remote.show({"done": done}, [done])


# ---- what the exchange says ---------------------------------------------------------------------


def chain_of(remote: Remote) -> Chain:
    """Return the exchange's chain; raises ConfigError where it has none."""
    found = remote.client.run(ask(msgspec.Raw, "chain"))
    if bytes(found) == b"null":
        raise ConfigError("this exchange has no chain: money is only booked")
    return msgspec.json.decode(found, type=Chain)


def newest_payout(remote: Remote) -> int:
    """Return the number of the owner's newest withdrawal on its way; 0 without one, or without a chain."""
    return max((each.number for each in _payouts(remote)), default=0)


def follow(remote: Remote, before: int, *, no_wait: bool) -> str:
    """Tell a new withdrawal's way until it is paid; return what became of it."""
    ours = next((each for each in _payouts(remote) if each.number > before), None)
    if ours is None:
        return "withdrawn"
    told, until = "", time.monotonic() + WAIT_S
    while ours is not None and not no_wait and time.monotonic() < until:
        if (words := _stage(ours)) != told:
            told = words
            sys.stderr.write(f"payout {ours.number:,}: {words}\n")
        time.sleep(POLL_S)
        number = ours.number
        ours = next((each for each in _payouts(remote) if each.number == number), None)
    return "paid to your wallet" if ours is None else f"on its way as payout {ours.number:,}"


def _payouts(remote: Remote) -> list[Payout]:
    return remote.client.run(ask(list[Payout], "payouts", user=word(remote.client.key.address)))


def _stage(payout: Payout) -> str:
    waits = (
        f", ready {time.strftime('%H:%M:%S', time.gmtime(payout.ready_at // 1000))} UTC"
        if payout.ready_at
        else ""
    )
    inside = f" in batch {payout.batch:,}" if payout.batch else ""
    return f"{payout.stage}{inside}{waits}{f' ({payout.note})' if payout.note else ''}"


def _await_credit(remote: Remote, number: int) -> None:
    until = time.monotonic() + WAIT_S
    while (now := chain_of(remote).adapter).deposit_sequence < number:
        if time.monotonic() > until:
            raise ConfigError(f"deposit {number:,} is in the vault and not credited yet: {now.text}")
        time.sleep(POLL_S)


# ---- the deposit --------------------------------------------------------------------------------


def thing_named(terms: Terms, what: str) -> Thing:
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


def _places(remote: Remote, terms: Terms, rpc: str, contracts: Path | None) -> Places:
    """Return where to send it: by the file, or by what the exchange says."""
    url = rpc or f"{remote.client.url}/rpc"
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


def _bring(places: Places, node: Rpc, remote: Remote, thing: Thing, value: str, owner: bytes) -> int:
    """Send what it takes, one after the other, and return the deposit's number."""
    if node.chain_id() != places.chain_id:
        raise ConfigError(f"the node is of chain {node.chain_id()}, the exchange of chain {places.chain_id}")
    wallet = Wallet(remote.client.key, node, places.chain_id)
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
