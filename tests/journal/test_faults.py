"""Power cuts, full disks and failing syncs over many seeds: what was acknowledged is there afterwards."""

import errno
from contextlib import suppress
from random import Random

import pytest

from floorbook.errors import CorruptJournal, JournalError, JournalFull
from floorbook.journal import replay, verify
from floorbook.sequencer import Options, Sequencer
from tests.journal.bank import Bank, BankCodec, Command, Event, bank_after, command_of, time_of
from tests.journal.faulty_disk import Crash, FaultyDisk

OPTIONS = Options(segment_bytes=1_200, hash_every=7, snapshot_every=25, group_bytes_max=900)


def open_on(disk: FaultyDisk) -> Sequencer[Command, Event]:
    return Sequencer(disk, Bank(), BankCodec(), options=OPTIONS)


class Client:
    """Submits the script in random groups and remembers the last command that was acknowledged."""

    def __init__(self, disk: FaultyDisk, dice: Random) -> None:
        self.disk = disk
        self.dice = dice
        self.acknowledged = 0

    def work(self, groups: int) -> None:
        sequencer = open_on(self.disk)
        sequencer.subscribe(self._note)
        assert sequencer.seq >= self.acknowledged
        for _ in range(groups):
            for _ in range(self.dice.randint(1, 9)):
                sequencer.submit(command_of(sequencer.seq + 1), time_of(sequencer.seq + 1))
            sequencer.commit()
        if self.dice.random() < 0.5:
            sequencer.close()

    def _note(self, group: object) -> None:
        assert isinstance(group, list)
        self.acknowledged = group[-1].seq


def run_with_power_cuts(seed: int, lies: frozenset[str] = frozenset()) -> None:
    """Cut the power five times at random steps; raise AssertionError when an acknowledged command is gone."""
    dice = Random(seed)
    disk = FaultyDisk(lies)
    client = Client(disk, dice)
    for _ in range(5):
        cut = disk.steps + dice.randint(1, 60)

        def cut_power(step: int, call: str, cut: int = cut) -> None:
            if step >= cut:
                raise Crash

        disk.before_step = cut_power
        with suppress(Crash):
            client.work(groups=dice.randint(0, 15))
        disk.before_step = lambda step, call: None
        disk.crash(dice)
        check(disk, client.acknowledged, seal=dice.random() < 0.5)


def check(disk: FaultyDisk, acknowledged: int, *, seal: bool) -> None:
    """Read as a stranger, then recover as the owner; both must find the script's state."""
    if any(name.endswith(".journal") for name in disk.names()):
        bank = Bank()
        found = verify(disk, bank, BankCodec())
        assert found.seq_last >= acknowledged
        assert found.state_hash == bank_after(found.seq_last).state_hash()
    recovered = Bank()
    sequencer = Sequencer(disk, recovered, BankCodec(), options=OPTIONS)
    assert sequencer.seq >= acknowledged
    assert recovered.state_hash() == bank_after(sequencer.seq).state_hash()
    if seal:
        sequencer.close()
        assert verify(disk, Bank(), BankCodec()).status == "sealed"
    disk.close()


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_acknowledged_commands_survive_power_cuts(start: int) -> None:
    for seed in range(start, start + 50):
        run_with_power_cuts(seed)


@pytest.mark.parametrize("lie", ["sync", "sync_directory"])
def test_a_journal_that_forgets_to_sync_loses_acknowledged_commands(lie: str) -> None:
    """The control: were either call removed from the journal, the test above would be red."""
    lost = 0
    for seed in range(40):
        try:
            run_with_power_cuts(seed, frozenset({lie}))
        except (AssertionError, CorruptJournal):
            lost += 1
    assert lost > 0


@pytest.mark.parametrize(
    ("number", "error"), [(errno.ENOSPC, JournalFull), (errno.EIO, JournalError), (errno.EDQUOT, JournalFull)]
)
def test_a_failing_disk_stops_the_sequencer_and_keeps_the_past(
    number: int, error: type[JournalError]
) -> None:
    """Fail every call once, in turn: create, write, sync, rename, directory, resize."""
    for failing in range(1, 90):
        disk = FaultyDisk()

        def fail(step: int, call: str, failing: int = failing) -> None:
            if step >= failing:
                raise OSError(number, "injected")

        disk.before_step = fail
        client = Client(disk, Random(failing))
        with pytest.raises(error):
            client.work(groups=40)
        disk.before_step = lambda step, call: None
        disk.crash(Random(failing))
        check(disk, client.acknowledged, seal=True)


def test_after_a_fault_every_further_command_is_refused() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk)
    published: list[object] = []
    sequencer.subscribe(published.append)
    sequencer.submit(command_of(1), time_of(1))
    sequencer.commit()
    assert len(published) == 1

    def full(step: int, call: str) -> None:
        raise OSError(errno.ENOSPC, "injected")

    disk.before_step = full
    sequencer.submit(command_of(2), time_of(2))
    with pytest.raises(JournalFull):
        sequencer.commit()
    for refused in (
        lambda: sequencer.submit(command_of(3), time_of(3)),
        sequencer.commit,
        sequencer.snapshot,
        lambda: sequencer.submit_batch(bytes(48)),
    ):
        with pytest.raises(JournalError, match="stopped"):
            refused()
    sequencer.close()
    assert len(published) == 1
    disk.before_step = lambda step, call: None
    report = replay(disk, Bank(), BankCodec())
    assert report.seq_last == 1
    assert report.status == "unsealed"


def test_a_torn_group_on_a_full_disk_is_read_as_torn() -> None:
    """The write stops half way: the first group stays, the second is torn and never acknowledged."""
    disk = FaultyDisk()
    sequencer = open_on(disk)
    sequencer.submit(command_of(1), time_of(1))
    sequencer.commit()
    sequencer.submit(command_of(2), time_of(2))
    disk.write_bytes_max = 20
    with pytest.raises(JournalFull):
        sequencer.commit()
    report = verify(disk, Bank(), BankCodec())
    assert (report.seq_last, report.torn_bytes, report.sealed) == (1, 20, False)
