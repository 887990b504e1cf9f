"""`floorbook deposit` and `withdraw-token`: money and tokens between one's wallet and the exchange.

A deposit is a transaction of one's own key with the exchange's vault.  Where the vault is, the exchange says;
who does not want to believe it names the file of the contracts (--contracts) and a node (--rpc).
"""

import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from floorbook.chain.depositing import POLL_S, WAIT_S, await_credit, bring, chain_of, places_of, thing_named
from floorbook.chain.rpc import Rpc, word
from floorbook.cli.remote import Remote, signs
from floorbook.errors import ConfigError
from floorbook.sdk.reading import ask

RpcUrl = Annotated[
    str, typer.Option("--rpc", envvar="FLOORBOOK_RPC", metavar="URL", help="A node [the exchange's].")
]
Contracts = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A chain.json that says where the contracts are.")
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until it has arrived.")]


class Payout(msgspec.Struct, frozen=True, rename="camel"):
    """A withdrawal on its way."""

    number: int
    stage: str
    batch: int | None = None
    ready_at: int | None = None
    note: str = ""


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
    told = chain_of(remote.client)
    places = places_of(remote.client, told.terms, rpc, contracts)
    thing = thing_named(told.terms, what)
    with Rpc(places.rpc) as node:
        owner = places.vault if backing else remote.client.key.address
        number = bring(places, node, remote.client.key, thing, value, owner)
    if not no_wait:
        await_credit(remote.client, number)
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
