"""What a run is made of, and the directory it leaves behind.

DIR/run.json        these settings: the mark that the directory is ours
DIR/journal         the durable journal
DIR/summary.json    the figures of the JSON line
DIR/series.json     the samples behind the plots
DIR/report.html     the report
DIR/journal.sqlite  of a live run: what happened, as rows (projections)
DIR/chain.json      of a live run with a chain: where the contracts are
DIR/chain           the chain itself
"""

import fcntl
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from floorbook.demo import scenarios
from floorbook.demo.listing import MARKETS, Terms
from floorbook.demo.scenarios import ScenarioFeed
from floorbook.errors import ConfigError
from floorbook.feeds.history import History, load_csv, load_packaged
from floorbook.feeds.recorded import RecordedFeed
from floorbook.journal.storage import LOCK_NAME
from floorbook.units import SECOND_NS

RUN_FILE = "run.json"
JOURNAL = "journal"
PROJECTIONS = ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm")
CHAIN, CHAIN_FILE = "chain", "chain.json"
DIRECTORIES = (JOURNAL, CHAIN)
OWN_NAMES = (
    *DIRECTORIES, CHAIN_FILE, f"{CHAIN_FILE}.new", RUN_FILE, f"{RUN_FILE}.new", "summary.json", "series.json",
    "report.html", *PROJECTIONS,
)  # fmt: skip


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A run: the half-open range of history [ns], the seed, the number of bots."""

    start: int
    end: int
    seed: int = 1
    bots: int = 100
    history: str = ""  # a CSV's path, empty: the packaged history
    commit_minutes: int = 1  # market minutes whose commands become durable together
    scenario: str = ""  # a scripted crisis instead of history

    def load(self) -> tuple[History | None, RecordedFeed | ScenarioFeed]:
        """Return the history, if one is played, and the range to play; raises HistoryError, ConfigError."""
        if self.scenario:
            return None, scenarios.load(self.scenario, self.seed, self.start, self.end)
        history = load_csv(Path(self.history)) if self.history else load_packaged()
        return history, RecordedFeed(history, self.start, self.end)

    def markets(self) -> tuple[Terms, ...]:
        """Return the markets to list: the scenario's, or those of the packaged history."""
        return scenarios.markets(scenarios.story(self.scenario, self.seed)) if self.scenario else MARKETS


def parse_day(text: str) -> int:
    """Return the ns of a UTC day (2021-02-15) or minute (2021-02-15T06:30); raises ConfigError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no date; write one like 2021-02-15 or 2021-02-15T06:30") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return int(moment.timestamp()) * SECOND_NS


def prepare(out: Path, settings: Settings) -> None:
    """Make `out` an empty run directory; an earlier run in it is replaced, anything else refused."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file; name a directory to write the run to")
    found = sorted(path.name for path in out.iterdir()) if out.exists() else []
    strangers = [name for name in found if name not in OWN_NAMES]
    if strangers or (found and RUN_FILE not in found):
        named = ", ".join((strangers or found)[:3])
        raise ConfigError(f"{out} is not empty and no earlier run ({named}); name another directory")
    if is_written_to(out / JOURNAL):
        raise ConfigError(f"another run is writing to {out}; wait for its end or name another directory")
    clear(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / RUN_FILE).write_bytes(msgspec.json.encode(settings) + b"\n")


def is_written_to(journal: Path) -> bool:
    """Return whether a process holds the lock of this journal."""
    try:
        with open(journal / LOCK_NAME, "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def clear(out: Path) -> None:
    """Remove what an earlier run left in its directory."""
    for name in DIRECTORIES:
        shutil.rmtree(out / name, ignore_errors=True)
    for name in OWN_NAMES[len(DIRECTORIES) :]:
        (out / name).unlink(missing_ok=True)
