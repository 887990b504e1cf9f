"""The writing side of the projections: a group's rows and how far they go, in one transaction."""

from hashlib import sha256

from floorbook.core.commands import AnyCommand, encode
from floorbook.core.events import Event
from floorbook.errors import ProjectionsError
from floorbook.journal import Applied, AppliedBatch
from floorbook.journal.machine import ROW_BYTES
from floorbook.projections import tables as t
from floorbook.projections.database import Database
from floorbook.projections.projector import Group, Projector
from floorbook.projections.records import Progress

TRANSACTION_MAX = 20_000  # [commands]


def identity(at: int, body: bytes) -> bytes:
    """Return what tells a journal from every other: the hash of its first command and its time."""
    return sha256(at.to_bytes(8, "little") + body).digest()


class Writer:
    """A projector and its database: rows and progress in one transaction.  One thread owns it."""

    def __init__(self, database: Database) -> None:
        found = database.progress()
        self.progress = found or Progress(1, 0, 0, b"", t.VERSION)
        self._projector = Projector(database.memory() if found else None)
        self._database = database

    def write(self, group: Group) -> None:
        """Write what durable commands did; those whose rows are there already are passed over."""
        fresh = [applied for applied in group if applied.seq > self.progress.seq]
        if not fresh:
            return
        first, last = fresh[0], fresh[-1]
        if not self.progress.seq:
            body = encode(first.command) if isinstance(first, Applied) else first.rows
            self.progress.journal = identity(first.at, body)
        if first.seq != self.progress.seq + 1:
            raise ProjectionsError(f"the rows end at seq {self.progress.seq}, not before seq {first.seq}")
        self._projector.apply(fresh)
        self.progress.seq, self.progress.at = last_seq(last), last.at
        self._database.write(self._projector.take(), self.progress)


def last_seq(applied: Applied[AnyCommand, Event] | AppliedBatch) -> int:
    """Return the last sequence number of a command or of a batch."""
    if isinstance(applied, AppliedBatch):
        return applied.seq + len(applied.rows) // ROW_BYTES - 1
    return applied.seq
