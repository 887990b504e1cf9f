"""`floorbook serve`: an exchange that stays open until it is told to stop, and goes on where it stopped."""

import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from floorbook.cli.config import Config, read_config, socket_of
from floorbook.cli.control import Control
from floorbook.cli.operate import serve_request
from floorbook.demo import World
from floorbook.demo.interrupts import interruptible
from floorbook.demo.screen import day_and_time
from floorbook.feeds.recorded import paced
from floorbook.units import HOUR_NS, MINUTE_NS


def serve(
    config: Annotated[Path, typer.Option(metavar="FILE", help="TOML: journal, markets, feed.")],
) -> None:
    """Run the exchange on a feed until it is told to stop.

    SIGINT and SIGTERM seal the journal first.  Started again with the same file, the exchange goes on after
    the last command of its journal.
    """
    found = read_config(config)
    stop = threading.Event()
    with interruptible(stop.set):
        run(found, config.parent, stop)


def run(config: Config, place: Path, stop: threading.Event) -> None:
    """Serve until `stop` is set or the feed ends."""
    settings = config.settings(place)
    history, feed = settings.load()
    terms = tuple(entry.terms() for entry in config.markets)
    world = World(place / config.journal, settings, history, next(iter(feed)), terms)
    control = Control(socket_of(place, config), partial(serve_request, world), stop)
    _say(world, "open")
    try:
        # The journal may have seen a part of the feed already: time goes on, never back.
        ahead = (quote for quote in feed if quote.at > world.sequencer.at - world.sequencer.at % MINUTE_NS)
        rest = ahead if world.is_resumed else iter(feed)
        for quote in paced(rest, config.feed.speed, time.monotonic_ns, control.wait):
            world.minute(quote)
            if quote.at % HOUR_NS == 0:
                _say(world, "running")
    finally:
        control.close()
        world.close()
    _say(world, "sealed")


def _say(world: World, what: str) -> None:
    line = (
        f"{day_and_time(world.state.now)} {what}: {world.sequencer.seq} commands, {world.tally.fills} trades"
    )
    sys.stderr.write(line + "\n")
