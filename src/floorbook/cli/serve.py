"""`floorbook serve`: an exchange that stays open until it is told to stop, and goes on where it stopped."""

from pathlib import Path
from typing import Annotated

import typer

from floorbook.cli.config import read_config
from floorbook.cli.opening import open_served


def serve(
    config: Annotated[Path, typer.Option(metavar="FILE", help="TOML: journal, markets, feed, gateway.")],
) -> None:
    """Run the exchange and its API until it is told to stop.

    SIGINT and SIGTERM seal the journal first.  Started again with the same file, the exchange goes on after
    the last command of its journal.
    """
    open_served(read_config(config), config.parent)
