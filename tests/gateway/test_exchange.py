"""The exchange on an event loop: nothing is told before it is durable, and nobody waits for ever."""

import asyncio
import errno
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from floorbook.core import commands
from floorbook.core.commands import Deposit, Genesis, OpenAccount
from floorbook.core.engine import Engine
from floorbook.core.events import AccountOpened, Deposited
from floorbook.errors import JournalError, JournalFull
from floorbook.gateway.exchange import Exchange, Group
from floorbook.journal.replay import replay, verify
from floorbook.journal.segment import Position
from floorbook.sequencer import Options
from tests.journal.faulty_disk import FaultyDisk

SMALL = Options(segment_bytes=2**16, group_bytes_max=2**28)


def run(story: Callable[[Exchange, FaultyDisk], Coroutine[Any, Any, None]], options: Options = SMALL) -> None:
    async def whole() -> None:
        disk = FaultyDisk()
        exchange = Exchange(disk, options)
        exchange.say(Genesis(operator=b"operator"))
        await story(exchange, disk)

    asyncio.run(asyncio.wait_for(whole(), 30))


def deposit(number: int) -> Deposit:
    return Deposit(account=account_of(), asset=0, amount=1, reference=b"%d" % number)


def account_of() -> int:
    engine = Engine()
    engine.apply(1, 1, Genesis(operator=b"operator"))
    (opened,) = engine.apply(2, 1, OpenAccount(owner=b"whale"))
    assert isinstance(opened, AccountOpened)
    return opened.account


def test_callers_share_groups_and_each_gets_its_own_events() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        groups: list[Group] = []
        exchange.subscribe(groups.append)
        await exchange.submit(OpenAccount(owner=b"whale"))
        answers = [exchange.submit(deposit(number)) for number in range(50)]
        for events in await asyncio.gather(*answers):
            assert [type(event) for event in events] == [Deposited]
        assert len(groups) <= 3
        assert sum(map(len, groups)) == 52
        await exchange.close()
        report = verify(disk, Engine(), commands)
        assert (report.commands, report.status) == (52, "sealed")
        assert report.state_hash == exchange.engine.state_hash()

    run(story)


def test_an_answer_comes_after_the_disk_and_after_the_subscribers() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        order: list[str] = []
        disk.before_step = lambda step, call: order.append(call)
        exchange.subscribe(lambda group: order.append("subscriber"))
        answer = exchange.submit(OpenAccount(owner=b"whale"))
        assert not answer.done()
        await answer
        order.append("answer")
        assert order == ["write", "sync", "subscriber", "answer"]
        await exchange.close()

    run(story)


def test_settled_waits_for_what_was_applied_and_for_nothing_else() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        durable: list[int] = []
        exchange.subscribe(lambda group: durable.append(group[-1].seq))
        exchange.say(OpenAccount(owner=b"whale"))
        await exchange.settled()
        assert durable[-1] == exchange.sequencer.seq
        await exchange.settled()  # nothing is on its way: no wait
        exchange.say(deposit(1))
        waiting = asyncio.ensure_future(exchange.settled())
        await asyncio.sleep(0)
        exchange.say(deposit(2))
        await waiting
        assert durable[-1] >= exchange.sequencer.seq - 1
        await exchange.close()

    run(story)


def test_a_boundary_is_a_state_that_the_journal_meets_again() -> None:
    """Computed while groups gather and fly, each value is that of a replay at the same group's end."""
    seen: dict[Position, bytes] = {}

    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        async def look() -> None:
            state_hash, end = await exchange.boundary(exchange.engine.state_hash)
            assert exchange.sequencer.position.seq >= end.seq
            seen[end] = state_hash

        await exchange.submit(OpenAccount(owner=b"whale"))
        lookers = []
        for number in range(60):
            exchange.say(deposit(number))
            if number % 4 == 0:
                lookers.append(asyncio.ensure_future(look()))
            if number % 7 == 0:
                await asyncio.sleep(0)
        await asyncio.gather(*lookers)
        await look()  # an empty group ends where the last one did
        await exchange.close()
        met: dict[Position, bytes] = {}
        engine = Engine()
        replay(disk, engine, commands, landmark=lambda end: met.update({end: engine.state_hash()}))
        assert len(seen) > 3
        assert seen.items() <= met.items()

    run(story, Options(segment_bytes=2**16, group_bytes_max=2**28, snapshot_every=20))


def test_who_gives_up_at_a_boundary_breaks_nothing() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        exchange.say(OpenAccount(owner=b"whale"))
        waiting = asyncio.ensure_future(exchange.boundary(exchange.engine.state_hash))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(ValueError, match="no root"):
            await exchange.boundary(refuse)
        await exchange.submit(deposit(1))
        await exchange.close()
        assert verify(disk, Engine(), commands).commands == 3

    def refuse() -> None:
        raise ValueError("no root")

    run(story)


def test_a_boundary_on_a_full_disk_is_told() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        await exchange.submit(OpenAccount(owner=b"whale"))
        disk.write_bytes_max = 10
        exchange.say(deposit(1))
        with pytest.raises(JournalFull):
            await exchange.boundary(exchange.engine.state_hash)
        with pytest.raises(JournalError):
            await exchange.boundary(exchange.engine.state_hash)
        await exchange.close()

    run(story)


def test_a_full_disk_answers_every_waiting_caller() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        await exchange.submit(OpenAccount(owner=b"whale"))
        disk.write_bytes_max = 10
        answers: list[asyncio.Future[Any]] = [exchange.submit(deposit(number)) for number in range(3)]
        answers.append(asyncio.ensure_future(exchange.settled()))
        for answer in answers:
            with pytest.raises(JournalFull):
                await answer
        assert exchange.failed.is_set()
        with pytest.raises(JournalError):
            exchange.submit(deposit(9))
        await exchange.close()
        assert verify(disk, Engine(), commands).commands == 2

    run(story)


def test_a_failing_subscriber_stops_the_exchange_and_hangs_nobody() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        await exchange.settled()

        def fail(group: Group) -> None:
            raise RuntimeError("no projection")

        exchange.subscribe(fail)
        with pytest.raises(RuntimeError):
            await exchange.submit(OpenAccount(owner=b"whale"))
        assert exchange.failed.is_set()
        await exchange.close()

    run(story)


def test_one_bad_call_harms_no_other() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        with pytest.raises(TypeError):
            exchange.submit(object())  # type: ignore[arg-type]
        (event,) = await exchange.submit(OpenAccount(owner=b"whale"))
        assert isinstance(event, AccountOpened)
        await exchange.close()

    run(story)


def test_a_caller_who_goes_away_harms_no_other() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        gone = exchange.submit(OpenAccount(owner=b"whale"))
        stays = exchange.submit(deposit(1))
        gone.cancel()
        assert await stays
        await exchange.close()

    run(story)


def test_snapshots_are_taken_on_the_way() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        await exchange.submit(OpenAccount(owner=b"whale"))
        for number in range(15):
            await exchange.submit(deposit(number))
        await exchange.close()
        assert any("snapshot" in name for name in disk.names())
        again = Exchange(disk, SMALL)
        assert again.engine.state_hash() == exchange.engine.state_hash()
        await again.close()

    run(story, Options(segment_bytes=2**16, group_bytes_max=2**28, snapshot_every=10))


def test_disk_errors_are_named() -> None:
    async def story(exchange: Exchange, disk: FaultyDisk) -> None:
        await exchange.settled()

        def fail(step: int, call: str) -> None:
            raise OSError(errno.EIO, "broken")

        disk.before_step = fail
        with pytest.raises(JournalError, match="broken"):
            await exchange.submit(OpenAccount(owner=b"whale"))
        disk.before_step = lambda step, call: None
        await exchange.close()

    run(story)
