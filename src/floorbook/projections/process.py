"""The writer in a process of its own: an exchange's thread does not share its interpreter with the rows.

    parent -> child   the database's URL, then group after group
    child -> parent   how far the rows go: at the start, and after each group; or what went wrong

Every message is its length, 4 bytes big-endian, and msgpack.  The child ends when its input does: it has
written what it answered for, and the journal has the rest.
"""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import IO, Any

import msgspec

from floorbook.core import events
from floorbook.core.commands import AnyCommand, decode, encode
from floorbook.core.events import Event
from floorbook.errors import ProjectionsError
from floorbook.journal import Applied, AppliedBatch
from floorbook.projections.database import Database
from floorbook.projections.projector import Group
from floorbook.projections.writer import Writer

LENGTH_BYTES = 4
END_SECONDS = 60.0  # to finish a transaction
# -P and -c: a directory called floorbook where the program was started is not the package.
MAIN = "from floorbook.projections.process import main; main()"

KINDS = [kind for kind in vars(events).values() if isinstance(kind, type) and kind is not Event]
AnyEvent: Any = reduce(or_, KINDS)


class Item(msgspec.Struct, array_like=True):
    """A command with its events, or where `rows` are not empty a batch of binary ones."""

    seq: int
    at: int
    command: bytes = b""
    events: Sequence[AnyEvent] = ()
    rows: bytes = b""
    row_events: bytes = b""


class Answer(msgspec.Struct, array_like=True):
    """How far the rows go, or why they go no further."""

    seq: int
    fault: str = ""


_encoder = msgspec.msgpack.Encoder()
_items = msgspec.msgpack.Decoder(list[Item])
_answers = msgspec.msgpack.Decoder(Answer)


class WriterProcess:
    """The parent's end; one thread owns it.  Every method raises ProjectionsError with the child's words."""

    def __init__(self, url: str) -> None:
        """Start the child; `seq` is known when `wait` returns."""
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-c", MAIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.seq = 0
        self._send(url.encode())

    def wait(self) -> None:
        """Wait until the child has opened the database."""
        self._hear()

    def write(self, group: Group) -> None:
        """Let the child write what durable commands did, and wait for it."""
        self._send(_encoder.encode([_item(applied) for applied in group]))
        self._hear()

    def close(self) -> None:
        """End the child; it has nothing left to do."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it is gone already, and `write` has said so
            self._child.stdin.close()
        self._child.wait(END_SECONDS)
        self._child.stdout.close()

    def _send(self, message: bytes) -> None:
        assert self._child.stdin is not None
        try:
            _send(self._child.stdin, message)
        except BrokenPipeError as fault:
            raise ProjectionsError("the process that writes the projections is gone") from fault

    def _hear(self) -> None:
        assert self._child.stdout is not None
        message = _receive(self._child.stdout)
        if message is None:
            raise ProjectionsError("the process that writes the projections is gone")
        answer = _answers.decode(message)
        if answer.fault:
            raise ProjectionsError(answer.fault)
        self.seq = answer.seq


def main() -> None:
    """Serve one parent."""
    # Ctrl-C is the parent's: it closes the input when everything is written.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inbox, outbox = sys.stdin.buffer, sys.stdout.buffer
    url = _receive(inbox)
    if url is None:
        return
    try:
        _serve(url.decode(), inbox, outbox)
    except ProjectionsError as fault:
        _send(outbox, _encoder.encode(Answer(0, str(fault))))


def _serve(url: str, inbox: IO[bytes], outbox: IO[bytes]) -> None:
    database = Database(url)
    writer = Writer(database)
    _send(outbox, _encoder.encode(Answer(writer.progress.seq)))
    while (message := _receive(inbox)) is not None:
        writer.write([_applied(item) for item in _items.decode(message)])
        _send(outbox, _encoder.encode(Answer(writer.progress.seq)))
    database.close()


def _item(applied: Applied[AnyCommand, Event] | AppliedBatch) -> Item:
    if isinstance(applied, AppliedBatch):
        return Item(applied.seq, applied.at, rows=applied.rows, row_events=applied.events)
    return Item(applied.seq, applied.at, encode(applied.command), applied.events)


def _applied(item: Item) -> Applied[AnyCommand, Event] | AppliedBatch:
    if item.rows:
        return AppliedBatch(item.seq, item.at, item.rows, item.row_events)
    return Applied(item.seq, item.at, decode(item.command), item.events)


def _send(stream: IO[bytes], message: bytes) -> None:
    stream.write(len(message).to_bytes(LENGTH_BYTES) + message)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    """Return the next message; None at the end."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    message = stream.read(int.from_bytes(head))
    return message if len(message) == int.from_bytes(head) else None
