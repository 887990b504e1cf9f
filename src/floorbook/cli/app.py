"""The program `floorbook` and what it does with errors."""

import sys
from typing import Annotated

import typer

from floorbook import __version__
from floorbook.cli import (
    accounts,
    appraise,
    auctions,
    bench,
    compare,
    demo,
    journal,
    keys,
    operate,
    projections,
    reporter,
    serve,
    trading,
    vaults,
    watch,
)
from floorbook.core.kernel import COMPILED
from floorbook.errors import FloorbookError

INTERRUPTED = 130

app = typer.Typer(
    name="floorbook",
    help="A perpetual-futures exchange for NFT collections: deterministic, integer-exact, replayable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("replay")(journal.replay)
app.command("verify")(journal.verify)
app.add_typer(journal.app, name="journal")
app.add_typer(projections.app, name="projections")
app.command("statement")(accounts.statement)
app.command("liquidation-price")(accounts.liquidation_price)
app.command("auctions")(auctions.auctions)
app.command("vaults")(vaults.vaults)
app.command("serve")(serve.serve)
app.command("operate")(operate.operate)
app.command("reporter")(reporter.reporter)
app.add_typer(keys.app, name="key")
app.command("watch")(watch.watch)
for command in trading.COMMANDS:
    app.command(command.__name__.replace("_", "-"))(command)
app.command("bench")(bench.bench)
app.command("compare")(compare.compare)
app.command("appraise")(appraise.appraise)
app.command("train-appraisal")(appraise.train_appraisal)


def main() -> None:
    """Run the command line and leave; a fault of the world is one line on stderr and exit code 1."""
    try:
        app(prog_name="floorbook")
    except FloorbookError as error:
        sys.stderr.write(f"floorbook: {' '.join(str(error).split())}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"floorbook {__version__} ({kernel_description()})")
        raise typer.Exit


def kernel_description() -> str:
    """Return whether the hot path is compiled."""
    return "kernel: compiled" if COMPILED else "kernel: not compiled, about a hundred times slower"


@app.callback()
def _options(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Say version and whether the kernel is compiled.",
        ),
    ] = False,
) -> None:
    pass
