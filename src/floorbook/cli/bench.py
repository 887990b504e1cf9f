"""`floorbook bench`: how fast the kernel, the journal and a replay are on this machine."""

from importlib import import_module
from importlib.util import find_spec

import typer

from floorbook.errors import ConfigError

BENCH = "floorbook.bench"


def bench() -> None:
    """Measure kernel, journal and replay."""
    if find_spec(BENCH) is None:
        raise ConfigError("this installation has no benchmark; use one made from the repository")
    raise typer.Exit(import_module(BENCH).run() or 0)
