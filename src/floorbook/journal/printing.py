"""The journal as dictionaries, one a record, for people and for JSON."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from floorbook.journal.codec import BATCH, COMMAND, KIND_NAMES, Header, corrupt
from floorbook.journal.machine import ROW_BYTES
from floorbook.journal.reader import Reader
from floorbook.journal.segment import Group, Record
from floorbook.journal.storage import Storage, storage_of

Decode = Callable[[bytes], object]
DecodeRow = Callable[[bytes], object]


def cat(
    place: Path | str | Storage,
    decode: Decode = msgspec.msgpack.decode,
    *,
    rows: bool = False,
    decode_row: DecodeRow = bytes.hex,
) -> Iterator[dict[str, object]]:
    """Yield every record as plain dictionaries and lists; with `rows` batches are written out.

    Damage raises as in `replay`, after everything before it was yielded.
    """
    reader = Reader(storage_of(place))
    told = 0
    for group in reader.groups():
        yield from (_header(*header) for header in reader.headers[told:])
        told = len(reader.headers)
        yield from _group(group, decode, decode_row if rows else None)
    yield from (_header(*header) for header in reader.headers[told:])
    yield from _end(reader)


def _header(name: str, header: Header) -> dict[str, object]:
    return {
        "kind": "header",
        "segment": name,
        "offset": 0,
        "number": header.number,
        "seq_first": header.seq_first,
        "capacity": header.capacity,
        "previous": header.previous.hex(),
        "genesis": header.genesis.hex(),
    }


def _group(group: Group, decode: Decode, decode_row: DecodeRow | None) -> Iterator[dict[str, object]]:
    for record in group.records:
        yield _record(group.name, record, decode, decode_row)
    yield {
        "kind": "commit",
        "segment": group.name,
        "group": group.commit.group,
        "records": group.commit.records,
        "seq": group.commit.seq,
        "head": group.commit.head.hex(),
    }


def _record(name: str, record: Record, decode: Decode, decode_row: DecodeRow | None) -> dict[str, object]:
    kind, seq, at, body, offset = record
    line: dict[str, object] = {"kind": KIND_NAMES[kind], "segment": name, "offset": offset, "seq": seq}
    if kind == COMMAND:
        try:
            command = msgspec.to_builtins(decode(body))
        except msgspec.DecodeError as fault:
            raise corrupt(name, offset, seq, f"no command this program knows: {fault}") from fault
        return line | {"at": at, "command": command}
    if kind != BATCH:
        return line | {"state_hash": body.hex()}
    line |= {"at": at, "count": len(body) // ROW_BYTES, "sha256": sha256(body).hexdigest()}
    if decode_row is not None:
        spans = range(0, len(body), ROW_BYTES)
        line["rows"] = [msgspec.to_builtins(decode_row(body[i : i + ROW_BYTES])) for i in spans]
    return line


def _end(reader: Reader) -> Iterator[dict[str, object]]:
    if reader.torn_bytes:
        yield {
            "kind": "torn",
            "segment": reader.names[-1],
            "offset": reader.position.offset,
            "bytes": reader.torn_bytes,
        }
    if reader.seal is not None:
        yield {
            "kind": "seal",
            "segment": reader.names[-1],
            "offset": reader.position.offset,
            "records": reader.seal.records,
            "groups": reader.seal.groups,
            "seq": reader.seal.seq,
            "at": reader.seal.at,
            "head": reader.seal.head.hex(),
            "state_hash": reader.seal.state_hash.hex(),
        }
