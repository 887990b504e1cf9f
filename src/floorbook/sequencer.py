"""The only writer and the only clock: stamp (seq, time), apply, journal, make durable, publish.

    one thread owns it; the caller says when a group ends (`commit`), or lets another thread write a
    group while the next one gathers (`detach`, `write`, `publish`)

A command is acknowledged when it is durable.  `submit` already returns its events, because a program in
the same process may decide on them, but nothing may tell them to anybody before `commit` returns:
subscribers get them then.  After any fault the sequencer is stopped: the state in memory may be ahead of
the disk, so it answers nothing more and whoever owns it opens the journal anew.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from floorbook.errors import JournalError
from floorbook.journal.codec import HASH_BYTES, HEADER_BYTES, SEQ_MAX
from floorbook.journal.log import COMMAND_BYTES_MAX, ROWS_MAX, SEGMENT_BYTES, Group, Journal
from floorbook.journal.machine import ROW_BYTES, Applied, AppliedBatch, Codec, Machine
from floorbook.journal.reader import segment_names
from floorbook.journal.replay import recover
from floorbook.journal.segment import Position
from floorbook.journal.snapshots import SnapshotHead, write_snapshot
from floorbook.journal.storage import Storage, disk_faults, storage_of

C = TypeVar("C")
E = TypeVar("E")

Published = Sequence[Applied[C, E] | AppliedBatch]
Subscriber = Callable[[Published[C, E]], None]
NO_GENESIS = bytes(HASH_BYTES)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How often, how large."""

    segment_bytes: int = SEGMENT_BYTES
    group_bytes_max: int = 8 * 2**20  # a group that has grown so large is committed unasked
    hash_every: int = 65_536  # [commands] between two recorded state hashes; 0 records none
    snapshot_every: int = 1_000_000  # [commands] between two snapshots; 0 takes none
    snapshots_kept: int = 2


class Sequencer(Generic[C, E]):
    """An exchange that is open for business.  Not thread-safe: one thread owns it."""

    def __init__(
        self,
        place: Path | str | Storage,
        machine: Machine[C, E],
        codec: Codec[C],
        *,
        genesis: bytes = NO_GENESIS,
        options: Options | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """Lock the directory and bring `machine`, in its first state, to the journal's end.

        `genesis` is the digest of the configuration the machine was made from; a journal that began with
        another is refused.  Raises `JournalError` and its kinds.
        """
        self.options = options or Options()
        self._storage = storage_of(place)
        self._machine = machine
        self._encode = codec.encode
        self._genesis = genesis
        self._clock = clock
        self._subscribers: list[Subscriber[C, E]] = []
        self._group: list[Applied[C, E] | AppliedBatch] = []
        self._fault: BaseException | None = None
        self._lock()
        try:
            self._journal = self._open(codec)
        except BaseException:
            self._storage.close()
            raise
        self._apply, self._append = machine.apply, self._journal.append_command
        self._group_bytes_max = self.options.group_bytes_max
        here = self._journal.position
        self._seq, self._at = here.seq, here.at
        self._hash_due = self._next(self.options.hash_every)
        self._snapshot_due = self._next(self.options.snapshot_every)

    @property
    def seq(self) -> int:
        """Sequence number of the last command applied, durable or not."""
        return self._seq

    @property
    def at(self) -> int:
        """Time of the last command [ns]; no later command is earlier."""
        return self._at

    @property
    def position(self) -> Position:
        """The journal's end: everything up to its `seq` is durable."""
        return self._journal.position

    @property
    def fault(self) -> BaseException | None:
        """What stopped the sequencer; None while it runs."""
        return self._fault

    @property
    def is_snapshot_due(self) -> bool:
        """Whether so many commands have passed that a snapshot should be taken."""
        return self._seq >= self._snapshot_due

    def subscribe(self, subscriber: Subscriber[C, E]) -> None:
        """Call `subscriber` with every group from now on, after it is durable, in order."""
        self._subscribers.append(subscriber)

    def submit(self, command: C, at: int | None = None) -> Sequence[E]:
        """Stamp and apply a command, add it to the group, return its events: not acknowledged yet.

        `at` [ns] must not be earlier than `self.at`; None asks the clock.
        """
        if self._fault is not None:
            raise self._stopped()
        data = self._encode(command)
        assert len(data) <= COMMAND_BYTES_MAX
        time_ns = self._stamp(at) if at is None or at < self._at else at
        seq = self._seq + 1
        # Whatever breaks in here, be it Ctrl-C, may leave the state half changed or unrecorded.
        try:
            events = self._apply(seq, time_ns, command)
            group_bytes = self._append(seq, time_ns, data)
            self._group.append(Applied(seq, time_ns, command, events))
            self._seq, self._at = seq, time_ns
        except BaseException as fault:
            self._fault = fault
            raise
        if seq >= self._hash_due or group_bytes >= self._group_bytes_max:
            self._tidy(group_bytes)
        return events

    def submit_batch(self, rows: bytes, at: int | None = None) -> bytes:
        """Do the same with 1 to ROWS_MAX rows of 48 bytes; each is a command with its own seq."""
        if self._fault is not None:
            raise self._stopped()
        count, odd = divmod(len(rows), ROW_BYTES)
        assert odd == 0
        assert 0 < count <= ROWS_MAX
        time_ns = self._stamp(at)
        seq = self._seq + 1
        try:
            events = self._machine.apply_batch(seq, time_ns, rows)
            group_bytes = self._journal.append_batch(seq, time_ns, rows)
            self._group.append(AppliedBatch(seq, time_ns, rows, events))
            self._seq, self._at = self._seq + count, time_ns
        except BaseException as fault:
            self._fault = fault
            raise
        if self._seq >= self._hash_due or group_bytes >= self._group_bytes_max:
            self._tidy(group_bytes)
        return events

    def commit(self) -> int:
        """Make the group durable, publish it, return the last durable seq.

        Raises `JournalFull` or `JournalError`: then nothing of the group is acknowledged.
        """
        self.publish(self.make_durable())
        if self.is_snapshot_due:
            self.snapshot()
        return self._seq

    def make_durable(self) -> Published[C, E]:
        """Make the group durable and return it; the caller owes it to `publish`."""
        detached = self.detach()
        self.write(detached)
        return detached.commands

    def detach(self) -> "Detached[C, E]":
        """Close the group and begin the next one; the caller owes it to `write`, then to `publish`."""
        if self._fault is not None:
            raise self._stopped()
        commands, self._group = self._group, []
        return Detached(commands, self._journal.detach(self._seq, self._at))

    def write(self, detached: "Detached[C, E]") -> None:
        """Make a detached group durable.

        It may run on another thread while the owner submits on, but one group at a time: nothing else may
        be committed, snapshotted or closed before it returns.
        """
        try:
            self._journal.write(detached.records)
        except BaseException as fault:
            self._fault = fault
            raise

    def publish(self, group: Published[C, E]) -> None:
        """Hand a durable group to the subscribers."""
        if not group:
            return
        try:
            for subscriber in self._subscribers:
                subscriber(group)
        except BaseException as fault:
            self._fault = fault
            raise

    def snapshot(self) -> str | None:
        """Commit, then write the whole state beside the journal; return the file's name.

        None: no group stands in the last segment yet, so there is no place to resume from.
        """
        self.publish(self.make_durable())
        if self._journal.position.offset == HEADER_BYTES:
            return None
        head = SnapshotHead(
            position=self._journal.position, genesis=self._genesis, state_hash=self._machine.state_hash()
        )
        try:
            name = write_snapshot(self._storage, head, self._machine.dump(), self.options.snapshots_kept)
        except BaseException as fault:
            self._fault = fault
            raise
        self._snapshot_due = self._next(self.options.snapshot_every)
        return name

    def close(self) -> None:
        """Commit and seal; a stopped sequencer only lets go of its files and leaves no seal."""
        try:
            if self._fault is None:
                self.publish(self.make_durable())
                self._journal.seal(self._machine.state_hash())
        finally:
            self._fault = self._fault or JournalError("the sequencer was closed")
            self._storage.close()

    def _lock(self) -> None:
        with disk_faults(f"locking {self._storage}"):
            try:
                self._storage.lock()
            except BlockingIOError as fault:
                raise JournalError(f"{self._storage}: another process writes this journal") from fault

    def _open(self, codec: Codec[C]) -> Journal:
        with disk_faults(f"listing {self._storage}"):
            exists = bool(segment_names(self._storage))
        reader = recover(self._storage, self._machine, codec, self._genesis) if exists else None
        return Journal(self._storage, reader, self._genesis, self.options.segment_bytes)

    def _stamp(self, at: int | None) -> int:
        """Return the command's time: a clock may step back, a caller who names the time may not."""
        if at is None:
            return max(self._clock(), self._at)
        assert at >= self._at
        return at

    def _tidy(self, group_bytes: int) -> None:
        """Record the state's hash when it is due, and commit a group that has grown too large."""
        if self._seq >= self._hash_due:
            try:
                self._journal.append_hash(self._seq, self._machine.state_hash())
            except BaseException as fault:
                self._fault = fault
                raise
            self._hash_due = self._next(self.options.hash_every)
        if group_bytes >= self._group_bytes_max:
            self.commit()

    def _next(self, every: int) -> int:
        """Return the next multiple of `every` after the last command; never, when it is 0."""
        return (self._seq // every + 1) * every if every else SEQ_MAX

    def _stopped(self) -> JournalError:
        return JournalError(f"the sequencer is stopped: {self._fault!r}")


class Detached(NamedTuple, Generic[C, E]):
    """A group on its way to the disk."""

    commands: Published[C, E]
    records: Group
