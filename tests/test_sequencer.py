"""The sequencer: one writer, one clock, acknowledgement after durability."""

import errno
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.errors import JournalError
from floorbook.journal import Applied, AppliedBatch, replay, verify
from floorbook.sequencer import Options, Sequencer
from tests.journal.bank import (
    ANSWER,
    Bank,
    BankCodec,
    Command,
    Deposit,
    Deposited,
    Event,
    Rejected,
    Rename,
    bank_after,
    command_of,
    rows_of,
    time_of,
)
from tests.journal.faulty_disk import FaultyDisk
from tests.journal.ledgers import open_on, submit

Group = Sequence[Applied[Command, Event] | AppliedBatch]


def fill(disk: FaultyDisk) -> None:
    def full(step: int, call: str) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    disk.before_step = full


def test_events_come_at_once_and_are_published_after_the_commit() -> None:
    sequencer = open_on(FaultyDisk())
    published: list[Group] = []
    sequencer.subscribe(published.append)
    assert sequencer.submit(Deposit(1, 5), 10) == (Deposited(1, 5),)
    assert sequencer.submit(Deposit(1, 0), 11) == (Rejected("AMOUNT_NOT_POSITIVE"),)
    assert published == []
    assert (sequencer.seq, sequencer.position.seq) == (2, 0)
    assert sequencer.commit() == 2
    assert sequencer.position.seq == 2
    assert published == [
        [
            Applied(1, 10, Deposit(1, 5), (Deposited(1, 5),)),
            Applied(2, 11, Deposit(1, 0), (Rejected("AMOUNT_NOT_POSITIVE"),)),
        ]
    ]
    sequencer.commit()
    assert len(published) == 1


def test_a_batch_numbers_each_of_its_rows() -> None:
    sequencer = open_on(FaultyDisk())
    published: list[Group] = []
    sequencer.subscribe(published.append)
    sequencer.submit(Rename("first"), 1)
    rows = rows_of(4)
    events = sequencer.submit_batch(rows, 2)
    assert len(events) == 4 * ANSWER.size
    sequencer.submit(Rename("last"), 3)
    sequencer.commit()
    assert [(item.seq, item.at) for item in published[0]] == [(1, 1), (2, 2), (6, 3)]
    assert published[0][1] == AppliedBatch(2, 2, rows, events)


def test_malformed_batches_are_refused_before_anything_changes() -> None:
    bank = Bank()
    sequencer = open_on(FaultyDisk(), bank)
    for rows in (b"", bytes(47), bytes(49)):
        with pytest.raises(AssertionError):
            sequencer.submit_batch(rows, 1)
    assert (sequencer.seq, bank.seq, sequencer.fault) == (0, 0, None)


def test_the_clock_may_step_back_but_time_does_not() -> None:
    clock = iter([100, 90, 90, 120])
    sequencer = Sequencer(FaultyDisk(), Bank(), BankCodec(), clock=lambda: next(clock))
    times = []
    for _ in range(4):
        sequencer.submit(Rename("x"))
        times.append(sequencer.at)
    assert times == [100, 100, 100, 120]
    with pytest.raises(AssertionError):
        sequencer.submit(Rename("x"), 119)
    assert (sequencer.seq, sequencer.fault) == (4, None)


def test_time_goes_on_after_a_restart() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk)
    sequencer.submit(Rename("x"), 500)
    sequencer.close()
    again = Sequencer(disk, Bank(), BankCodec(), clock=lambda: 7)
    again.submit(Rename("y"))
    assert (again.seq, again.at) == (2, 500)


def test_a_command_that_cannot_be_encoded_changes_nothing() -> None:
    bank = Bank()
    sequencer = open_on(FaultyDisk(), bank)
    with pytest.raises(TypeError):
        sequencer.submit(object(), 1)  # type: ignore[arg-type]
    assert (sequencer.seq, bank.seq, sequencer.fault) == (0, 0, None)


class Buggy(Bank):
    def apply(self, seq: int, at: int, command: Command) -> Sequence[Event]:
        assert seq != 3, "our bug"
        return super().apply(seq, at, command)


def test_a_bug_stops_the_sequencer_and_leaves_no_seal() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk, Buggy())
    submit(sequencer, 2)
    with pytest.raises(AssertionError, match="our bug"):
        sequencer.submit(command_of(3), time_of(3))
    with pytest.raises(JournalError, match=r"stopped.*our bug"):
        sequencer.submit(command_of(3), time_of(3))
    sequencer.close()
    report = replay(disk, Bank(), BankCodec())
    assert (report.status, report.seq_last) == ("unsealed", 2)


def test_a_failing_subscriber_stops_the_sequencer_after_the_fact() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk)

    def fail(group: Group) -> None:
        raise RuntimeError("no projection")

    sequencer.subscribe(fail)
    sequencer.submit(command_of(1), time_of(1))
    with pytest.raises(RuntimeError):
        sequencer.commit()
    assert isinstance(sequencer.fault, RuntimeError)
    assert replay(disk, Bank(), BankCodec()).seq_last == 1


def test_a_closed_sequencer_refuses() -> None:
    sequencer = open_on(FaultyDisk())
    sequencer.close()
    with pytest.raises(JournalError, match="closed"):
        sequencer.submit(command_of(1), 1)


def test_state_hashes_are_recorded_every_n_commands() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk, options=Options(segment_bytes=4_096, hash_every=10))
    submit(sequencer, 25)
    sequencer.submit_batch(rows_of(7), time_of(26))
    sequencer.commit()
    # 25 commands, one batch, and the hashes after 10, 20 and 32: 30 fell inside the batch
    assert replay(disk, Bank(), BankCodec()).records == 25 + 1 + 3


def test_a_group_that_grows_too_large_is_committed_unasked() -> None:
    sequencer = open_on(FaultyDisk(), options=Options(segment_bytes=4_096, group_bytes_max=500))
    for seq in range(1, 50):
        sequencer.submit(command_of(seq), time_of(seq))
    assert sequencer.position.groups > 1
    assert 0 < sequencer.position.seq < 49


def test_replay_shows_what_the_subscribers_saw() -> None:
    disk = FaultyDisk()
    sequencer = open_on(disk)
    live: list[object] = []
    sequencer.subscribe(live.extend)
    submit(sequencer, 9)
    sequencer.submit_batch(rows_of(5), time_of(10))
    sequencer.close()
    again: list[object] = []
    steps: list[tuple[int, int]] = []
    report = replay(
        disk, Bank(), BankCodec(), observe=again.append, progress=lambda *step: steps.append(step)
    )
    assert again == live
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1] == sum(len(data) for data in disk.contents().values())
    assert (report.commands, report.at_last, report.sealed) == (14, time_of(10), True)


@given(
    st.lists(
        st.one_of(
            st.builds(Deposit, st.integers(0, 9), st.integers(-(2**40), 2**40)),
            st.builds(Rename, st.text(max_size=300)),
            st.integers(1, 20),  # a batch of so many rows
            st.sampled_from(["commit", "snapshot", "reopen", "crash"]),
        ),
        max_size=40,
    )
)
def test_any_history_recovers_to_its_durable_part(steps: list[Command | int | str]) -> None:
    """Against the plainest model: a list of what was committed, applied to a fresh bank."""
    disk = FaultyDisk()
    sequencer = open_on(disk)
    committed: list[Command | bytes] = []
    group: list[Command | bytes] = []
    for step in steps:
        if isinstance(step, int):
            group.append(rows_of(step, seed=step))
            sequencer.submit_batch(rows_of(step, seed=step), 1)
        elif not isinstance(step, str):
            group.append(step)
            sequencer.submit(step, 1)
        elif step == "crash":
            disk.close()
            group = []
            sequencer = open_on(disk)
        else:
            {"commit": sequencer.commit, "snapshot": sequencer.snapshot, "reopen": sequencer.close}[step]()
            committed, group = committed + group, []
            sequencer = open_on(disk) if step == "reopen" else sequencer
    sequencer.close()
    bank, seq = Bank(), 0
    for item in committed + group:
        if isinstance(item, bytes):
            bank.apply_batch(seq + 1, 1, item)
        else:
            bank.apply(seq + 1, 1, item)
        seq = bank.seq
    report = verify(disk, Bank(), BankCodec())
    assert (report.commands, report.state_hash) == (seq, bank.state_hash())


def test_the_same_commands_give_the_same_state_whatever_the_groups() -> None:
    for size in (1, 3, 20):
        bank = Bank()
        sequencer = open_on(FaultyDisk(), bank)
        while sequencer.seq < 60:
            submit(sequencer, size)
        assert bank.state_hash() == bank_after(60).state_hash()
