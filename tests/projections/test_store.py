"""Rows that follow a running exchange are the rows of a rebuild, whatever stops in between."""

import asyncio
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from floorbook import projections
from floorbook.core import commands
from floorbook.core.commands import Genesis, OpenAccount
from floorbook.core.engine import Engine
from floorbook.errors import ProjectionsError
from floorbook.projections import Database, Store, queries
from floorbook.projections.writer import Writer
from floorbook.sequencer import Sequencer
from tests.projections.conftest import Group, Played
from tests.projections.content import content, content_of

FOLLOWER = Path(__file__).with_name("follower.py")


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'rows.sqlite'}"


def in_groups(published: Group, seed: int) -> list[Group]:
    """Return the commands in groups of many sizes."""
    chance, rest, groups = random.Random(seed), iter(published), []
    while group := list(itertools.islice(rest, chance.choice((1, 2, 7, 60, 400)))):
        groups.append(group)
    return groups


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_do_not_depend_on_the_groups(
    played: Played, rebuilt: Database, tmp_path: Path, seed: int
) -> None:
    database = Database(url_in(tmp_path))
    writer = Writer(database)
    for group in in_groups(played.published, seed):
        writer.write(group)
    assert content(database) == content(rebuilt)
    database.close()


def test_projector_goes_on_from_its_rows(played: Played, rebuilt: Database, tmp_path: Path) -> None:
    database = Database(url_in(tmp_path))
    step = len(played.published) // 9
    for begin in range(0, len(played.published), step):
        Writer(database).write(played.published[begin : begin + step])
    assert content(database) == content(rebuilt)
    database.close()


def test_store_follows(played: Played, rebuilt: Database, tmp_path: Path) -> None:
    async def follow() -> None:
        store = Store(url_in(tmp_path))
        for group in in_groups(played.published, 4):
            store.follow(group)
        last = played.published[-1].seq
        await store.caught_up(last)
        assert store.seq == last
        account = await store.ask(queries.accounts)
        assert len(account) == len(played.state.owner_of)
        await store.caught_up(1)
        store.close()

    asyncio.run(follow())
    assert content_of(url_in(tmp_path)) == content(rebuilt)


def test_own_writes_can_be_read_at_once(played: Played, tmp_path: Path) -> None:
    async def follow() -> None:
        store = Store(url_in(tmp_path))
        for applied in played.published[:40]:
            store.follow([applied])
            await store.caught_up(applied.seq)
            assert store.seq == applied.seq
        store.close()
        with pytest.raises(ProjectionsError):
            await store.caught_up(10**9)

    asyncio.run(follow())


def test_killed_in_the_middle(played: Played, rebuilt: Database, tmp_path: Path) -> None:
    url = url_in(tmp_path)
    child = subprocess.Popen(
        [sys.executable, str(FOLLOWER), str(played.journal), url], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) > played.published[-1].seq // 4:
            break
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    database = Database(url)
    progress = database.progress()
    database.close()
    assert progress is not None
    assert 0 < progress.seq < played.published[-1].seq
    assert projections.catch_up(played.journal, url) == played.published[-1].seq
    assert content_of(url) == content(rebuilt)


def test_catches_up_from_a_snapshot(played: Played, rebuilt: Database, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    shutil.copytree(played.journal, journal)
    assert not list(journal.glob("*.snapshot"))
    database = Database(url_in(tmp_path))
    Writer(database).write(played.published[: len(played.published) // 2])
    database.close()
    sequencer = Sequencer(journal, Engine(), commands)
    sequencer.snapshot()
    sequencer.close()
    # The snapshot is later than the rows: the journal is read from its first command.
    assert projections.catch_up(journal, url_in(tmp_path)) == played.published[-1].seq
    assert content_of(url_in(tmp_path)) == content(rebuilt)
    assert projections.catch_up(journal, url_in(tmp_path)) == played.published[-1].seq


def test_rows_of_another_journal_are_refused(played: Played, tmp_path: Path) -> None:
    journal = make_journal(tmp_path / "journal", b"another")
    database = Database(url_in(tmp_path))
    Writer(database).write(played.published[:2])
    database.close()
    with pytest.raises(ProjectionsError, match="another journal's; run `floorbook projections rebuild`"):
        projections.catch_up(journal, url_in(tmp_path))
    assert projections.rebuild(journal, url_in(tmp_path)) == 2


def test_rows_ahead_of_the_journal_are_refused(tmp_path: Path) -> None:
    longer = make_journal(tmp_path / "longer", b"same", owners=3)
    shorter = make_journal(tmp_path / "shorter", b"same", owners=1)
    assert projections.catch_up(longer, url_in(tmp_path)) == 4
    with pytest.raises(ProjectionsError, match=r"go to seq 4, the journal ends at seq 2; run `floorbook"):
        projections.catch_up(shorter, url_in(tmp_path))


def test_a_gap_is_refused(played: Played, tmp_path: Path) -> None:
    database = Database(url_in(tmp_path))
    writer = Writer(database)
    with pytest.raises(ProjectionsError, match="not before seq 5"):
        writer.write(played.published[4:6])
    database.close()


def test_an_empty_journal_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    assert projections.catch_up(tmp_path / "journal", url_in(tmp_path)) == 0


@pytest.mark.parametrize("url", ["sqlite://", "nonsense", "mysql://somewhere/x", "sqlite:////proc/none/rows"])
def test_an_impossible_database_is_refused(url: str) -> None:
    with pytest.raises(ProjectionsError):
        Store(url)


def test_a_fault_stops_the_projections_and_says_so(played: Played, tmp_path: Path) -> None:
    async def follow() -> None:
        store = Store(url_in(tmp_path))
        store.follow(played.published[:3])
        await store.caught_up(3)
        store.follow(played.published[9:12])
        with pytest.raises(ProjectionsError, match="not before seq 10"):
            await store.caught_up(12)
        assert store.fault is not None
        store.follow(played.published[12:15])  # nobody waits for rows that never come
        store.close()

    asyncio.run(follow())


def make_journal(journal: Path, seed: bytes, owners: int = 1) -> Path:
    """Write a journal of a genesis and some accounts, a second apart."""
    sequencer = Sequencer(journal, Engine(), commands)
    sequencer.submit(Genesis(operator=b"operator", seed=seed), 10**9)
    for number in range(owners):
        sequencer.submit(OpenAccount(owner=b"owner %d" % number), (number + 2) * 10**9)
    sequencer.close()
    return journal
