"""Snapshots: the whole state at the end of a group, so that recovery replays only what came after.

    file = magic 8 | version u32 | length of the head u32 | head, msgpack | dump | SHA-256 of all before

A snapshot is a shortcut, never the truth: a damaged one is passed over, and the journal is never cut.  One of
an earlier version holds a state without what was added since: it is passed over as well, and soon removed.
"""

from hashlib import sha256
from struct import Struct

import msgspec

from floorbook.errors import CorruptJournal
from floorbook.journal.codec import HASH_BYTES
from floorbook.journal.segment import Position
from floorbook.journal.storage import Storage, disk_faults, replace_durably

SNAPSHOT_SUFFIX = ".snapshot"
_MAGIC = b"FLOORSN\n"
_VERSION = 2  # rises with every change of what a state's dump holds
_OPENING = Struct("<8sII")


class SnapshotHead(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Where a snapshot was taken."""

    position: Position
    genesis: bytes
    state_hash: bytes


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot whose checksum is right."""

    name: str
    head: SnapshotHead
    dump: bytes


_encode_head = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(SnapshotHead).decode


def write_snapshot(storage: Storage, head: SnapshotHead, dump: bytes, kept: int) -> str:
    """Write a snapshot durably, remove all but the newest `kept`, return its name."""
    name = f"snapshot-{head.position.seq:019d}{SNAPSHOT_SUFFIX}"
    text = _encode_head(head)
    data = _OPENING.pack(_MAGIC, _VERSION, len(text)) + text + dump
    data += sha256(data).digest()
    with disk_faults(f"writing {name}"):
        replace_durably(storage, name, data, len(data))
        for old in snapshot_names(storage)[kept:]:
            storage.remove(old)
    return name


def snapshot_names(storage: Storage) -> list[str]:
    """Return the names of all snapshots, the newest first."""
    return sorted((name for name in storage.names() if name.endswith(SNAPSHOT_SUFFIX)), reverse=True)


def snapshots(storage: Storage) -> list[str]:
    """Return the names of all snapshots, the newest first; raise `JournalError` when the disk fails."""
    with disk_faults(f"listing {storage}"):
        return snapshot_names(storage)


def read_snapshot(storage: Storage, name: str) -> Snapshot | None:
    """Return a snapshot; None: it is of an earlier version, and of no use.

    Raises `CorruptJournal` when any byte of it differs from what was written.
    """
    with disk_faults(f"reading {name}"):
        data = storage.read(name, 0, storage.size(name))
    end = len(data) - HASH_BYTES
    if end < _OPENING.size or sha256(memoryview(data)[:end]).digest() != data[end:]:
        raise CorruptJournal(f"{name}: the checksum at offset {max(end, 0)} differs")
    magic, version, length = _OPENING.unpack_from(data)
    body = _OPENING.size + length
    if magic != _MAGIC or not 0 < version <= _VERSION or body > end:
        raise CorruptJournal(f"{name}: offset 0: no snapshot of version {_VERSION}")
    if version < _VERSION:
        return None
    try:
        head = _decode_head(data[_OPENING.size : body])
    except msgspec.DecodeError as fault:
        raise CorruptJournal(f"{name}: offset {_OPENING.size}: {fault}") from fault
    return Snapshot(name=name, head=head, dump=data[body:end])
