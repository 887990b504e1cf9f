"""`floorbook serve`: an exchange that stays open until it is told to stop, and goes on where it stopped."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from floorbook.cli import live
from floorbook.cli.config import Config, read_config, socket_of
from floorbook.cli.operate import serve_request
from floorbook.demo import live_run
from floorbook.demo.live_run import LiveRun
from floorbook.errors import ConfigError
from floorbook.gateway.exchange import Exchange
from floorbook.projections import url_beside


def serve(
    config: Annotated[Path, typer.Option(metavar="FILE", help="TOML: journal, markets, feed, gateway.")],
) -> None:
    """Run the exchange and its API until it is told to stop.

    SIGINT and SIGTERM seal the journal first.  Started again with the same file, the exchange goes on after
    the last command of its journal.
    """
    run(read_config(config), config.parent)


def run(config: Config, place: Path) -> None:
    """Serve until a signal comes."""
    journal, file = place / config.journal, place / f"{config.journal}.run.json"
    run = _run_of(config, place, file)
    where = live.Place(
        journal,
        config.gateway.database or url_beside(journal),
        not journal.is_dir(),
        socket_of(place, config),
    )
    options = config.gateway.options(place, live_run.told(run))
    _say(f"opening {journal}")
    seq = live.run(where, options, partial(_open, run, config, file), lambda url: _say(f"open: {url}"))
    _say(f"sealed: {seq} commands")


def _run_of(config: Config, place: Path, file: Path) -> LiveRun:
    """Return the run as the file says it, its prices where they were."""
    fresh = live_run.without_past(config.settings(place), time.time_ns(), config.feed.speed)
    before = live_run.read(file)
    if before is None:
        return fresh
    if before.settings != fresh.settings:
        raise ConfigError(f"seed, bots or feed are not those that {file} began with; take another journal")
    return before


def _open(run: LiveRun, config: Config, file: Path, exchange: Exchange) -> live.Opened:
    terms = tuple(entry.terms() for entry in config.markets)
    world = run.open(exchange, file, markets=terms, speed=config.feed.speed)
    return live.Opened(world, operator=partial(serve_request, world.world))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
