"""From the journal to the rows: rebuild them, or catch up after a stop.

    rebuild    drop every row, apply the journal from its first command
    catch_up   apply what the journal has beyond the rows' last command

Rows of another journal, or ahead of this one, are refused: only a rebuild helps.
Spec: docs/spec/projections.md §1
"""

from collections.abc import Callable
from pathlib import Path

from floorbook.core import commands
from floorbook.core.commands import AnyCommand
from floorbook.core.engine import Engine
from floorbook.core.events import Event
from floorbook.errors import ProjectionsError
from floorbook.journal import Applied, AppliedBatch, Reader
from floorbook.journal.reader import segment_names
from floorbook.journal.replay import follow
from floorbook.journal.storage import Storage, storage_of
from floorbook.projections.database import Database
from floorbook.projections.writer import TRANSACTION_MAX, Writer, identity

ShowProgress = Callable[[int, int], None]  # bytes read, bytes in all
REBUILD = "run `floorbook projections rebuild`"


def rebuild(journal: Path, url: str, progress: ShowProgress | None = None) -> int:
    """Make every row anew from the journal; return the last seq.  Raises JournalError, ProjectionsError."""
    database = Database(url, fresh=True)
    try:
        return _write_tail(storage_of(journal), Writer(database), progress)
    finally:
        database.close()


def catch_up(place: Path | Storage, url: str, progress: ShowProgress | None = None) -> int:
    """Bring the rows to the journal's end; return the last seq.  Raises JournalError, ProjectionsError."""
    storage = storage_of(place)
    database = Database(url)
    try:
        writer = Writer(database)
        if writer.progress.seq and writer.progress.journal != _identity_of(storage):
            raise ProjectionsError(f"the rows of {database.name} are another journal's; {REBUILD}")
        return _write_tail(storage, writer, progress)
    finally:
        database.close()


def _write_tail(storage: Storage, writer: Writer, progress: ShowProgress | None) -> int:
    """Write what the journal has behind the rows' last command."""
    if not segment_names(storage):
        return 0
    gathered: list[Applied[AnyCommand, Event] | AppliedBatch] = []

    def observe(applied: Applied[AnyCommand, Event] | AppliedBatch) -> None:
        if applied.seq > writer.progress.seq:
            gathered.append(applied)
            if len(gathered) >= TRANSACTION_MAX:
                writer.write(gathered)
                gathered.clear()

    end = follow(storage, Engine(), commands, writer.progress.seq, observe, progress)
    writer.write(gathered)
    if writer.progress.seq > end.seq:
        raise ProjectionsError(
            f"the rows go to seq {writer.progress.seq}, the journal ends at seq {end.seq}; {REBUILD}"
        )
    return writer.progress.seq


def _identity_of(storage: Storage) -> bytes:
    """Return the identity of a journal, b"" of an empty one."""
    if not segment_names(storage):
        return b""
    for group in Reader(storage).groups():
        for _, seq, at, body, _ in group.records:
            if seq == 1:
                return identity(at, body)
    return b""
