"""The projections of a running exchange: a process of its own writes what `follow` hands over.

    event loop --follow(group)--> queue --thread--> process: projector --> rows --> a transaction every 50 ms

The queue is bounded: if the database falls that far behind, `follow` waits, and the exchange runs at the
database's speed.  A fault of the database stops the projections and nothing else: `fault` says so, and the
next start catches up from the journal.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from floorbook.errors import ProjectionsError
from floorbook.projections.database import Database
from floorbook.projections.process import WriterProcess
from floorbook.projections.projector import Group
from floorbook.projections.writer import TRANSACTION_MAX

P = ParamSpec("P")
T = TypeVar("T")

PAUSE_S = 0.05  # between two transactions, unless somebody waits for a row
QUEUE_MAX = 100_000  # [commands]
READERS = 2


class Waiting(msgspec.Struct):
    """Somebody who wants to read what a command wrote."""

    seq: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]


class Store:
    """Projections that follow an exchange.  `follow` and `caught_up` belong to the event loop."""

    def __init__(self, url: str) -> None:
        """Open the database and start the writer; raises ProjectionsError."""
        self._writer = WriterProcess(url)
        try:
            self._writer.wait()
            self.database = Database(url)
        except BaseException:
            self._writer.close()
            raise
        self._groups: deque[Group] = deque()
        self._queued = 0  # [commands]
        self._seq = self._writer.seq
        self._fault: ProjectionsError | None = None
        self._waiting: list[Waiting] = []
        self._changed = threading.Condition()
        self._closing = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="projections-read")
        self._thread = threading.Thread(target=self._run, name="projections", daemon=True)
        self._thread.start()

    @property
    def seq(self) -> int:
        """Sequence number of the last command whose rows can be read."""
        return self._seq

    @property
    def fault(self) -> ProjectionsError | None:
        """What stopped the projections; None while they follow."""
        return self._fault

    def follow(self, group: Group) -> None:
        """Take a durable group; returns at once, unless the queue is full."""
        if not group:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._queued < QUEUE_MAX or self._is_over())
            if self._is_over():
                return
            self._groups.append(group)
            self._queued += len(group)
            if len(self._groups) == 1:
                self._changed.notify_all()

    async def caught_up(self, seq: int) -> None:
        """Return when the rows of every command up to `seq` can be read; raises ProjectionsError."""
        loop = asyncio.get_running_loop()
        with self._changed:
            if self._seq >= seq:
                return
            if self._is_over():
                raise self._fault or ProjectionsError("the projections are closed")
            waiting = Waiting(seq, loop, loop.create_future())
            self._waiting.append(waiting)
            self._changed.notify_all()
        await waiting.future

    async def ask(
        self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Answer a query of `queries.py` in a thread of the readers."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self.read(query, *args, **kwargs))

    def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Answer a query on a connection of its own, in this thread; raises ProjectionsError."""
        try:
            with self.database.engine.connect() as connection:
                return query(connection, *args, **kwargs)
        except SQLAlchemyError as fault:
            raise self.database.fault(fault) from fault

    def close(self) -> None:
        """Write what was handed over, stop the thread, close the database."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        self._writer.close()
        self._readers.shutdown()
        self.database.close()

    # ---- the writer's thread -----------------------------------------------------------------

    def _run(self) -> None:
        try:
            while (group := self._next_group()) is not None:
                self._writer.write(group)
                self._tell(self._writer.seq)
        except ProjectionsError as fault:
            self._stop(fault)
        except Exception as fault:
            self._stop(ProjectionsError(f"the projector failed: {fault!r}"))
            raise

    def _next_group(self) -> Group | None:
        """Return what has gathered, after the pause; None when all is written and closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._groups or self._closing)
            self._changed.wait_for(lambda: self._waiting or self._closing, timeout=PAUSE_S)
            if not self._groups:
                return None
            taken = list(self._groups.popleft())
            while self._groups and len(taken) < TRANSACTION_MAX:
                taken += self._groups.popleft()
            self._queued -= len(taken)
            self._changed.notify_all()
            return taken

    def _tell(self, seq: int) -> None:
        with self._changed:
            self._seq = seq
            ready = [waiting for waiting in self._waiting if waiting.seq <= seq]
            self._waiting = [waiting for waiting in self._waiting if waiting.seq > seq]
        for waiting in ready:
            _resolve(waiting, None)

    def _stop(self, fault: ProjectionsError) -> None:
        with self._changed:
            self._fault = fault
            self._groups.clear()
            left, self._waiting = self._waiting, []
            self._changed.notify_all()
        for waiting in left:
            _resolve(waiting, fault)

    def _is_over(self) -> bool:
        return self._closing or self._fault is not None


def _resolve(waiting: Waiting, fault: ProjectionsError | None) -> None:
    """Wake who waits, in its own loop, which may be gone."""

    def wake() -> None:
        if waiting.future.done():
            return
        if fault is None:
            waiting.future.set_result(None)
        else:
            waiting.future.set_exception(fault)

    with contextlib.suppress(RuntimeError):
        waiting.loop.call_soon_threadsafe(wake)
