"""One segment: the walk over its groups, each believed only when its COMMIT agrees with every byte before it.

    segment = HEADER, group*, SEAL?, zero bytes up to the capacity while it is open
    group   = (COMMAND | BATCH | HASH)*, COMMIT

The walk stops at the first byte that is no whole group and says why; whether that is the end, a torn tail
or damage is the reader's decision, because it depends on what follows.
"""

from collections.abc import Iterator
from hashlib import sha256
from zlib import crc32

import msgspec

from floorbook.errors import CorruptJournal
from floorbook.journal.codec import (
    BATCH,
    CHECK,
    COMMAND,
    COMMIT,
    COMMIT_BYTES,
    FRAME_BYTES,
    HASH,
    HASH_BYTES,
    HEADER_BYTES,
    RECORD_BYTES_MAX,
    SEAL,
    SEAL_BYTES,
    SEQ_MAX,
    STAMP_BYTES,
    STAMPED_BYTES,
    STAMPED_FRAME,
    Commit,
    Seal,
    corrupt,
    decode_commit,
    decode_hash,
    decode_seal,
    first_head,
)
from floorbook.journal.machine import ROW_BYTES

# kind, seq (of a batch: its first), at [ns] (of a hash: 0), body, offset in the segment
Record = tuple[int, int, int, bytes, int]

_BLOCK = 2**20
_ZEROS = bytes(_BLOCK)


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a group: all that is needed to read or write on from there."""

    segment: int
    offset: int  # [bytes] behind the group's COMMIT
    groups: int  # of the whole journal up to here, as the next three
    records: int
    seq: int
    at: int  # [ns] time of the last command
    head: bytes


START = Position(segment=-1, offset=0, groups=0, records=0, seq=0, at=0, head=bytes(HASH_BYTES))


class Group(msgspec.Struct, frozen=True):
    """Records that became durable together."""

    name: str  # of the segment
    offset: int
    records: list[Record]
    commit: Commit
    end: Position


class _Damage(Exception):
    """Bytes that are no record: not written to the end, or changed since."""

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(what)
        self.offset = offset
        self.what = what


class Segment:
    """The walk over one segment, from a position inside it to the last whole group.

    Afterwards `position` is the end of that group, `seal` the seal behind it, `dirty_end` the end of the
    bytes that are not zero, and `damage` what stopped the walk, if not the end.
    """

    def __init__(self, name: str, data: bytes, start: Position) -> None:
        self.name = name
        self.position = start
        self.seal: Seal | None = None
        self.damage: CorruptJournal | None = None
        self.damage_offset = 0
        self.data_end = start.offset
        self.dirty_end = start.offset
        self.hasher = sha256(data[: start.offset])
        self._data = data
        self._view = memoryview(data)
        self.tag = first_head(data[:HEADER_BYTES])[:8]

    def groups(self) -> Iterator[Group]:
        """Yield the whole groups; raise `CorruptJournal` where valid records contradict each other."""
        try:
            while (group := self._group()) is not None:
                self.position = group.end
                yield group
        except _Damage as damage:
            self.damage_offset = damage.offset
            self.damage = corrupt(self.name, damage.offset, self.position.seq + 1, damage.what)
        self.data_end = self.position.offset + (SEAL_BYTES if self.seal else 0)
        self.dirty_end = _dirty_end(self._data, self.data_end)
        if self.damage is None and self.dirty_end > self.data_end:
            self._damaged_at(self.data_end, "bytes behind the last record")

    def later_commit(self) -> int | None:
        """Return the offset of a commit that cannot belong to the group torn at the end, or None.

        The torn group's own commit may have reached the disk before its records; one with a higher number
        cannot, for the writer starts a group only when the one before is durable.
        """
        offset = self._data.find(self.tag, self.position.offset)
        while offset >= 0:
            commit = self.commit_at(offset - FRAME_BYTES)
            if commit is not None and commit.group > self.position.groups + 1:
                return offset - FRAME_BYTES
            offset = self._data.find(self.tag, offset + 1)
        return None

    def commit_at(self, offset: int) -> Commit | None:
        """Return the commit at an offset, None when no whole one stands there."""
        stop = offset + COMMIT_BYTES
        if offset < HEADER_BYTES or stop > len(self._data):
            return None
        if self._data[offset + FRAME_BYTES - 1] != COMMIT or not self._whole(offset, stop):
            return None
        return decode_commit(self._data[offset + FRAME_BYTES : stop])

    def _group(self) -> Group | None:
        """Return the next group; None at the seal or at the zero bytes behind the last group.

        A commit's SHA-256 covers every byte of its group, checksums included, so the checksums of the
        records are looked at only when it does not agree: to name the record.
        """
        if not any(self._view[self.position.offset : self.position.offset + FRAME_BYTES]):
            return None
        try:
            return self._walk(checked=False)
        except (_Damage, CorruptJournal):
            return self._walk(checked=True)

    def _walk(self, *, checked: bool) -> Group | None:
        begin = offset = self.position.offset
        seq, at = self.position.seq, self.position.at
        data, end = self._data, len(self._data)
        unpack = STAMPED_FRAME.unpack_from
        records: list[Record] = []
        append = records.append
        while True:
            # Written out here, once for all kinds: this loop is the speed of a replay.
            if offset + STAMPED_BYTES > end:
                raise _Damage(offset, "the segment ends inside a record")
            length, _, kind, number, time = unpack(data, offset)
            stop = offset + FRAME_BYTES + length
            if length > RECORD_BYTES_MAX or length < STAMP_BYTES or stop > end:
                raise _Damage(offset, f"no record has {length} bytes here")
            if checked and not self._whole(offset, stop):
                raise _Damage(offset, "the checksum differs")
            if kind == COMMAND:
                if number != seq + 1 or time < at:
                    raise self._contradiction(offset, seq, f"seq {number} at {time} follows {seq} at {at}")
                seq, at = number, time
                append((COMMAND, number, time, data[offset + STAMPED_BYTES : stop], offset))
            elif kind == COMMIT and stop - offset == COMMIT_BYTES:
                return self._close(begin, offset, records, seq, at)
            elif kind == SEAL and not records and stop - offset == SEAL_BYTES:
                self.seal = self._checked_seal(offset)
                return None
            else:
                record = self._rare(kind, offset, stop, seq, at)
                append(record)
                if kind == BATCH:
                    seq, at = seq + len(record[3]) // ROW_BYTES, record[2]
            offset = stop

    def _rare(self, kind: int, offset: int, stop: int, seq: int, at: int) -> Record:
        """Return a batch or a state hash."""
        body = self._data[offset + FRAME_BYTES : stop]
        if kind == HASH and len(body) == 8 + HASH_BYTES:
            number, state_hash = decode_hash(body)
            if number != seq:
                raise self._contradiction(offset, seq, f"a state hash of seq {number} follows seq {seq}")
            return (HASH, number, 0, state_hash, offset)
        rows, odd = divmod(len(body) - STAMP_BYTES, ROW_BYTES)
        if kind == BATCH and rows > 0 and odd == 0:
            _, _, _, number, time = STAMPED_FRAME.unpack_from(self._data, offset)
            if number != seq + 1 or time < at:
                raise self._contradiction(offset, seq, f"seq {number} at {time} follows {seq} at {at}")
            return (BATCH, number, time, body[STAMP_BYTES:], offset)
        raise self._contradiction(offset, seq, f"no record of kind {kind} has {len(body)} bytes here")

    def _close(self, begin: int, offset: int, records: list[Record], seq: int, at: int) -> Group:
        """Return the group, once its commit agrees with what was read."""
        stop = offset + COMMIT_BYTES
        hasher = self.hasher.copy()
        hasher.update(self._view[begin:offset])
        commit = self.commit_at(offset)
        expected = Commit(
            tag=self.tag,
            group=self.position.groups + 1,
            records=len(records),
            seq=seq,
            head=hasher.digest(),
        )
        if commit != expected or seq > SEQ_MAX:
            raise self._contradiction(
                offset, seq, f"the commit of the group from offset {begin} differs: the chain is broken"
            )
        hasher.update(self._view[offset:stop])
        self.hasher = hasher
        end = Position(
            segment=self.position.segment,
            offset=stop,
            groups=expected.group,
            records=self.position.records + len(records),
            seq=seq,
            at=at,
            head=expected.head,
        )
        return Group(self.name, begin, records, expected, end)

    def _checked_seal(self, offset: int) -> Seal:
        if not self._whole(offset, offset + SEAL_BYTES):
            raise _Damage(offset, "the checksum differs")
        seal = decode_seal(self._data[offset + FRAME_BYTES : offset + SEAL_BYTES])
        here = self.position
        told = (seal.records, seal.groups, seal.seq, seal.at, seal.head)
        if told != (here.records, here.groups, here.seq, here.at, here.head):
            raise self._contradiction(offset, here.seq, "the seal closes another journal")
        return seal

    def _whole(self, offset: int, stop: int) -> bool:
        """Return whether the record from offset to stop has the right length and checksum."""
        length, crc = CHECK.unpack_from(self._data, offset)
        body = self._view[offset + FRAME_BYTES - 1 : stop]
        return bool(length == len(body) - 1 and crc32(body, length) == crc)

    def _damaged_at(self, offset: int, what: str) -> None:
        self.damage_offset = offset
        self.damage = corrupt(self.name, offset, self.position.seq + 1, what)

    def _contradiction(self, offset: int, seq: int, what: str) -> CorruptJournal:
        """Checksums agree, contents do not: no crash writes that, so it is never a torn tail."""
        return corrupt(self.name, offset, seq + 1, what)


def _dirty_end(data: bytes, begin: int) -> int:
    """Return the end of the last block from `begin` on that is not all zero; `begin` if there is none."""
    for offset in range(begin + (len(data) - begin) // _BLOCK * _BLOCK, begin - 1, -_BLOCK):
        block = data[offset : offset + _BLOCK]
        if block != _ZEROS[: len(block)]:
            return offset + len(block.rstrip(b"\0"))
    return begin
