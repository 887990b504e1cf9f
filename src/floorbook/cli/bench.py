"""`floorbook bench`: how fast the kernel, the journal and a replay are on this machine."""

from importlib import import_module

import typer

from floorbook.errors import ConfigError

BENCH = "floorbook.bench"


def bench() -> None:
    """Measure kernel, journal and replay."""
    try:
        # Loaded when asked for: nothing else on the command line needs it.
        run = import_module(BENCH).run
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"this installation has no benchmark ({error}); use the repository's") from error
    raise typer.Exit(run() or 0)
