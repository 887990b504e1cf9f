"""`floorbook compare`: three rule sets on the same crises, as a page with charts."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from floorbook.errors import ConfigError


def compare(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where comparison.md and its charts go.")] = Path(
        "docs"
    ),
    seed: Annotated[int, typer.Option(help="The same seed writes the same page, to the last byte.")] = 1,
) -> None:
    """Play Floorbook, BendDAO of August 2022 and nftperp v1 on the same prices; under a minute."""
    try:
        out.mkdir(parents=True, exist_ok=True)  # before the minute of playing, not after it
    except OSError as error:
        raise ConfigError(f"cannot write to {out}: {error}; name another --out DIR") from error
    console = Console(stderr=True)
    # Loaded when asked for: nothing else on the command line needs it.
    study, page = (import_module(f"floorbook.lab.compare.{name}") for name in ("study", "page"))
    for file in page.write(study.study(seed), out):
        console.print(f"wrote {file}", highlight=False)
