"""From the journal back to the state: recovery, replay and verification.

    recover   newest valid snapshot, then the tail: what a start does
    follow    the tail behind a command, for who has seen all before it
    replay    every command from the first on: what an auditor does
    verify    replay, and every snapshot against it; no byte may differ

All check every recorded state hash on their way and raise `ReplayMismatch` naming the sequence number.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from floorbook.errors import CorruptJournal, JournalError, ReplayMismatch
from floorbook.journal.codec import BATCH, COMMAND, SEQ_MAX, corrupt
from floorbook.journal.machine import Applied, AppliedBatch, Codec, Machine
from floorbook.journal.reader import Reader
from floorbook.journal.segment import START, Group, Position
from floorbook.journal.snapshots import Snapshot, read_snapshot, snapshots
from floorbook.journal.storage import Storage, storage_of

C = TypeVar("C")
E = TypeVar("E")

Progress = Callable[[int, int], None]  # bytes read, bytes in all
Observer = Callable[[Applied[C, E] | AppliedBatch], None]
Check = Callable[[C], str]  # what is wrong with a command beyond its bytes, such as a signature; "" = nothing
Landmark = Callable[[Position], None]  # told of every group's end, the machine standing there


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found."""

    segments: int
    groups: int
    records: int  # commands, batches and state hashes
    commands: int  # each row of a batch counts
    seq_last: int
    at_last: int  # [ns]
    head_hash: bytes
    state_hash: bytes
    sealed: bool
    torn_bytes: int  # of the last group, never acknowledged
    seconds: float

    @property
    def status(self) -> str:
        return "sealed" if self.sealed else "unsealed"


def recover(storage: Storage, machine: Machine[C, E], codec: Codec[C], genesis: bytes) -> Reader:
    """Bring a machine in its first state to the journal's end; return the reader that stands there."""
    start = START
    snapshot = _newest_valid(storage)
    if snapshot is not None:
        start = snapshot.head.position
        _load(snapshot, machine, genesis)
    reader = Reader(storage, start, genesis)
    for group in reader.groups():
        _apply(group, machine, codec, None)
    _check_seal(reader, machine)
    return reader


def follow(
    place: Path | str | Storage,
    machine: Machine[C, E],
    codec: Codec[C],
    seq: int,
    observe: Observer[C, E],
    progress: Progress | None = None,
) -> Position:
    """Bring a machine in its first state to the journal's end; `observe` sees at least all behind `seq`.

    It begins at the newest snapshot that is not later.  Returns the end; raises as `replay` does.
    """
    storage = storage_of(place)
    start = START
    snapshot = _newest_valid(storage, seq)
    if snapshot is not None:
        start = snapshot.head.position
        _load(snapshot, machine, snapshot.head.genesis)
    reader = Reader(storage, start)
    _walk(reader, machine, codec, _Watch(progress, observe))
    return reader.position


def replay(
    place: Path | str | Storage,
    machine: Machine[C, E],
    codec: Codec[C],
    *,
    progress: Progress | None = None,
    observe: Observer[C, E] | None = None,
    landmark: Landmark | None = None,
) -> Report:
    """Apply every command to a machine in its first state; `observe` sees what subscribers saw.

    Raises `CorruptJournal` with segment, offset and seq, `NewerJournal`, `ReplayMismatch`, `JournalError`.
    """
    return _replay(storage_of(place), machine, codec, _Watch(progress, observe, landmark=landmark))


def verify(
    place: Path | str | Storage,
    machine: Machine[C, E],
    codec: Codec[C],
    *,
    progress: Progress | None = None,
    check: Check[C] | None = None,
    observe: Observer[C, E] | None = None,
    landmark: Landmark | None = None,
) -> Report:
    """Replay and check every snapshot, and every command by `check`; raises as `replay` does."""
    storage = storage_of(place)
    taken = {snapshot.head.position.seq: snapshot for snapshot in _all_valid(storage)}
    report = _replay(storage, machine, codec, _Watch(progress, observe, check, landmark, taken))
    for snapshot in taken.values():
        raise CorruptJournal(f"{snapshot.name}: the journal has no group that ends where it was taken")
    return report


class _Watch(NamedTuple, Generic[C, E]):
    """Who wants to know what of a walk."""

    progress: Progress | None = None
    observe: Observer[C, E] | None = None
    check: Check[C] | None = None
    landmark: Landmark | None = None
    taken: dict[int, Snapshot] | None = None  # snapshots to be met, by seq


def _replay(storage: Storage, machine: Machine[C, E], codec: Codec[C], watch: _Watch[C, E]) -> Report:
    began = time.monotonic()
    reader = Reader(storage)
    _walk(reader, machine, codec, watch)
    return _report(reader, machine.state_hash(), time.monotonic() - began)


def _walk(reader: Reader, machine: Machine[C, E], codec: Codec[C], watch: _Watch[C, E]) -> None:
    """Apply everything from where the reader stands."""
    progress, observe, check, landmark, taken = watch
    total = reader.bytes_total()
    before = 0  # bytes of the segments already read
    segment = 0
    for group in reader.groups():
        _apply(group, machine, codec, observe, check)
        if taken:
            _check_snapshot(taken.pop(group.end.seq, None), group, machine)
        if landmark is not None:
            landmark(group.end)
        if progress is not None:
            if group.end.segment != segment:
                segment = group.end.segment
                before = reader.bytes_before(segment)
            progress(before + group.end.offset, total)
    _check_seal(reader, machine)
    if progress is not None:
        progress(total, total)


def _report(reader: Reader, state_hash: bytes, seconds: float) -> Report:
    end = reader.position
    return Report(
        segments=len(reader.names),
        groups=end.groups,
        records=end.records,
        commands=end.seq,
        seq_last=end.seq,
        at_last=end.at,
        head_hash=end.head,
        state_hash=state_hash,
        sealed=reader.sealed,
        torn_bytes=reader.torn_bytes,
        seconds=seconds,
    )


def _apply(
    group: Group,
    machine: Machine[C, E],
    codec: Codec[C],
    observe: Observer[C, E] | None,
    check: Check[C] | None = None,
) -> None:
    """Apply a group's records in order."""
    apply, decode = machine.apply, codec.decode
    for kind, seq, at, body, offset in group.records:
        if kind == COMMAND:
            try:
                command = decode(body)
            except msgspec.DecodeError as fault:
                raise corrupt(group.name, offset, seq, f"no command this program knows: {fault}") from fault
            if check is not None and (wrong := check(command)):
                raise corrupt(group.name, offset, seq, wrong)
            events = apply(seq, at, command)
            if observe is not None:
                observe(Applied(seq, at, command, events))
        elif kind == BATCH:
            answer = machine.apply_batch(seq, at, body)
            if observe is not None:
                observe(AppliedBatch(seq, at, body, answer))
        elif machine.state_hash() != body:
            raise _mismatch(group.name, offset, seq, body.hex(), machine.state_hash().hex())


def _check_seal(reader: Reader, machine: Machine[C, E]) -> None:
    seal = reader.seal
    if seal is not None and machine.state_hash() != seal.state_hash:
        place = reader.position
        raise _mismatch(
            reader.names[-1], place.offset, seal.seq, seal.state_hash.hex(), machine.state_hash().hex()
        )


def _check_snapshot(snapshot: Snapshot | None, group: Group, machine: Machine[C, E]) -> None:
    if snapshot is None:
        return
    if snapshot.head.position != group.end:
        raise corrupt(group.name, group.end.offset, group.end.seq, f"{snapshot.name} was taken elsewhere")
    if snapshot.head.state_hash != machine.state_hash():
        raise ReplayMismatch(f"{snapshot.name}: replaying gives another state at seq {group.end.seq}")


def _mismatch(name: str, offset: int, seq: int, recorded: str, replayed: str) -> ReplayMismatch:
    return ReplayMismatch(
        f"{name}: offset {offset}, seq {seq}: recorded state {recorded}, replayed {replayed}"
    )


def _load(snapshot: Snapshot, machine: Machine[C, E], genesis: bytes) -> None:
    head = snapshot.head
    if head.genesis != genesis:
        raise JournalError(
            f"{snapshot.name}: taken with configuration {head.genesis.hex()}, not {genesis.hex()}"
        )
    machine.load(snapshot.dump)
    if machine.state_hash() != head.state_hash:
        raise ReplayMismatch(f"{snapshot.name}: loading it gives another state at seq {head.position.seq}")


def _newest_valid(storage: Storage, seq_max: int = SEQ_MAX) -> Snapshot | None:
    """Return the newest snapshot up to `seq_max` that is whole; others cost time, not data."""
    for name in snapshots(storage):
        try:
            snapshot = read_snapshot(storage, name)
        except CorruptJournal:
            continue
        if snapshot is not None and snapshot.head.position.seq <= seq_max:
            return snapshot
    return None


def _all_valid(storage: Storage) -> list[Snapshot]:
    read = (read_snapshot(storage, name) for name in snapshots(storage))
    return [snapshot for snapshot in read if snapshot is not None]
