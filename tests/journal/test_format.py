"""The bytes on the disk, read by a second implementation written from docs/spec/journal.md alone."""

import struct
from hashlib import sha256
from zlib import crc32

from tests.journal.bank import Bank, BankCodec, command_of, rows_of, time_of
from tests.journal.faulty_disk import FaultyDisk
from tests.journal.ledgers import filled_disk, open_on, submit, verified


def parse(data: bytes) -> list[tuple[int, int, bytes]]:
    """Return (offset, kind, payload) of every record of a closed segment."""
    records, offset = [], 0
    while offset < len(data):
        length, crc = struct.unpack_from("<II", data, offset)
        kind, payload = data[offset + 8], data[offset + 9 : offset + 9 + length]
        assert crc == crc32(bytes([kind]) + payload, length)
        records.append((offset, kind, payload))
        offset += 9 + length
    assert offset == len(data)
    return records


def segments_of(disk: FaultyDisk) -> list[bytes]:
    return [data for name, data in disk.contents().items() if name.endswith(".journal")]


def test_the_smallest_journal_byte_by_byte() -> None:
    disk, bank = FaultyDisk(), Bank()
    sequencer = open_on(disk, bank)
    sequencer.submit(command_of(1), time_of(1))
    sequencer.commit()
    sequencer.close()

    header = struct.pack("<8sIIQQ32s32s", b"FLOORBK\n", 1, 0, 1, 900, bytes(32), bytes(32))
    command = struct.pack("<Qq", 1, time_of(1)) + BankCodec().encode(command_of(1))
    opening = record(1, header)
    before = opening + record(2, command)
    head = sha256(before).digest()
    commit = struct.pack("<8sQIQ32s", sha256(opening).digest()[:8], 1, 1, 1, head)
    seal = struct.pack("<QQQq32s32s", 1, 1, 1, time_of(1), head, bank.state_hash())
    assert disk.contents()["segment-00000000.journal"] == before + record(5, commit) + record(6, seal)


def record(kind: int, payload: bytes) -> bytes:
    body = bytes([kind]) + payload
    return struct.pack("<II", len(payload), crc32(body, len(payload))) + body


def test_the_chain_of_several_segments_as_the_spec_says() -> None:
    disk = filled_disk(close=True)
    segments = segments_of(disk)
    assert len(segments) > 2
    head, group, seq = bytes(32), 0, 0
    for number, data in enumerate(segments):
        records = parse(data)
        magic, version, found, first, capacity, previous, _ = struct.unpack("<8sIIQQ32s32s", records[0][2])
        assert (magic, version, found, first, previous) == (b"FLOORBK\n", 1, number, seq + 1, head)
        assert len(data) < capacity
        opening = sha256(data[: records[1][0]]).digest()
        for offset, kind, payload in records[1:]:
            if kind == 2:
                (seq,) = struct.unpack_from("<Q", payload)
            elif kind == 3:
                (begin,) = struct.unpack_from("<Q", payload)
                seq = begin + (len(payload) - 16) // 48 - 1
            elif kind == 5:
                tag, group_found, _, last, head = struct.unpack("<8sQIQ32s", payload)
                group += 1
                assert (tag, group_found, last) == (opening[:8], group, seq)
                assert head == sha256(data[:offset]).digest()
        assert [kind for _, kind, _ in records].count(1) == 1
    kinds = {kind for data in segments for _, kind, _ in parse(data)}
    assert kinds == {1, 2, 3, 4, 5, 6}
    assert parse(segments[-1])[-1][1] == 6


def test_equal_runs_write_equal_bytes() -> None:
    assert filled_disk(close=True).contents() == filled_disk(close=True).contents()


def test_an_open_segment_has_its_full_capacity_and_a_finished_one_no_padding() -> None:
    disk = filled_disk(close=False)
    segments = segments_of(disk)
    assert len(segments[-1]) == 900
    for data in segments[:-1]:
        parse(data)


def test_a_group_larger_than_a_segment_gets_one_of_its_size() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk)
    submit(sequencer, 2)
    sequencer.submit_batch(rows_of(100), time_of(3))
    sequencer.commit()
    sequencer.close()
    assert [len(data) > 4_800 for data in segments_of(disk)] == [False, True]
    assert verified(disk).commands == 102
