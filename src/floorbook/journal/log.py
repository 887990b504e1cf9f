"""The writer: records gather in memory, `commit` makes the group durable with one write and one fdatasync.

Nothing of a group may be acknowledged before `commit` returns.  After any fault of the disk the journal is
stopped: what the disk then holds of the group is unknown, and only a new reader can tell.
"""

from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from floorbook.errors import JournalError
from floorbook.journal.codec import (
    BATCH,
    CHECK,
    COMMAND,
    COMMIT_BYTES,
    HASH_BYTES,
    HEADER_BYTES,
    RECORD_BYTES_MAX,
    SEAL_BYTES,
    SEGMENT_BYTES_MAX,
    STAMP_BYTES,
    STAMPED,
    Commit,
    Header,
    Seal,
    encode_commit,
    encode_hash,
    encode_header,
    encode_seal,
    first_head,
)
from floorbook.journal.machine import ROW_BYTES
from floorbook.journal.reader import Reader, segment_name
from floorbook.journal.segment import START, Position
from floorbook.journal.storage import Storage, disk_faults, remove_leftovers, replace_durably

SEGMENT_BYTES = 64 * 2**20
# The smallest segment anything fits into; a larger group gets a segment of its own size.
SEGMENT_BYTES_MIN = HEADER_BYTES + COMMIT_BYTES + SEAL_BYTES
GROUP_BYTES_MAX = 2**29  # [bytes] assertion in `commit`: a segment must be able to hold a group
COMMAND_BYTES_MAX = RECORD_BYTES_MAX - STAMP_BYTES
ROWS_MAX = COMMAND_BYTES_MAX // ROW_BYTES
_ZEROS = bytes(2**20)
_check = CHECK.pack
_stamped = STAMPED.pack

assert SEGMENT_BYTES_MIN + GROUP_BYTES_MAX <= SEGMENT_BYTES_MAX


class Group(NamedTuple):
    """Records that become durable together; `seq` and `at` are the last command's."""

    buffer: bytearray
    records: int
    seq: int
    at: int


class Journal:
    """An open journal; the storage is locked by whoever made it."""

    def __init__(
        self, storage: Storage, reader: Reader | None, genesis: bytes, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        """Continue behind an exhausted reader, or begin a new journal when it is None."""
        assert len(genesis) == HASH_BYTES
        assert SEGMENT_BYTES_MIN <= segment_bytes <= SEGMENT_BYTES_MAX
        self._storage = storage
        self._genesis = genesis
        self._segment_bytes = segment_bytes
        self._buffer = bytearray()
        self._records = 0  # in the buffer
        self._running = False
        self._position = START
        with disk_faults(f"opening {storage}"):
            remove_leftovers(storage)
            if reader is None:
                self._begin_segment(0, 1, 0, bytes(HASH_BYTES))
            else:
                self._continue(reader)
        self._running = True

    @property
    def position(self) -> Position:
        """The end of the last durable group."""
        return self._position

    def append_command(self, seq: int, at: int, data: bytes) -> int:
        """Add one command of at most COMMAND_BYTES_MAX bytes to the group; return the group's bytes."""
        body = _stamped(COMMAND, seq, at) + data
        length = len(body) - 1
        self._buffer += _check(length, crc32(body, length)) + body
        self._records += 1
        return len(self._buffer)

    def append_batch(self, seq: int, at: int, rows: bytes) -> int:
        """Add a batch of 1 to ROWS_MAX rows of 48 bytes to the group; return the group's bytes."""
        body = _stamped(BATCH, seq, at) + rows
        length = len(body) - 1
        self._buffer += _check(length, crc32(body, length)) + body
        self._records += 1
        return len(self._buffer)

    def append_hash(self, seq: int, state_hash: bytes) -> None:
        """Add the state's hash after command `seq` to the group."""
        self._buffer += encode_hash(seq, state_hash)
        self._records += 1

    def commit(self, seq: int, at: int) -> None:
        """Make the group durable; `seq` and `at` are its last command's.

        Raises `JournalFull` or `JournalError`; then nothing of the group may be acknowledged.
        """
        self.write(self.detach(seq, at))

    def detach(self, seq: int, at: int) -> Group:
        """Close the group and begin the next one; the caller owes it to `write` before the next `detach`."""
        self._check_running()
        group = Group(self._buffer, self._records, seq, at)
        self._buffer, self._records = bytearray(), 0
        return group

    def write(self, group: Group) -> None:
        """Make a group durable, from any thread, while the next one gathers; raises as `commit` does."""
        self._check_running()
        if not group.buffer:
            return
        assert len(group.buffer) <= GROUP_BYTES_MAX
        self._running = False  # until the group is durable
        with disk_faults(f"writing {self._name}"):
            need = len(group.buffer) + COMMIT_BYTES + SEAL_BYTES
            if self._position.offset + need > self._capacity:
                self._roll(need)
            self._write_group(group)
        self._running = True

    def seal(self, state_hash: bytes) -> None:
        """Close the journal cleanly: seal, then cut off the preallocated rest."""
        self._check_running()
        assert not self._buffer
        here = self._position
        seal = Seal(
            records=here.records,
            groups=here.groups,
            seq=here.seq,
            at=here.at,
            head=here.head,
            state_hash=state_hash,
        )
        self._running = False
        with disk_faults(f"sealing {self._name}"):
            self._storage.write(self._name, here.offset, encode_seal(seal))
            self._storage.sync(self._name)
            # Only now: a segment that is short and has no seal is damage.
            self._storage.resize(self._name, here.offset + SEAL_BYTES)
            self._storage.sync(self._name)

    def _write_group(self, group: Group) -> None:
        buffer, before = group.buffer, self._position
        self._hasher.update(buffer)
        commit = Commit(
            tag=self._tag,
            group=before.groups + 1,
            records=group.records,
            seq=group.seq,
            head=self._hasher.digest(),
        )
        closing = encode_commit(commit)
        self._hasher.update(closing)
        buffer += closing
        self._storage.write(self._name, before.offset, buffer)
        self._storage.sync(self._name)
        self._position = Position(
            segment=before.segment,
            offset=before.offset + len(buffer),
            groups=commit.group,
            records=before.records + group.records,
            seq=group.seq,
            at=group.at,
            head=commit.head,
        )

    def _roll(self, need: int) -> None:
        """Go on in a new segment, and cut the old one only when the new one is durable."""
        old, end = self._name, self._position.offset
        here = self._position
        self._begin_segment(here.segment + 1, here.seq + 1, HEADER_BYTES + need, here.head)
        self._storage.resize(old, end)
        self._storage.sync(old)

    def _begin_segment(self, number: int, seq_first: int, bytes_min: int, previous: bytes) -> None:
        capacity = max(self._segment_bytes, bytes_min)
        header = encode_header(
            Header(
                number=number,
                seq_first=seq_first,
                capacity=capacity,
                previous=previous,
                genesis=self._genesis,
            )
        )
        replace_durably(self._storage, segment_name(number), header, capacity)
        here = self._position
        self._position = Position(
            segment=number,
            offset=HEADER_BYTES,
            groups=here.groups,
            records=here.records,
            seq=here.seq,
            at=here.at,
            head=first_head(header),
        )
        self._hasher = sha256(header)
        self._tag = self._position.head[:8]
        self._capacity = capacity
        self._name = segment_name(number)

    def _continue(self, reader: Reader) -> None:
        """Repair what a crash left and reopen the last segment for writing."""
        assert reader.segment is not None
        segment, self._position = reader.segment, reader.position
        self._hasher, self._tag = segment.hasher, segment.tag
        self._capacity, self._name = reader.headers[-1][1].capacity, segment.name
        for name, end in reader.padded:
            self._storage.resize(name, end)
            self._storage.sync(name)
        if self._storage.size(self._name) < self._capacity:
            # Before the seal goes, or a crash would leave a short segment without one.
            self._storage.resize(self._name, self._capacity)
            self._storage.sync(self._name)
        if segment.dirty_end > self._position.offset:
            self._clear(self._position.offset, segment.dirty_end)

    def _clear(self, begin: int, end: int) -> None:
        """Overwrite a seal or a torn group with zeros: nothing of it may meet the next group."""
        for offset in range(begin, end, len(_ZEROS)):
            self._storage.write(self._name, offset, _ZEROS[: min(len(_ZEROS), end - offset)])
        self._storage.sync(self._name)

    def _check_running(self) -> None:
        if not self._running:
            raise JournalError(f"{self._storage}: the journal is stopped")
