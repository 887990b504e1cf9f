"""The run at a speed factor, with a table that moves; it starts over at the end of the history."""

import threading
import time
from pathlib import Path

from rich.console import Console
from rich.live import Live

from floorbook.demo.headless import play_prelude, prelude
from floorbook.demo.interrupts import interruptible
from floorbook.demo.screen import Screen
from floorbook.demo.settings import JOURNAL, Settings, prepare
from floorbook.demo.world import World
from floorbook.feeds.recorded import paced
from floorbook.units import SECOND_NS

REFRESH_NS = SECOND_NS // 5


def run_live(out: Path, settings: Settings, speed_factor: int, console: Console) -> int:
    """Play the range again and again until SIGINT or SIGTERM, then seal; return the exit code.

    Each pass is an exchange of its own, for time cannot run backwards in a journal; the last one is kept.
    """
    settings.load()
    stop = threading.Event()
    passes = commands = 0
    with interruptible(stop.set), Live(console=console, auto_refresh=False) as live:
        while not stop.is_set():
            passes += 1
            prepare(out, settings)
            commands = _play(out, settings, speed_factor, stop, Screen(live, speed_factor, passes))
    console.print(f"Sealed after {commands:,} commands: {out / JOURNAL}")
    return 0


def _play(out: Path, settings: Settings, speed_factor: int, stop: threading.Event, screen: Screen) -> int:
    """Play the range once; return the number of commands."""
    history, feed = settings.load()
    before = prelude(feed)
    world = World(out / JOURNAL, settings, history, (before or [next(iter(feed))])[0], settings.markets())
    shown_at = 0
    try:
        play_prelude(world, before)
        for quote in paced(feed, speed_factor, time.monotonic_ns, stop.wait):
            world.minute(quote)
            now = time.monotonic_ns()
            if now - shown_at >= REFRESH_NS:
                shown_at = now
                screen.show(world)
    finally:
        world.close()
    return world.sequencer.seq
