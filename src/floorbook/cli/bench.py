"""`floorbook bench`: how fast the kernel, the journal and a replay are on this machine."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer


def bench(
    only: Annotated[
        list[str] | None, typer.Option(help="Run this benchmark; say it again for another.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small sizes: whether it runs, not how fast.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the figures as JSON, too.")] = None,
) -> None:
    """Measure kernel, sweep, journal, replay and demo; a table on stderr, JSON on stdout."""
    # Loaded when asked for: nothing else on the command line needs it.
    raise typer.Exit(import_module("floorbook.bench").run(only, quick=quick, out=out))
