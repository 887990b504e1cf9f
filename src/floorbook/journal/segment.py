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
    COMMAND,
    COMMIT,
    COMMIT_BYTES,
    FRAME,
    FRAME_BYTES,
    HASH,
    HASH_BYTES,
    HEADER_BYTES,
    RECORD_BYTES_MAX,
    SEAL,
    SEAL_BYTES,
    SEQ_MAX,
    STAMP,
    STAMP_BYTES,
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
Record = tuple[int, int, int, memoryview, int]

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
            commit = self._commit_at(offset - FRAME_BYTES)
            if commit is not None and commit.group > self.position.groups + 1:
                return offset - FRAME_BYTES
            offset = self._data.find(self.tag, offset + 1)
        return None

    def _group(self) -> Group | None:
        """Return the next group; None at the seal or at the zero bytes behind the last group."""
        begin = offset = self.position.offset
        seq, at = self.position.seq, self.position.at
        data, view, end = self._data, self._view, len(self._data)
        if not any(view[offset : offset + FRAME_BYTES]):
            return None
        records: list[Record] = []
        append = records.append
        while True:
            # Written out here, once for all kinds: this loop is the speed of a replay.
            body = offset + FRAME_BYTES
            if body > end:
                raise _Damage(offset, "the segment ends inside a record")
            length, crc, kind = FRAME.unpack_from(data, offset)
            stop = body + length
            if length > RECORD_BYTES_MAX or stop > end:
                raise _Damage(offset, f"a record of {length} bytes does not fit")
            if crc32(view[body - 1 : stop], length) != crc:
                raise _Damage(offset, "the checksum differs")
            if kind == COMMAND and length >= STAMP_BYTES:
                number, time = STAMP.unpack_from(data, body)
                if number != seq + 1 or time < at:
                    raise self._contradiction(offset, seq, f"seq {number} at {time} follows {seq} at {at}")
                seq, at = number, time
                append((COMMAND, number, time, view[body + STAMP_BYTES : stop], offset))
            elif kind == COMMIT and stop - offset == COMMIT_BYTES:
                return self._close(begin, offset, records, seq, at)
            elif kind == SEAL and not records and stop - offset == SEAL_BYTES:
                self.seal = self._checked_seal(offset)
                return None
            else:
                seq, at = self._rare(kind, offset, stop, seq, at, records)
            offset = stop

    def _rare(
        self, kind: int, offset: int, stop: int, seq: int, at: int, records: list[Record]
    ) -> tuple[int, int]:
        """Add a batch or a hash; return the seq and time after it."""
        body = self._view[offset + FRAME_BYTES : stop]
        if kind == HASH and len(body) == 8 + HASH_BYTES:
            number, _ = decode_hash(body)
            if number != seq:
                raise self._contradiction(offset, seq, f"a state hash of seq {number} follows seq {seq}")
            records.append((HASH, number, 0, body[8:], offset))
            return seq, at
        rows, odd = divmod(len(body) - STAMP_BYTES, ROW_BYTES)
        if kind == BATCH and rows > 0 and odd == 0:
            number, time = STAMP.unpack_from(body)
            if number != seq + 1 or time < at:
                raise self._contradiction(offset, seq, f"seq {number} at {time} follows {seq} at {at}")
            records.append((BATCH, number, time, body[STAMP_BYTES:], offset))
            return seq + rows, time
        raise self._contradiction(offset, seq, f"no record of kind {kind} has {len(body)} bytes here")

    def _close(self, begin: int, offset: int, records: list[Record], seq: int, at: int) -> Group:
        """Return the group, once its commit agrees with what was read."""
        self.hasher.update(self._view[begin:offset])
        stop = offset + COMMIT_BYTES
        commit = decode_commit(self._view[offset + FRAME_BYTES : stop])
        expected = Commit(
            tag=self.tag,
            group=self.position.groups + 1,
            records=len(records),
            seq=seq,
            head=self.hasher.digest(),
        )
        if commit != expected or seq > SEQ_MAX:
            raise self._contradiction(
                offset, seq, f"the commit of the group from offset {begin} differs: the chain is broken"
            )
        self.hasher.update(self._view[offset:stop])
        end = Position(
            segment=self.position.segment,
            offset=stop,
            groups=commit.group,
            records=self.position.records + len(records),
            seq=seq,
            at=at,
            head=commit.head,
        )
        return Group(self.name, begin, records, commit, end)

    def _checked_seal(self, offset: int) -> Seal:
        seal = decode_seal(self._view[offset + FRAME_BYTES : offset + SEAL_BYTES])
        here = self.position
        told = (seal.records, seal.groups, seal.seq, seal.at, seal.head)
        if told != (here.records, here.groups, here.seq, here.at, here.head):
            raise self._contradiction(offset, here.seq, "the seal closes another journal")
        return seal

    def _commit_at(self, offset: int) -> Commit | None:
        stop = offset + COMMIT_BYTES
        if offset < self.position.offset or stop > len(self._data):
            return None
        length, crc, kind = FRAME.unpack_from(self._data, offset)
        body = self._view[offset + FRAME_BYTES : stop]
        if kind != COMMIT or length != len(body):
            return None
        if crc32(self._view[offset + FRAME_BYTES - 1 : stop], length) != crc:
            return None
        return decode_commit(body)

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
