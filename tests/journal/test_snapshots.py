"""A snapshot is a shortcut: with it, without it, and with a damaged one recovery finds the same state."""

from collections.abc import Sequence
from hashlib import sha256

import pytest

from floorbook.errors import CorruptJournal, JournalError, ReplayMismatch
from floorbook.sequencer import Options, Sequencer
from tests.journal.bank import Bank, BankCodec, Command, Event, bank_after
from tests.journal.faulty_disk import FaultyDisk
from tests.journal.ledgers import open_on, submit, verified

OFTEN = Options(segment_bytes=900, hash_every=8, snapshot_every=10)


class Counting(Bank):
    """Counts what recovery had to replay."""

    def __init__(self) -> None:
        super().__init__()
        self.applied = 0

    def apply(self, seq: int, at: int, command: Command) -> Sequence[Event]:
        self.applied += 1
        return super().apply(seq, at, command)


def snapshots_of(disk: FaultyDisk) -> list[str]:
    return [name for name in disk.names() if name.endswith(".snapshot")]


def disk_with_snapshots(commands: int = 45) -> FaultyDisk:
    disk = FaultyDisk()
    sequencer = open_on(disk, options=OFTEN)
    while sequencer.seq < commands:
        submit(sequencer, 5)
    disk.close()
    return disk


def recovered(disk: FaultyDisk) -> Counting:
    bank = Counting()
    open_on(disk, bank, OFTEN)
    disk.close()
    return bank


def flip(disk: FaultyDisk, name: str, offset: int) -> None:
    damaged = bytearray(disk.contents()[name])
    damaged[offset] ^= 1
    disk.write(name, 0, damaged)


def test_the_newest_two_are_kept_and_recovery_replays_the_rest() -> None:
    disk = disk_with_snapshots()
    assert snapshots_of(disk) == [f"snapshot-{seq:019d}.snapshot" for seq in (30, 40)]
    bank = recovered(disk)
    assert bank.applied == 5
    assert bank.state_hash() == bank_after(45).state_hash()
    assert verified(disk).commands == 45


def test_a_damaged_one_is_passed_over() -> None:
    disk = disk_with_snapshots()
    older, newest = snapshots_of(disk)
    flip(disk, newest, 30)
    bank = recovered(disk)
    assert (bank.applied, bank.state_hash()) == (15, bank_after(45).state_hash())
    flip(disk, older, 30)
    bank = recovered(disk)
    assert (bank.applied, bank.state_hash()) == (45, bank_after(45).state_hash())
    with pytest.raises(CorruptJournal, match="checksum"):
        verified(disk)


def of_version(disk: FaultyDisk, name: str, version: int) -> None:
    """Rewrite a snapshot as another version of this program would have written it."""
    data = bytearray(disk.contents()[name])
    data[8:12] = version.to_bytes(4, "little")
    data[-32:] = sha256(data[:-32]).digest()
    disk.write(name, 0, data)


def test_one_of_an_earlier_version_is_passed_over() -> None:
    """Its state lacks what was added since: loading it would fail, replaying the journal does not."""
    disk = disk_with_snapshots()
    for name in snapshots_of(disk):
        of_version(disk, name, 1)
    bank = recovered(disk)
    assert (bank.applied, bank.state_hash()) == (45, bank_after(45).state_hash())
    assert verified(disk).commands == 45


def test_one_of_a_later_version_proves_nothing_but_is_told() -> None:
    disk = disk_with_snapshots()
    of_version(disk, snapshots_of(disk)[-1], 99)
    assert recovered(disk).applied == 15
    with pytest.raises(CorruptJournal, match="no snapshot of version 2"):
        verified(disk)


def test_a_snapshot_ahead_of_the_journal_proves_a_loss() -> None:
    """Falling back silently would un-happen commands that were acknowledged."""
    disk = disk_with_snapshots(40)
    last = max(name for name in disk.names() if name.endswith(".journal"))
    data = disk.contents()[last]
    used = len(data.rstrip(b"\0"))
    disk.write(last, used - 10, bytes(10))
    with pytest.raises(CorruptJournal, match="snapshot"):
        recovered(disk)
    with pytest.raises(CorruptJournal, match="no group that ends"):
        verified(disk)


def test_a_snapshot_of_another_configuration_is_refused() -> None:
    disk = disk_with_snapshots()
    with pytest.raises(JournalError, match="configuration"):
        Sequencer(disk, Bank(), BankCodec(), genesis=b"x" * 32, options=OFTEN)


def test_a_dump_that_loads_to_another_state_is_our_fault_and_named() -> None:
    class Forgetful(Bank):
        def load(self, snapshot: bytes) -> None:
            super().load(snapshot)
            self.balances.clear()

    disk = disk_with_snapshots()
    with pytest.raises(ReplayMismatch, match="seq 40"):
        open_on(disk, Forgetful(), OFTEN)


def test_leftovers_of_a_crash_are_removed() -> None:
    disk = disk_with_snapshots()
    disk.create("snapshot-0000000000000000099.snapshot.new", 5)
    disk.create("segment-00000099.journal.new", 5)
    recovered(disk)
    assert not [name for name in disk.names() if name.endswith(".new")]
