"""What `floorbook verify --rpc` shows: the journal beside the chain, assets beside liabilities."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import typer

from floorbook.chain import deployment, record
from floorbook.chain.checking import Checker, Report, Reserves
from floorbook.chain.deployment import Deployment
from floorbook.chain.record import Contracts
from floorbook.chain.rpc import Rpc, word
from floorbook.core.state import State
from floorbook.errors import ConfigError
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ETH

ROWS = {
    "received": "received by the vault, ever",
    "paid": "paid by the vault, ever",
    "claims": "claims of all accounts",
    "debts": "debts of all accounts",
    "backing": "claims from before the vault, not in it yet",
    "outstanding": "payouts not paid yet",
    "coming": "deposits not credited yet",
    "exited": "paid out after the freeze",
    "surplus": "surplus: what is left over",
    "held": "held on chain",
    "undelivered": "of it waiting for owners who could not be paid",
    "ownerless": "of it sent without a deposit, nobody's",
}
ALWAYS = ("received", "paid", "claims", "debts", "surplus", "held")


class Comparison(NamedTuple):
    """A chain to compare a journal with."""

    rpc: Rpc
    checker: Checker

    def finish(self) -> Report:
        """Compare the rest; raises ChainMismatch."""
        return self.checker.finish(self.rpc)


def deployment_of(directory: Path) -> Deployment | None:
    """Return where a run's contracts are; None: it has none, or the directory is a journal's alone."""
    return deployment.read(directory / deployment.FILE)


def contracts_of(rpc: Rpc, directory: Path | None, settlement: str) -> Contracts:
    """Return the contracts that a run or an option names, as the chain connects them."""
    if settlement:
        return record.find(rpc, deployment.address(settlement))
    made = deployment_of(directory) if directory else None
    if made is None:
        raise ConfigError(f"there is no {deployment.FILE}; name the contract with --settlement ADDRESS")
    return record.find(rpc, made.address("Settlement"), made.block)


@contextmanager
def compared(state: State, directory: Path, url: str, settlement: str) -> Iterator[Comparison]:
    """Read the chain's batches, and be ready to compare a replay that leads to `state` with them."""
    with Rpc(url) as rpc:
        contracts = contracts_of(rpc, directory, settlement)
        seen = rpc.block_number()
        yield Comparison(rpc, Checker(state, contracts, record.batches(rpc, contracts), seen=seen))


def show(report: Report) -> None:
    """Print what was compared, then the reserves, then the tokens."""
    typer.echo(f"{'block':<12} {report.block:,}")
    vetoed = f", {report.vetoed} vetoed" if report.vetoed else ""
    typer.echo(
        f"{'batches':<12} {report.batches:,} rebuilt and equal, the last is {report.last_batch:,}{vetoed}"
    )
    typer.echo(f"{'signed by':<12} {', '.join(map(word, report.signers)) or 'nobody yet'}")
    typer.echo(f"{'deposits':<12} {report.deposits:,} credited, each as on chain")
    typer.echo(f"{'payments':<12} {report.payments:,} made, each a payout of the journal")
    if report.frozen_at:
        typer.echo(f"{'FROZEN':<12} since {report.frozen_at} (seconds since 1970)")
    typer.echo("")
    _show_reserves(report)
    _show_tokens(report)


def amount(atoms: int, asset: int) -> str:
    """Return an amount in whole units, to the atom."""
    whole, rest = divmod(abs(atoms), 10 ** ASSET_DECIMALS[asset])
    return f"{'-' if atoms < 0 else ''}{whole:,}.{rest:0{ASSET_DECIMALS[asset]}d}"


def _show_reserves(report: Report) -> None:
    typer.echo(f"{'':<50}{''.join(f'{name:>26}' for name in ASSET_NAMES)}")
    for name, label in ROWS.items():
        values = [getattr(one, name) for one in report.reserves]
        if name in ALWAYS or any(values):
            cells = "".join(f"{amount(value, asset):>26}" for asset, value in enumerate(values))
            typer.echo(f"{label:<50}{cells}")
    typer.echo(f"{'of the claims lent out':<50}{amount(report.lent, ETH):>26}")
    typer.echo(f"{'of the debts beyond their collateral':<50}{amount(report.unsecured, ETH):>26}")


def _show_tokens(report: Report) -> None:
    if report.tokens:
        typer.echo("")
        names = ("in the vault", "exchange", "on their way out", "not credited", "undelivered")
        typer.echo(f"{'tokens':<14}{''.join(f'{name:>18}' for name in names)}")
    for one in report.tokens:
        counts = (one.on_chain, one.in_exchange, one.outstanding, one.coming, one.undelivered)
        typer.echo(f"{f'collection {one.collection}':<14}{''.join(f'{count:>18,}' for count in counts)}")


assert set(ROWS) <= {*Reserves.__struct_fields__, "surplus", "ownerless"}
