"""Streams: iterate over what happens.  A lost connection comes back by itself, books without a gap.

    with client.stream(book("PUNKS"), seconds=60) as stream:
        for update in stream:
            if isinstance(update, BookChanged): ...

`seconds` bounds the iteration; without it, it goes on until the loop is left.  Where the exchange stays away
for GIVE_UP_S, `Unreachable` is raised.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection as AsyncSocket
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection as Socket
from websockets.sync.client import connect

from floorbook.sdk.book import Book
from floorbook.sdk.errors import Unreachable
from floorbook.sdk.session import Session, Update
from floorbook.sdk.subscriptions import Subscription

Subscriptions = list[Subscription]
MESSAGE_BYTES_MAX = 2**24  # a snapshot of a deep book
PAUSE_FIRST_S, PAUSE_MAX_S = 0.1, 5.0
CONNECT_S = 10
GIVE_UP_S = 60
_FAULTS = (OSError, InvalidHandshake, InvalidURI, TimeoutError)


class _Clock:
    """When a stream ends, and how long it still waits for a lost exchange."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float | None:
        """Seconds until the end, None without one."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.left == 0

    def pauses(self) -> Iterator[float]:
        """Yield how long to wait before each attempt to connect again."""
        give_up, pause = time.monotonic() + GIVE_UP_S, PAUSE_FIRST_S
        while time.monotonic() < give_up and not self.is_over:
            yield pause if self.left is None else min(pause, self.left)
            pause = min(2 * pause, PAUSE_MAX_S)


class Stream:
    """Updates of a blocking client; one thread iterates."""

    def __init__(self, url: str, resolve: Callable[[], Subscriptions], seconds: float | None) -> None:
        self._url, self._resolve, self._seconds = _ws_url(url), resolve, seconds
        self._session = Session()
        self._clock = _Clock(seconds)
        self._socket: Socket | None = None

    def __enter__(self) -> Self:
        self._session, self._clock = Session(*self._resolve()), _Clock(self._seconds)
        try:
            self._connect()
        except _FAULTS as fault:
            raise _unreachable(self._url, fault) from fault
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Update]:
        while (update := self.next()) is not None:
            yield update

    def book(self, coin: str) -> Book:
        """Return the book that is kept of a coin, named as the exchange does; raises KeyError if none is."""
        return self._session.books[coin]

    def next(self, seconds: float | None = None) -> Update | None:
        """Return the next update; None when `seconds` or the stream's time are over."""
        clock = self._clock if seconds is None else _Clock(seconds)
        while not (clock.is_over or self._clock.is_over):
            assert self._socket is not None, "use the stream in a `with`"
            try:
                update, frames = self._session.received(self._socket.recv(timeout=clock.left))
                for frame in frames:
                    self._socket.send(frame)
            except TimeoutError:
                break
            except ConnectionClosed:
                update = self._connect_again()
            if update is not None:
                return update
        return None

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()

    def _connect_again(self) -> Update | None:
        self.close()
        fault: Exception = TimeoutError("its time is over")
        for pause in self._clock.pauses():
            time.sleep(pause)
            try:
                self._connect()
            except (*_FAULTS, ConnectionClosed) as again:
                fault = again
            else:
                return self._session.reconnected
        if self._clock.is_over:
            return None
        raise _unreachable(self._url, fault) from fault

    def _connect(self) -> None:
        self._socket = connect(
            self._url, open_timeout=CONNECT_S, max_size=MESSAGE_BYTES_MAX, compression=None
        )
        for frame in self._session.opened():
            self._socket.send(frame)


class AsyncStream:
    """Updates of a client on an event loop; one task iterates."""

    def __init__(
        self, url: str, resolve: Callable[[], Awaitable[Subscriptions]], seconds: float | None
    ) -> None:
        self._url, self._resolve, self._seconds = _ws_url(url), resolve, seconds
        self._session = Session()
        self._clock = _Clock(seconds)
        self._socket: AsyncSocket | None = None

    async def __aenter__(self) -> Self:
        self._session, self._clock = Session(*await self._resolve()), _Clock(self._seconds)
        try:
            await self._connect()
        except _FAULTS as fault:
            raise _unreachable(self._url, fault) from fault
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Update]:
        while (update := await self.next()) is not None:
            yield update

    def book(self, coin: str) -> Book:
        """Return the book that is kept of a coin, named as the exchange does; raises KeyError if none is."""
        return self._session.books[coin]

    async def next(self, seconds: float | None = None) -> Update | None:
        """Return the next update; None when `seconds` or the stream's time are over."""
        clock = self._clock if seconds is None else _Clock(seconds)
        while not (clock.is_over or self._clock.is_over):
            assert self._socket is not None, "use the stream in an `async with`"
            try:
                text = await asyncio.wait_for(self._socket.recv(), clock.left)
                update, frames = self._session.received(text)
                for frame in frames:
                    await self._socket.send(frame)
            except TimeoutError:
                break
            except ConnectionClosed:
                update = await self._connect_again()
            if update is not None:
                return update
        return None

    async def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            await self._socket.close()

    async def _connect_again(self) -> Update | None:
        await self.close()
        fault: Exception = TimeoutError("its time is over")
        for pause in self._clock.pauses():
            await asyncio.sleep(pause)
            try:
                await self._connect()
            except (*_FAULTS, ConnectionClosed) as again:
                fault = again
            else:
                return self._session.reconnected
        if self._clock.is_over:
            return None
        raise _unreachable(self._url, fault) from fault

    async def _connect(self) -> None:
        self._socket = await connect_async(
            self._url, open_timeout=CONNECT_S, max_size=MESSAGE_BYTES_MAX, compression=None
        )
        for frame in self._session.opened():
            await self._socket.send(frame)


def _ws_url(url: str) -> str:
    return f"ws{url.removeprefix('http')}/ws"


def _unreachable(url: str, fault: Exception) -> Unreachable:
    return Unreachable(
        f"no stream from {url}: {str(fault) or type(fault).__name__}; is the exchange running?"
    )
