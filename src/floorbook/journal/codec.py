"""Records of the journal and their bytes, little-endian.  Spec: docs/spec/journal.md

record = length u32 | crc u32 | kind u8 | payload [length bytes]
crc    = zlib.crc32(kind | payload, length): the length is its starting value
head   = SHA-256 of a segment's bytes before its last COMMIT; of its HEADER while there is none
"""

from hashlib import sha256
from struct import Struct
from typing import Final
from zlib import crc32

import msgspec

from floorbook.errors import CorruptJournal, NewerJournal

SCHEMA_VERSION: Final = 1
MAGIC: Final = b"FLOORBK\n"
HASH_BYTES: Final = 32
NO_HASH: Final = bytes(HASH_BYTES)

HEADER: Final = 1  # opens a segment
COMMAND: Final = 2  # seq, at, msgpack
BATCH: Final = 3  # seq, at, rows of 48 bytes
HASH: Final = 4  # the state's hash after seq
COMMIT: Final = 5  # closes a group: what stands before it became durable together
SEAL: Final = 6  # closes a journal
KIND_NAMES: Final = ("", "header", "command", "batch", "hash", "commit", "seal")

FRAME: Final = Struct("<IIB")  # length, crc, kind
CHECK: Final = Struct("<II")  # length, crc: a frame without its kind
STAMPED: Final = Struct("<BQq")  # kind, seq, at
STAMPED_FRAME: Final = Struct("<IIBQq")  # length, crc, kind, seq, at: no payload is shorter than a stamp
_HEADER: Final = Struct("<8sIIQQ32s32s")
_HASH: Final = Struct("<Q32s")
_COMMIT: Final = Struct("<8sQIQ32s")
_SEAL: Final = Struct("<QQQq32s32s")

FRAME_BYTES: Final = FRAME.size
STAMP_BYTES: Final = 16  # seq and at
STAMPED_BYTES: Final = STAMPED_FRAME.size
HEADER_BYTES: Final = FRAME_BYTES + _HEADER.size
COMMIT_BYTES: Final = FRAME_BYTES + _COMMIT.size
SEAL_BYTES: Final = FRAME_BYTES + _SEAL.size
RECORD_BYTES_MAX: Final = 2**24  # [bytes] payload of one record
SEGMENT_BYTES_MAX: Final = 2**30  # [bytes] a reader holds one segment in memory
SEQ_MAX: Final = 2**63 - 1


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """First record of a segment."""

    number: int  # of the segment, from 0
    seq_first: int  # sequence number of its first command
    capacity: int  # [bytes] of the preallocated file; shorter means it was closed cleanly
    previous: bytes  # head of the segment before; zeros in the first
    genesis: bytes  # digest of the configuration the machine started from


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """Last record of a group."""

    tag: bytes  # first 8 bytes of SHA-256 of the segment's HEADER: commits of this segment only
    group: int  # counted from 1 through all segments
    records: int  # in this group, without the commit
    seq: int  # of the last command so far
    head: bytes


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """Last record of a cleanly closed journal."""

    records: int  # COMMAND, BATCH and HASH of the whole journal
    groups: int
    seq: int
    at: int  # [ns]
    head: bytes
    state_hash: bytes


def frame(kind: int, payload: bytes) -> bytes:
    """Return the record of a payload."""
    body = bytes((kind,)) + payload
    return FRAME.pack(len(payload), crc32(body, len(payload)), kind) + payload


def encode_header(header: Header) -> bytes:
    """Return the record that opens a segment."""
    fields = (header.number, header.seq_first, header.capacity, header.previous, header.genesis)
    return frame(HEADER, _HEADER.pack(MAGIC, SCHEMA_VERSION, *fields))


def encode_hash(seq: int, state_hash: bytes) -> bytes:
    """Return the record of the state's hash after `seq`."""
    return frame(HASH, _HASH.pack(seq, state_hash))


def encode_commit(commit: Commit) -> bytes:
    """Return the record that closes a group; it has COMMIT_BYTES bytes."""
    return frame(COMMIT, _COMMIT.pack(commit.tag, commit.group, commit.records, commit.seq, commit.head))


def encode_seal(seal: Seal) -> bytes:
    """Return the record that closes a journal; it has SEAL_BYTES bytes."""
    fields = (seal.records, seal.groups, seal.seq, seal.at, seal.head, seal.state_hash)
    return frame(SEAL, _SEAL.pack(*fields))


def decode_header(name: str, data: bytes, seq: int | None) -> Header:
    """Return the header a segment starts with; raise `CorruptJournal` or `NewerJournal`.

    Magic and version stand first in every schema, so that an older program can say what it met.
    """
    if len(data) < HEADER_BYTES:
        raise corrupt(name, 0, seq, "the segment is shorter than its header")
    length, crc, kind = FRAME.unpack_from(data)
    end = FRAME_BYTES + length
    if kind != HEADER or length > RECORD_BYTES_MAX or end > len(data):
        raise corrupt(name, 0, seq, "the segment does not start with a header")
    if crc32(data[FRAME_BYTES - 1 : end], length) != crc or data[FRAME_BYTES : FRAME_BYTES + 8] != MAGIC:
        raise corrupt(name, 0, seq, "the header is damaged")
    version = int.from_bytes(data[FRAME_BYTES + 8 : FRAME_BYTES + 12], "little")
    if version > SCHEMA_VERSION:
        raise NewerJournal(
            f"{name}: the journal has schema {version}, this program reads up to {SCHEMA_VERSION}: upgrade it"
        )
    if version != SCHEMA_VERSION or end != HEADER_BYTES:
        raise corrupt(name, 0, seq, f"no header of schema {version} looks like this")
    _, _, number, seq_first, capacity, previous, genesis = _HEADER.unpack_from(data, FRAME_BYTES)
    return Header(number=number, seq_first=seq_first, capacity=capacity, previous=previous, genesis=genesis)


def decode_hash(payload: bytes) -> tuple[int, bytes]:
    """Return seq and state hash of a payload of 40 bytes."""
    seq, state_hash = _HASH.unpack(payload)
    return seq, state_hash


def decode_commit(payload: bytes) -> Commit:
    """Return the commit of a payload of the right length."""
    tag, group, records, seq, head = _COMMIT.unpack(payload)
    return Commit(tag=tag, group=group, records=records, seq=seq, head=head)


def decode_seal(payload: bytes) -> Seal:
    """Return the seal of a payload of the right length."""
    records, groups, seq, at, head, state_hash = _SEAL.unpack(payload)
    return Seal(records=records, groups=groups, seq=seq, at=at, head=head, state_hash=state_hash)


def first_head(header: bytes) -> bytes:
    """Return the head of a segment that holds only its header; its first 8 bytes tag the commits."""
    return sha256(header).digest()


def corrupt(name: str, offset: int, seq: int | None, what: str) -> CorruptJournal:
    """Return the error that names segment, offset and the sequence number expected there."""
    return CorruptJournal(f"{name}: offset {offset}, seq {'unknown' if seq is None else seq}: {what}")
