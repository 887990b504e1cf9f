"""`journal cat`: every record once, in order, as JSON can hold it."""

import json
from hashlib import sha256

import pytest

from floorbook.core.commands import decode
from floorbook.errors import CorruptJournal
from floorbook.journal import cat
from tests.journal.bank import ROW, BankCodec, Deposit, Rename, command_of, rows_of, time_of
from tests.journal.faulty_disk import FaultyDisk
from tests.journal.ledgers import filled_disk, open_on, submit


def test_every_record_is_printed_in_order() -> None:
    lines = list(cat(filled_disk(close=True), BankCodec().decode))
    assert json.loads(json.dumps(lines)) == lines
    assert [line["seq"] for line in lines if line["kind"] == "command"] == [*range(1, 24), 27, 28, 29]
    assert lines[0]["kind"] == "header"
    assert lines[-1]["kind"] == "seal"
    assert {line["kind"] for line in lines} == {"header", "command", "batch", "hash", "commit", "seal"}
    first = next(line for line in lines if line["kind"] == "command")
    command = command_of(1)
    assert isinstance(command, Deposit)
    assert first["command"] == ["Deposit", command.account, command.amount]
    assert (first["segment"], first["at"]) == ("segment-00000000.journal", time_of(1))


def test_without_a_decoder_commands_are_still_readable() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk)
    sequencer.submit(Rename("floor"))
    sequencer.commit()
    assert [line["command"] for line in cat(disk) if line["kind"] == "command"] == [["Rename", "floor"]]


def test_a_batch_is_summed_up_or_written_out() -> None:
    disk = filled_disk(close=True)
    rows = rows_of(3)
    (batch,) = [line for line in cat(disk) if line["kind"] == "batch"]
    assert (batch["seq"], batch["count"], batch["sha256"]) == (24, 3, sha256(rows).hexdigest())
    assert "rows" not in batch
    (batch,) = [line for line in cat(disk, rows=True, decode_row=ROW.unpack) if line["kind"] == "batch"]
    assert batch["rows"] == list(ROW.iter_unpack(rows))


def test_an_empty_journal_and_a_torn_one() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk)
    assert [line["kind"] for line in cat(disk)] == ["header"]
    submit(sequencer, 1)
    used = len(disk.contents()["segment-00000000.journal"].rstrip(b"\0"))
    disk.write("segment-00000000.journal", used, b"torn")
    torn = list(cat(disk))[-1]
    assert (torn["kind"], torn["bytes"], torn["offset"]) == ("torn", 4, used)


def test_damage_raises_after_everything_before_it() -> None:
    disk = filled_disk(close=True)
    last = max(disk.names())
    before = sum(line["segment"] != last for line in cat(disk))
    disk.write(last, 110, b"\xff\xff")
    lines: list[object] = []
    with pytest.raises(CorruptJournal):
        lines.extend(cat(disk))
    assert len(lines) == before


def test_a_command_of_another_program_is_named() -> None:
    with pytest.raises(CorruptJournal, match=r"segment-00000000.journal: offset .*, seq 1: no command"):
        list(cat(filled_disk(close=True), decode))
