"""`floorbook replay`, `verify` and `journal cat`: what a journal holds, and whether it is whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from floorbook import journal
from floorbook.chain.checking import Checker
from floorbook.cli import reserves
from floorbook.core import commands
from floorbook.core.commands import AnyCommand, PublishReport, decode
from floorbook.core.engine import Engine
from floorbook.demo.settings import JOURNAL
from floorbook.errors import ConfigError, JournalError
from floorbook.pricing.eip712 import ADDRESS_BYTES, Domain
from floorbook.pricing.reports import LOCAL, LOCAL_CHAIN, check

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A run's directory, or a journal's.")]
Chain = Annotated[int, typer.Option(min=0, max=2**63, help="The chain that reports are signed for.")]
Contract = Annotated[
    str, typer.Option(metavar="ADDRESS", help="The contract that reports are signed for [of DIR, or zeros].")
]
Node = Annotated[str, typer.Option("--rpc", metavar="URL", help="A node of the chain to compare with.")]
Settlement = Annotated[
    str, typer.Option(metavar="ADDRESS", help="The contract Settlement, where DIR has no chain.json.")
]
app = typer.Typer(help="Read a journal.", no_args_is_help=True, rich_markup_mode=None)


def replay(directory: Directory) -> None:
    """Apply every command anew; print what came out."""
    with progress_bar("replaying") as progress:
        report = journal.replay(journal_of(directory), Engine(), commands, progress=progress)
    _print(report)


def verify(
    directory: Directory,
    chain_id: Chain = LOCAL_CHAIN,
    contract: Contract = "",
    rpc: Node = "",
    settlement: Settlement = "",
) -> None:
    """Replay, compare every recorded hash, and check the signature of every report.

    With --rpc also rebuild every batch that the chain has, compare deposits and payments, and show what the
    vault has beside what is owed.  Exits 1 and names the place if anything differs.
    """
    journal_of(directory)  # says what is wrong with it before a chain is asked
    engine = Engine()
    domain = _domain_in(directory, chain_id, contract)
    if not rpc:
        _verify(directory, engine, domain)
        return
    with reserves.compared(engine.state, directory, rpc, settlement) as comparison:
        _verify(directory, engine, domain, comparison.checker)
        report = comparison.finish()
    reserves.show(report)


def _verify(directory: Path, engine: Engine, domain: Domain, checker: Checker | None = None) -> None:
    """Replay with every check and print what was replayed."""
    signed = 0

    def check_signature(command: AnyCommand) -> str:
        nonlocal signed
        if not isinstance(command, PublishReport):
            return ""
        signed += 1
        return check(command, domain)

    with progress_bar("verifying") as progress:
        report = journal.verify(
            journal_of(directory), engine, commands, progress=progress, check=check_signature,
            observe=checker.observe if checker else None, landmark=checker.landmark if checker else None,
        )  # fmt: skip
    _print(report)
    typer.echo(f"{'signatures':<12} {signed:,}")


@app.command("cat")
def cat(
    directory: Directory,
    from_seq: Annotated[int, typer.Option(min=0, help="Begin with this sequence number.")] = 0,
    limit: Annotated[int, typer.Option(min=0, help="Print so many lines at most; 0 prints all.")] = 0,
) -> None:
    """Print a journal's records, a JSON object a line."""
    encode = msgspec.json.Encoder().encode
    records = (
        record
        for record in journal.cat(journal_of(directory), lambda payload: readable(decode(bytes(payload))))
        if not from_seq or _seq(record) >= from_seq
    )
    for record in islice(records, limit or None):
        typer.echo(encode(record).decode())


def journal_of(directory: Path) -> Path:
    """Return the journal in a run's directory, or the directory itself; raises JournalError."""
    if not directory.is_dir():
        raise JournalError(f"{directory} is no directory; name the --out DIR of a run")
    inner = directory / JOURNAL
    return inner if inner.is_dir() else directory


def _domain_in(directory: Path, chain_id: int, contract: str) -> Domain:
    """Return the domain of a run's reports: what the options say, or else its own contracts'."""
    made = None if contract else reserves.deployment_of(directory)
    return made.domain if made else domain_of(chain_id, contract)


def domain_of(chain_id: int, contract: str) -> Domain:
    """Return the domain of reports of a chain and a contract; raises ConfigError."""
    digits = contract.removeprefix("0x") or LOCAL.contract.hex()
    try:
        address = bytes.fromhex(digits)
    except ValueError:
        address = b""
    if len(address) != ADDRESS_BYTES:
        raise ConfigError(f"{contract!r} is no contract; write 0x and 40 hexadecimal digits")
    return Domain(chain_id, address)


def readable(command: msgspec.Struct) -> dict[str, object]:
    """Return a command's fields with bytes as hexadecimal digits."""
    fields = msgspec.structs.asdict(command).items()
    shown = {key: value.hex() if isinstance(value, bytes) else value for key, value in fields}
    return {"type": type(command).__name__, **shown}


def _seq(record: dict[str, object]) -> int:
    seq = record.get("seq")
    return seq if isinstance(seq, int) else -1


def _print(report: journal.Report) -> None:
    typer.echo(f"{report.status}")
    for name in ("commands", "groups", "segments", "torn_bytes"):
        typer.echo(f"{name:<12} {getattr(report, name):,}")
    typer.echo(f"{'head_hash':<12} {report.head_hash.hex()}")
    typer.echo(f"{'state_hash':<12} {report.state_hash.hex()}")
    typer.echo(f"{'seconds':<12} {report.seconds:.2f}")


@contextmanager
def progress_bar(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's stderr; elsewhere nothing."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(doing, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
