"""The two clients: what they can do stands in the modules they are made of, here is how it is run."""

import asyncio
import time
from types import TracebackType
from typing import Self, TypeVar

from floorbook.sdk import flow as flows
from floorbook.sdk.accounts import Accounts
from floorbook.sdk.collateral import Lending
from floorbook.sdk.core import Secret
from floorbook.sdk.errors import SdkError
from floorbook.sdk.flow import RESTED, Answer, Call, Flow, Pause
from floorbook.sdk.markets import MarketQuestions
from floorbook.sdk.stream import AsyncStream, Stream
from floorbook.sdk.subscriptions import Subscription
from floorbook.sdk.trading import Trading
from floorbook.sdk.transport import AsyncConnection, Connection

T = TypeVar("T")
TIMEOUT_S = 10


class Client(MarketQuestions, Trading, Accounts, Lending):
    """A client that blocks.  It may be shared between threads; close it, or use it in a `with`."""

    def __init__(
        self, url: str, key: Secret | None = None, user: str | None = None, timeout_s: int = TIMEOUT_S
    ) -> None:
        """Make a client of the exchange at `url`; `key` signs (32 bytes or a `Key`).

        `user` is another address to read and trade: a sub-account, or whose agent the key is.
        """
        super().__init__(url, key, user)
        self._connection = Connection(self.url, timeout_s)

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
        return flows.run(flow, self._do)

    def _do(self, step: Call | Pause) -> Answer | SdkError:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return RESTED
        try:
            return self._connection.send(step)
        except SdkError as fault:
            return fault

    def stream(self, *subscriptions: Subscription, seconds: float | None = None) -> Stream:
        """Return a stream of what happens, to be used in a `with`; `seconds` bounds it."""
        return Stream(self.url, lambda: self.run(self.resolve_flow(subscriptions)), seconds)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(MarketQuestions, Trading, Accounts, Lending):
    """A client on an event loop; close it, or use it in an `async with`."""

    def __init__(
        self, url: str, key: Secret | None = None, user: str | None = None, timeout_s: int = TIMEOUT_S
    ) -> None:
        """Make a client as `Client` is made."""
        super().__init__(url, key, user)
        self._connection = AsyncConnection(self.url, timeout_s)

    async def run_async(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
        return await flows.run_async(flow, self._do)

    async def _do(self, step: Call | Pause) -> Answer | SdkError:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return RESTED
        try:
            return await self._connection.send(step)
        except SdkError as fault:
            return fault

    def stream(self, *subscriptions: Subscription, seconds: float | None = None) -> AsyncStream:
        """Return a stream of what happens, to be used in an `async with`; `seconds` bounds it."""
        return AsyncStream(self.url, lambda: self.run_async(self.resolve_flow(subscriptions)), seconds)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
