"""The real disk: the same journal as in memory, preallocation, one writer."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from floorbook.errors import JournalError, JournalFull
from floorbook.journal import DiskStorage, replay, verify
from floorbook.journal.storage import disk_faults, replace_durably
from floorbook.sequencer import Sequencer
from tests.journal.bank import Bank, BankCodec, Command, Event, bank_after
from tests.journal.faulty_disk import FaultyDisk
from tests.journal.ledgers import SMALL, submit

WRITER = """
import sys
from floorbook.errors import JournalError
from floorbook.sequencer import Sequencer
from tests.journal.bank import Bank, BankCodec
try:
    Sequencer(sys.argv[1], Bank(), BankCodec())
except JournalError as fault:
    print(fault)
"""


def open_in(directory: Path, bank: Bank | None = None) -> Sequencer[Command, Event]:
    return Sequencer(directory, bank or Bank(), BankCodec(), options=SMALL)


def test_the_disk_holds_the_bytes_the_memory_holds(tmp_path: Path) -> None:
    memory = FaultyDisk()
    for place in (tmp_path / "new" / "journal", memory):
        sequencer = Sequencer(place, Bank(), BankCodec(), options=SMALL)
        for count in (1, 7, 9, 3, 8):
            submit(sequencer, count)
        sequencer.snapshot()
        sequencer.close()
    files = {path.name: path.read_bytes() for path in (tmp_path / "new" / "journal").iterdir()}
    assert files.pop("lock") == b""
    assert files == memory.contents()


def test_recovery_on_disk(tmp_path: Path) -> None:
    for times in range(1, 4):
        bank = Bank()
        sequencer = open_in(tmp_path, bank)
        submit(sequencer, 10)
        sequencer.close()
        assert bank.state_hash() == bank_after(10 * times).state_hash()
    report = verify(str(tmp_path), Bank(), BankCodec())
    assert (report.status, report.commands) == ("sealed", 30)


def test_an_open_segment_is_preallocated_and_a_closed_one_cut(tmp_path: Path) -> None:
    sequencer = Sequencer(tmp_path, Bank(), BankCodec())
    submit(sequencer, 1)
    segment = tmp_path / "segment-00000000.journal"
    assert segment.stat().st_size == 64 * 2**20
    assert replay(tmp_path, Bank(), BankCodec()).status == "unsealed"
    sequencer.close()
    assert segment.stat().st_size < 1_000


def test_two_writers_in_one_process(tmp_path: Path) -> None:
    first = open_in(tmp_path)
    with pytest.raises(JournalError, match="another process writes"):
        open_in(tmp_path)
    first.close()
    open_in(tmp_path).close()


def test_two_writers_in_two_processes(tmp_path: Path) -> None:
    first = open_in(tmp_path)
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), str(root / "src")])
    run = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "another process writes this journal" in run.stdout
    submit(first, 1)
    first.close()


def test_a_failed_opening_lets_go_of_the_lock(tmp_path: Path) -> None:
    sequencer = open_in(tmp_path)
    submit(sequencer, 3)
    sequencer.close()
    with pytest.raises(JournalError, match="configuration"):
        Sequencer(tmp_path, Bank(), BankCodec(), genesis=b"x" * 32)
    open_in(tmp_path).close()


def test_a_file_system_without_fallocate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, offset: int, length: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    sequencer = open_in(tmp_path)
    submit(sequencer, 20)
    sequencer.close()
    assert verify(tmp_path, Bank(), BankCodec()).commands == 20


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: whole(file, data[:7], offset))
    sequencer = open_in(tmp_path)
    submit(sequencer, 20)
    sequencer.close()
    assert verify(tmp_path, Bank(), BankCodec()).commands == 20


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, offset: int, length: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with pytest.raises(JournalFull, match="writing it"), disk_faults("writing it"):
        replace_durably(DiskStorage(tmp_path), "file", b"data", 100)
    assert list(tmp_path.iterdir()) == []


def test_reading_nowhere_is_a_journal_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="nowhere"):
        replay(tmp_path / "nowhere", Bank(), BankCodec())
    with pytest.raises(JournalError, match="no journal here"):
        replay(tmp_path, Bank(), BankCodec())
