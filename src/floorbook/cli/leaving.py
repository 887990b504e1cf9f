"""`floorbook proof` and `floorbook exit`: what one may claim, as a file, and how one leaves with it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from floorbook import journal
from floorbook.chain import proofs, record
from floorbook.chain.abi import load
from floorbook.chain.batches import Commitment, Committer, placed
from floorbook.chain.checking import compare
from floorbook.chain.exit import Leaving, Plan, leave
from floorbook.chain.proofs import AccountProof, account_proof, fault_of
from floorbook.chain.record import Contracts, Posted
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Wallet
from floorbook.cli.journal import Node, Settlement, journal_of, progress_bar
from floorbook.cli.remote import URL, KeyFile, PasswordEnv, PasswordFile, Url, read_password
from floorbook.cli.reserves import contracts_of, deployment_of
from floorbook.core import commands
from floorbook.core.engine import Engine
from floorbook.core.state import State
from floorbook.errors import ChainMismatch, ConfigError
from floorbook.gateway.accounts import Accounts, from_hex
from floorbook.journal import Position
from floorbook.pricing.eip712 import Domain
from floorbook.sdk import Client, read_key
from floorbook.sdk.keyfile import address_of
from floorbook.sdk.reading import ask

Chain = Annotated[str, typer.Option("--rpc", envvar="FLOORBOOK_RPC", metavar="URL", help="A node.")]
ProofFile = Annotated[Path, typer.Option("--proof", metavar="FILE", help="What `floorbook proof` wrote.")]


def proof(
    account: Annotated[str, typer.Argument(help="A number, or an address: 0x and 40 digits.")],
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A run's directory, or a journal's.")
    ] = None,
    url: Url = URL,
    rpc: Node = "",
    settlement: Settlement = "",
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it.")] = Path("proof.json"),
) -> None:
    """Write what the newest final batch proves about an account: what it claims, owes and holds.

    A running exchange tells it (--url).  With DIR and --rpc it is made from the journal, against the chain
    alone: nobody need be asked, and nobody believed.
    """
    made = _rebuilt(account, directory, rpc, settlement) if directory else _told(account, url)
    if fault := fault_of(made):
        raise ChainMismatch(f"the proof contradicts itself: {fault}")
    out.write_bytes(proofs.encode(made))
    typer.echo(f"account {made.leaf.number} of {word(made.leaf.owner)}, batch {made.batch.number}: {out}")


def leave_by_contract(
    file: ProofFile,
    rpc: Chain,
    key: KeyFile = None,
    password_file: PasswordFile = None,
    password_env: PasswordEnv = "",
    repay: Annotated[bool, typer.Option("--repay", help="Pay the account's debts from this wallet.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
) -> None:
    """Leave by the contracts alone, with a proof: claim, demand, freeze when it is due, be paid.

    Each run does what can be done now and says what comes next and when.
    """
    if key is None and not dry_run:
        raise ConfigError("who signs, and pays for the gas?  Write --key FILE, or --dry-run")
    found = _read(file)
    opened = read_key(key, read_password(key, password_file, password_env)) if key and not dry_run else None
    with Rpc(rpc) as node:
        contracts = record.find(node, found.settlement)
        wallet = opened.address if opened else from_hex(address_of(key) if key else "")
        leaving = Leaving(node, contracts, found, wallet or found.leaf.owner, repay=repay)
        _say(leaving.entitled())
        if opened:
            for line in leave(leaving, Wallet(opened, node)):
                typer.echo(line)
        _show(leaving.plan(), dry_run=dry_run)


# ---- the proof ----------------------------------------------------------------------------------


def _told(account: str, url: str) -> AccountProof:
    """Ask a running exchange; what it tells is checked like any file."""
    if from_hex(account) is None:
        raise ConfigError(f"{account!r} is no address; a running exchange knows addresses, DIR numbers too")
    with Client(url) as client:
        answer = client.run(ask(dict[str, Any], "accountProof", user=account))
    if not answer["proof"]:
        raise ConfigError(f"there is no proof: {answer['reason']}")
    return proofs.from_json(answer["proof"])


def _rebuilt(account: str, directory: Path, rpc: str, settlement: str) -> AccountProof:
    """Replay the journal to the newest final batch of the chain."""
    made_by = deployment_of(directory)
    if not rpc and made_by is None:
        raise ConfigError("which batch is final?  Write --rpc URL")
    with Rpc(rpc or (made_by.rpc if made_by else "")) as node:
        contracts = contracts_of(node, directory, settlement)
        posted = _newest_final(node, contracts)
    engine = Engine()
    made: list[Commitment] = []

    def landmark(position: Position) -> None:
        if position.seq == posted.batch.journal_seq and not made:
            commitment = Committer().commit(engine.state, posted.batch.number)
            compare(posted.batch, placed(commitment.batch, position))
            made.append(commitment)

    with progress_bar("replaying") as progress:
        journal.replay(journal_of(directory), engine, commands, progress=progress, landmark=landmark)
    if not made:
        raise ChainMismatch(f"no group of this journal ends at seq {posted.batch.journal_seq:,}")
    domain = Domain(contracts.chain_id, contracts.settlement)
    number = _number_of(engine.state, account, posted.batch.accounts)
    return account_proof(posted.batch, made[0], number, domain, posted.signatures)


def _newest_final(node: Rpc, contracts: Contracts) -> Posted:
    settlement = load("Settlement")

    def ask(function: str) -> int:
        answer = node.eth_call(contracts.settlement, settlement.call(function))
        return int(settlement.result(function, answer))

    number = ask("frozenBatch" if ask("frozenAt") else "newestFinal")
    if not number:
        raise ConfigError("the chain has no final batch yet")
    return next(one for one in record.batches(node, contracts) if one.batch.number == number)


def _number_of(state: State, account: str, accounts: int) -> int:
    address = from_hex(account)
    number = Accounts(state).find(address) if address else int(account) if account.isdecimal() else None
    if number is None or number >= accounts:
        raise ConfigError(f"the batch has no account {account}")
    return number


# ---- the exit -----------------------------------------------------------------------------------


def _read(file: Path) -> AccountProof:
    try:
        return proofs.decode(file.read_bytes())
    except OSError as fault:
        raise ConfigError(f"{file}: {fault.strerror}") from fault


def _show(plan: Plan, *, dry_run: bool) -> None:
    typer.echo(f"\n{plan.stage}")
    would = "would " if dry_run else "still to do: "
    _say([f"{would}{step.says}" for step in plan.steps])
    _say(plan.notes)
    if not plan.steps and not plan.notes:
        typer.echo("nothing is left to do")


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)
