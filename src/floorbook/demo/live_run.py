"""What a live run is made of, and its file: a run that exists goes on, also after a kill -9.

The file keeps the settings, and which recorded moment the prices had reached when the run opened last.
"""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from floorbook.demo import scenarios
from floorbook.demo.listing import Terms
from floorbook.demo.live import PAST_MINUTES, LiveWorld
from floorbook.demo.settings import Settings, parse_day
from floorbook.errors import ConfigError
from floorbook.feeds.history import History
from floorbook.feeds.recorded import RecordedFeed
from floorbook.feeds.retimed import Pace, Prices
from floorbook.feeds.table import stamp
from floorbook.gateway.exchange import Exchange
from floorbook.lab import paths
from floorbook.pricing.eip712 import Domain
from floorbook.pricing.reports import LOCAL
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS

PAST_NS = 2 * DAY_NS + PAST_MINUTES * MINUTE_NS
SPEED = 30
CRISIS_NS = 30 * MINUTE_NS
# A crisis opens when it begins to fall; the days before it are its past.
OPENINGS = {paths.AZUKI: "2023-06-27", paths.BENDDAO: "2022-05-08"}
COMMIT_MINUTES = 60  # of the past


class LiveRun(msgspec.Struct, frozen=True, kw_only=True, tag="live"):
    """A live run, as its file keeps it."""

    settings: Settings
    pace: Pace
    past: int = 0  # [ns] before the first opening
    is_past_played: bool = False

    def load(self) -> tuple[History | None, Prices]:
        """Return the history, if one is played, and its prices, the past's included."""
        history, feed = self.settings.load()
        if history is None:
            return None, feed
        return history, RecordedFeed(history, self.pace.first - self.past, self.settings.end)

    def open(
        self,
        exchange: Exchange,
        file: Path,
        *,
        markets: tuple[Terms, ...] | None = None,
        speed: int = 0,
        domain: Domain = LOCAL,
        clock: Callable[[], int] = time.time_ns,
    ) -> LiveWorld:
        """Play the past, or go on with an exchange that has begun; prices go on where they stopped."""
        run, is_new = self, exchange.sequencer.seq == 0
        if not is_new:
            pace = self.pace.resumed(exchange.sequencer.at, clock(), speed or self.pace.speed)
            run = msgspec.structs.replace(self, pace=pace)
        history, prices = run.load()
        world = LiveWorld(
            exchange, run.settings, history, prices, run.pace, markets=markets,
            past=run.past if is_new else 0, domain=domain, clock=clock,
        )  # fmt: skip
        msgspec.structs.replace(run, is_past_played=True).save(file)
        return world

    def save(self, file: Path) -> None:
        """Write the file, whole or not at all."""
        written = file.with_name(f"{file.name}.new")
        written.write_bytes(msgspec.json.encode(self) + b"\n")
        written.replace(file)


def read(file: Path) -> LiveRun | None:
    """Return the live run that can go on; None where the file tells of none."""
    try:
        run = msgspec.json.decode(file.read_bytes(), type=LiveRun)
    except (OSError, msgspec.MsgspecError):
        return None  # no file, or a headless run's
    return run if run.is_past_played else None


def told(run: LiveRun, speed: int = 0) -> str:
    """Return in one line what prices these are; `speed` where another one was asked for."""
    what = run.settings.scenario or "recorded prices"
    first, last = stamp(run.pace.first)[:10], stamp(run.pace.last)[:10]
    return f"{what}, {first} to {last}, {speed or run.pace.speed:,} times as fast as they happened"


def begin(settings: Settings, now: int, speed: int = 0) -> LiveRun:
    """Return a new run with a past, which opens `now` [ns], on the minute; a speed of 0 is chosen for it."""
    opened = now - now % MINUTE_NS
    settings = msgspec.structs.replace(settings, commit_minutes=COMMIT_MINUTES)
    if settings.scenario:
        return _crisis(settings, opened, speed)
    run = without_past(settings, opened, speed or SPEED)
    history, _ = settings.load()
    assert history is not None
    # The minutes before the range are the past, as far as the history knows them.
    return msgspec.structs.replace(run, past=min(PAST_NS, settings.start - history.start))


def without_past(settings: Settings, opened: int, speed: int) -> LiveRun:
    """Return a run of history that opens at a time [ns], as an exchange that was not there before."""
    settings.load()  # whoever names a range that is not covered is told now
    pace = Pace(
        opened=opened, begun=settings.start, speed=speed, first=settings.start, last=settings.end - MINUTE_NS
    )
    return LiveRun(settings=settings, pace=pace)


def _crisis(settings: Settings, opened: int, speed: int) -> LiveRun:
    story = scenarios.story(settings.scenario, settings.seed)
    end = story.start + (story.hours - 1) * HOUR_NS
    begun, last = settings.start or parse_day(OPENINGS[settings.scenario]), min(settings.end or end, end)
    if not story.start < begun < last:
        raise ConfigError(f"{settings.scenario} has no such days; leave --from and --to out")
    pace = Pace(
        opened=opened, begun=begun, speed=speed or max(1, (last - begun) // CRISIS_NS), first=begun,
        last=last, is_final=True,
    )  # fmt: skip
    return LiveRun(settings=settings, pace=pace, past=min(PAST_NS, begun - story.start))
