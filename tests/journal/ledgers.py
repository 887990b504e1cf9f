"""Small journals made to be damaged."""

from pathlib import Path

from floorbook.journal import Report, verify
from floorbook.sequencer import Options, Sequencer
from tests.journal.bank import Bank, BankCodec, Command, Event, command_of, rows_of, time_of
from tests.journal.faulty_disk import FaultyDisk

SMALL = Options(segment_bytes=900, hash_every=8, snapshot_every=0)


def open_on(
    disk: FaultyDisk | Path, bank: Bank | None = None, options: Options = SMALL
) -> Sequencer[Command, Event]:
    return Sequencer(disk, bank or Bank(), BankCodec(), options=options)


def submit(sequencer: Sequencer[Command, Event], count: int) -> None:
    """Submit the next commands of the script as one group."""
    for _ in range(count):
        seq = sequencer.seq + 1
        sequencer.submit(command_of(seq), time_of(seq))
    sequencer.commit()


def filled_disk(*, close: bool, snapshot: bool = False) -> FaultyDisk:
    """Return a disk with several segments, every kind of record, groups of one and of many."""
    disk = FaultyDisk()
    sequencer = open_on(disk)
    for count in (1, 5, 1, 9, 3, 4):
        submit(sequencer, count)
    sequencer.submit_batch(rows_of(3), time_of(24))
    if snapshot:
        sequencer.snapshot()
    sequencer.commit()
    for _ in range(3):
        seq = sequencer.seq + 1
        sequencer.submit(command_of(seq), time_of(seq))
        sequencer.commit()
    if close:
        sequencer.close()
    disk.close()
    return disk


def verified(disk: FaultyDisk) -> Report:
    return verify(disk, Bank(), BankCodec())
