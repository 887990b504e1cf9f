"""A client that does not read is told so and left; nobody else notices.

No exchange here: a server with topics alone, on the test's own loop, so that every byte is counted.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from floorbook.gateway.ws import requests as ask
from floorbook.gateway.ws.connection import Connection
from floorbook.gateway.ws.protocol import (
    EXTENSION,
    GOODBYE_S,
    OUTBOX_BYTES_MAX,
    OUTBOX_FRAMES_MAX,
    FrameProtocol,
)
from floorbook.gateway.ws.topics import Topics

KEY = ask.AllMids()
PAYLOAD = b'"%s"' % (b"x" * 100_000)


class Hall:
    """A server whose clients hear one topic."""

    def __init__(self) -> None:
        self.topics = Topics()
        self.connections: list[Connection] = []
        self.protocols: list[FrameProtocol] = []
        self.port = 0

    async def listen(self, websocket: WebSocket) -> None:
        await websocket.accept()
        protocol = websocket.scope["extensions"][EXTENSION]["socket"]
        connection = Connection(protocol)
        self.protocols.append(protocol)
        self.connections.append(connection)
        self.topics.add(KEY, connection)
        with contextlib.suppress(Exception):
            while (await websocket.receive())["type"] != "websocket.disconnect":
                pass
        self.topics.remove(KEY, connection)
        self.connections.remove(connection)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        config = uvicorn.Config(
            Starlette(routes=[WebSocketRoute("/ws", self.listen)]), port=0, ws=FrameProtocol,
            ws_per_message_deflate=False, log_config=None, lifespan="off",
        )  # fmt: skip
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())
        await until(lambda: server.started)
        self.port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.should_exit = True
            await serving

    async def come(self) -> ClientConnection:
        here = len(self.connections)
        client = await connect(f"ws://127.0.0.1:{self.port}/ws", compression=None, max_size=None, max_queue=1)
        await until(lambda: len(self.connections) == here + 1)
        return client


def test_who_does_not_read_is_told_and_left() -> None:
    async def story(hall: Hall) -> None:
        lazy, eager = await hall.come(), await hall.come()
        of_lazy, of_eager = hall.protocols
        heard = asyncio.create_task(count_of(eager))
        sent = 0
        while len(hall.connections) == 2:
            hall.topics.send_encoded(KEY, PAYLOAD)
            sent += 1
            assert waiting(of_lazy) <= OUTBOX_BYTES_MAX + len(PAYLOAD)
            while waiting(of_eager) or not of_eager.writable.is_set():
                await asyncio.sleep(0)
        with pytest.raises(ConnectionClosed) as closed:
            await count_of(lazy, forever=True)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason[:8]) == (1013, "too slow")
        assert hall.topics.count == 1
        of_eager.drop(1001, "the end")
        assert await heard == sent

    play(story)


def test_who_never_reads_again_is_cut_off() -> None:
    async def story(hall: Hall) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", hall.port, limit=1_000)
        writer.write(HANDSHAKE)
        await until(lambda: len(hall.connections) == 1)
        while hall.connections:
            hall.topics.send_encoded(KEY, PAYLOAD)
            await asyncio.sleep(0)
        transport = hall.protocols[0].transport
        await until(lambda: transport.get_write_buffer_size() == 0, GOODBYE_S + 5)
        with contextlib.suppress(ConnectionError):
            while await reader.read(2**20):
                pass
        writer.close()

    play(story)


def test_small_messages_are_counted_too() -> None:
    async def story(hall: Hall) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", hall.port, limit=1_000)
        writer.write(HANDSHAKE)
        await until(lambda: len(hall.connections) == 1)
        while hall.protocols[0].writable.is_set():
            hall.topics.send_encoded(KEY, PAYLOAD)
            await asyncio.sleep(0)
        for _ in range(OUTBOX_FRAMES_MAX + 1):
            hall.topics.send_encoded(KEY, b"1")
        assert waiting(hall.protocols[0]) < OUTBOX_BYTES_MAX
        await until(lambda: not hall.connections)
        writer.transport.abort()

    play(story)


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n\r\n"
)


def play(story: Callable[[Hall], Awaitable[None]]) -> None:
    async def whole() -> None:
        hall = Hall()
        async with hall.open():
            await story(hall)

    asyncio.run(asyncio.wait_for(whole(), 60))


def waiting(protocol: FrameProtocol) -> int:
    return protocol.transport.get_write_buffer_size()


async def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.01)


async def count_of(client: ClientConnection, *, forever: bool = False) -> int:
    """Return how many messages come before the connection ends."""
    heard = 0
    try:
        async for _ in client:
            heard += 1
        if forever:
            await client.recv()
    except ConnectionClosed:
        if forever:
            raise
    return heard
