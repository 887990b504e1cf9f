"""What a live run is made of, and its directory: a run that exists goes on, also after a kill -9.

DIR/run.json    the settings, and which recorded moment the prices had reached when it opened last
DIR/journal     the durable journal
"""

from pathlib import Path

import msgspec

from floorbook.demo import scenarios
from floorbook.demo.live import PAST_MINUTES
from floorbook.demo.settings import JOURNAL, RUN_FILE, Settings, parse_day, prepare
from floorbook.errors import ConfigError
from floorbook.feeds.history import History
from floorbook.feeds.recorded import RecordedFeed
from floorbook.feeds.retimed import Pace, Prices
from floorbook.lab import paths
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS

PAST_NS = 7 * DAY_NS + PAST_MINUTES * MINUTE_NS
SPEED = 30
CRISIS_NS = 30 * MINUTE_NS
# A crisis opens when it begins to fall; the days before it are its past.
OPENINGS = {paths.AZUKI: "2023-06-27", paths.BENDDAO: "2022-05-08"}


class LiveRun(msgspec.Struct, frozen=True, kw_only=True, tag="live"):
    """A live run, as run.json keeps it."""

    settings: Settings
    pace: Pace
    past: int  # [ns] before the first opening
    is_past_played: bool = False

    def load(self) -> tuple[History | None, Prices]:
        """Return the history, if one is played, and its prices, the past's included."""
        if self.settings.scenario:
            return self.settings.load()
        history, _ = self.settings.load()
        assert history is not None
        return history, RecordedFeed(history, self.pace.first - self.past, self.settings.end)

    def save(self, out: Path) -> None:
        """Write run.json, whole or not at all."""
        written = out / f"{RUN_FILE}.new"
        written.write_bytes(msgspec.json.encode(self) + b"\n")
        written.replace(out / RUN_FILE)


def begin(settings: Settings, now: int, speed: int = 0) -> LiveRun:
    """Return a new run that opens `now` [ns], on the minute; a speed of 0 is chosen for it."""
    opened = now - now % MINUTE_NS
    if settings.scenario:
        return _crisis(settings, opened, speed)
    history, feed = settings.load()
    assert history is not None
    # The minutes before the range are the past, as far as the history knows them.
    past = min(PAST_NS, feed.start - history.start)
    pace = Pace(
        opened=opened, begun=feed.start, speed=speed or SPEED, first=feed.start, last=settings.end - MINUTE_NS
    )
    return LiveRun(settings=settings, pace=pace, past=past)


def _crisis(settings: Settings, opened: int, speed: int) -> LiveRun:
    story = scenarios.story(settings.scenario, settings.seed)
    begun = settings.start or parse_day(OPENINGS[settings.scenario])
    last = min(settings.end or story.start + story.hours * HOUR_NS, story.start + story.hours * HOUR_NS)
    if not story.start < begun < last:
        raise ConfigError(f"{settings.scenario} has no such days; leave --from and --to out")
    pace = Pace(
        opened=opened, begun=begun, speed=speed or max(1, (last - begun) // CRISIS_NS), first=begun,
        last=last, is_final=True,
    )  # fmt: skip
    return LiveRun(settings=settings, pace=pace, past=min(PAST_NS, begun - story.start))


def read(out: Path) -> LiveRun | None:
    """Return the live run of a directory that can go on; None where there is none."""
    try:
        run = msgspec.json.decode((out / RUN_FILE).read_bytes(), type=LiveRun)
    except (OSError, msgspec.MsgspecError):
        return None  # nothing, or a headless run, or not ours: `prepare` tells them apart
    return run if run.is_past_played and (out / JOURNAL).is_dir() else None


def prepare_live(out: Path, run: LiveRun) -> None:
    """Make `out` the empty directory of a new run; raises ConfigError as `prepare` does."""
    prepare(out, run.settings)
    run.save(out)
