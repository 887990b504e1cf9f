"""A short run of the demo's world, once for all tests: its journal, its engine, its rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floorbook import projections
from floorbook.core import commands
from floorbook.core.engine import Engine
from floorbook.demo import Settings, run_headless
from floorbook.demo.settings import JOURNAL, parse_day
from floorbook.journal import Applied, AppliedBatch, replay
from floorbook.projections import Database
from floorbook.units import HOUR_NS

# The floor went from 14 to 20 ETH on this day: whoever was short was liquidated.
START = parse_day("2021-02-21")
RUN = Settings(start=START, end=START + 10 * HOUR_NS, seed=1, bots=24, commit_minutes=1)

Group = list[Applied | AppliedBatch]


class Played:
    """A journal, the engine at its end and everything that was published."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.engine = Engine()
        self.state = self.engine.state
        self.published: Group = []
        replay(journal, self.engine, commands, observe=self.published.append)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    out = tmp_path_factory.mktemp("projections") / "run"
    run_headless(out, RUN)
    return Played(out / JOURNAL)


@pytest.fixture(scope="session")
def rebuilt(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The rows of the run in SQLite."""
    url = f"sqlite:///{tmp_path_factory.mktemp('rows') / 'rows.sqlite'}"
    assert projections.rebuild(played.journal, url) == played.published[-1].seq
    database = Database(url)
    yield database
    database.close()
