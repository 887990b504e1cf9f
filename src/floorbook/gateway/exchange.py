"""The engine behind its sequencer, owned by an event loop.

    submit -> applied at once -> group -> fdatasync on a worker thread -> subscribers, then the caller

While a group is on its way to the disk the next one gathers, so groups grow with the load.  Nothing is
told to anybody before it is durable: `submit` resolves then, and whoever answers from the state first
awaits `settled`.  After a fault of the disk nothing more is answered; the journal must be opened anew.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from floorbook.core import commands
from floorbook.core.commands import AnyCommand
from floorbook.core.engine import Engine
from floorbook.core.events import Event
from floorbook.core.state import State
from floorbook.journal import Position
from floorbook.journal.storage import Storage
from floorbook.sequencer import Detached, Options, Published, Sequencer

GROUP_BYTES_MAX = 2**28  # groups end by themselves; one so large would mean that the disk stands still

T = TypeVar("T")
Group = Published[AnyCommand, Event]
Answer = asyncio.Future[Sequence[Event]]


class Exchange:
    """An exchange that is open for business; everything but the disk happens on one event loop."""

    def __init__(
        self, place: Path | Storage, options: Options | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """Open the journal and bring the engine to its end; raises `JournalError` and its kinds."""
        self.engine = Engine()
        self.state: State = self.engine.state
        self.sequencer: Sequencer[AnyCommand, Event] = Sequencer(
            place,
            self.engine,
            commands,
            clock=clock,
            options=options or Options(group_bytes_max=GROUP_BYTES_MAX),
        )
        self._disk = ThreadPoolExecutor(1, "journal")
        self._open: list[tuple[Answer, Sequence[Event]]] = []  # of the group that gathers
        self._flying: list[tuple[Answer, Sequence[Event]]] = []  # of the group on its way to the disk
        self._is_gathering = self._is_flying = self._is_due = False
        self._landed = asyncio.Event()
        self.failed = asyncio.Event()  # set when the exchange stopped for good: see `fault`

    @property
    def fault(self) -> BaseException | None:
        """What stopped the exchange; None while it runs."""
        return self.sequencer.fault

    def subscribe(self, subscriber: Callable[[Group], None]) -> None:
        """Call `subscriber` on the loop with every group from now on, after it is durable, in order."""
        self.sequencer.subscribe(subscriber)

    def say(self, command: AnyCommand, at: int | None = None) -> Sequence[Event]:
        """Apply a command and return its events: for programs of the exchange, which tell nobody else.

        `at` [ns] must not be earlier than the last command's; None asks the clock.
        """
        try:
            events = self.sequencer.submit(command, at)
        except BaseException as broken:
            if self.fault is not None:  # the state may be half changed: nobody may be answered from it
                self._fail(self._open, broken)
            raise
        self._is_gathering = True
        self._schedule()
        return events

    def submit(self, command: AnyCommand, at: int | None = None) -> Answer:
        """Apply a command now; the future gets its events when they are durable, or `JournalError`."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._open.append((answer, self.say(command, at)))
        return answer

    async def boundary(self, compute: Callable[[], T]) -> tuple[T, Position]:
        """Return what `compute` makes of the state at a group's end, and that end, once it is durable.

        It runs on the loop, between two commands, and replaying the journal meets the same state there.
        Raises what `compute` raises, and `JournalError`.
        """
        while self._is_flying:
            self._landed.clear()
            await self._landed.wait()
        value = compute()
        flight = self._take_off()
        return value, await asyncio.shield(flight)  # who gives up waiting must not break the write

    async def settled(self) -> None:
        """Return when everything applied so far is durable: only then may it be told."""
        if not (self._is_gathering or self._is_flying):
            return
        answer: Answer = asyncio.get_running_loop().create_future()
        (self._open if self._is_gathering else self._flying).append((answer, ()))
        await answer

    async def close(self) -> None:
        """Finish what was submitted, seal the journal, let go of its files."""
        while (self._is_gathering or self._is_flying) and self.fault is None:
            self._landed.clear()
            await self._landed.wait()
        self._disk.shutdown()
        self.sequencer.close()

    def _schedule(self) -> None:
        """Begin a group's way to the disk once all that this turn of the loop brings has joined it."""
        if not self._is_due and not self._is_flying:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._depart)

    def _depart(self) -> None:
        if self._is_due:  # not when `boundary` took the group along meanwhile
            self._take_off()

    def _take_off(self) -> asyncio.Future[Position]:
        self._is_due = False
        detached = self.sequencer.detach()
        self._flying, self._open = self._open, []
        self._is_gathering, self._is_flying = False, True
        flight = asyncio.get_running_loop().run_in_executor(self._disk, self._write, detached)
        flight.add_done_callback(lambda done: self._land(detached, done.exception()))
        return flight

    def _write(self, detached: Detached[AnyCommand, Event]) -> Position:
        """Make a group durable and return its end; the one thing that runs on the disk's thread."""
        self.sequencer.write(detached)
        return self.sequencer.position

    def _land(self, detached: Detached[AnyCommand, Event], fault: BaseException | None) -> None:
        """Tell the subscribers, then the callers: whoever has his answer finds it in every other answer."""
        landed, self._flying, self._is_flying = self._flying, [], False
        self._landed.set()
        if fault is not None:
            self._fail(landed + self._open, fault)
            return
        try:
            self.sequencer.publish(detached.commands)
            _resolve(landed)
            if self.sequencer.is_snapshot_due:
                self._snapshot()
        finally:
            if self.fault is not None:  # a subscriber's or the snapshot's: nobody must wait for ever
                self._fail(landed + self._open, self.fault)
        if self._is_gathering:
            self._schedule()

    def _snapshot(self) -> None:
        """Write the state beside the journal; what had gathered becomes durable on the way."""
        self.sequencer.snapshot()
        gathered, self._open, self._is_gathering = self._open, [], False
        _resolve(gathered)

    def _fail(self, answers: list[tuple[Answer, Sequence[Event]]], fault: BaseException) -> None:
        """Acknowledge nothing: what the disk holds of it, only a new reader of the journal can tell."""
        self._open, self._is_gathering = [], False
        self.failed.set()
        self._landed.set()
        for answer, _ in answers:
            if not answer.done():
                answer.set_exception(fault)


def _resolve(answers: list[tuple[Answer, Sequence[Event]]]) -> None:
    for answer, events in answers:
        if not answer.done():  # a caller who has gone away cancelled it
            answer.set_result(events)
