"""The clients, one process: `python -m bench.gateway.client WHAT URL [COUNT]`; one JSON line comes out.

    http, socket        orders, each connection sending its next one when it has its answer
    batch               the same with twenty orders a request
    steady              1,000 orders a second over HTTP, whatever the answers do: the latency of each
    listen              500 clients that hear one book: frames a second in all

Answers are counted as they come; those that say "error" are told apart.
"""

import asyncio
import base64
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.gateway.orders import KEYS, LISTENERS, bodies

BATCH = 20
STEADY_PER_S = 1_000
LISTEN_S = 6.0
WARM_S = 2.0


class Line(asyncio.Protocol):
    """A connection that sends its requests one after the other."""

    def __init__(self, requests: list[bytes], is_done: Callable[[], None]) -> None:
        self._requests = deque(requests)
        self._is_done = is_done
        self._sent_at = 0
        self._buffer = b""
        self.latencies: list[int] = []
        self.errors = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        if not self._requests:
            self._is_done()
            return
        self._sent_at = time.perf_counter_ns()
        self.transport.write(self._requests.popleft())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if (end := self.end_of(self._buffer)) <= len(self._buffer):
            self.latencies.append(time.perf_counter_ns() - self._sent_at)
            self.errors += self._buffer[:end].count(b'"error"') + self._buffer[:end].count(b'"err"')
            self._buffer = self._buffer[end:]
            self.send()

    def end_of(self, buffer: bytes) -> int:
        """Return where the answer ends; beyond the buffer while it is not whole."""
        head = buffer.find(b"\r\n\r\n")
        if head < 0:
            return len(buffer) + 1
        begin = buffer.lower().find(b"content-length:", 0, head) + 15
        return head + 4 + int(buffer[begin : buffer.find(b"\r\n", begin)])


class SocketLine(Line):
    """The same over a WebSocket that is open already."""

    def end_of(self, buffer: bytes) -> int:
        return end_of_frame(buffer, 0)


def end_of_frame(buffer: bytes, begin: int) -> int:
    """Return where a server's frame ends; beyond the buffer while it is not whole."""
    if len(buffer) < begin + 4:
        return len(buffer) + 1
    size = buffer[begin + 1]
    if size < 126:
        return begin + 2 + size
    if size == 126:
        return begin + 4 + int.from_bytes(buffer[begin + 2 : begin + 4])
    if len(buffer) < begin + 10:
        return len(buffer) + 1
    return begin + 10 + int.from_bytes(buffer[begin + 2 : begin + 10])


class Listener(asyncio.Protocol):
    """Counts frames."""

    def __init__(self) -> None:
        self.frames = 0
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        place, size = 0, len(data)
        while size - place >= 4:
            end = end_of_frame(data, place)
            if end > size:
                break
            self.frames += 1
            place = end
        self._rest = data[place:]


def posted(url: str, body: bytes) -> bytes:
    parts = urlsplit(url)
    return (
        f"POST /exchange HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode() + body


def said(number: int, body: bytes) -> bytes:
    """Return a post over the socket, framed and masked with zeros."""
    text = b'{"method":"post","id":%d,"request":{"type":"action","payload":%s}}' % (number, body)
    return framed(text)


def framed(text: bytes) -> bytes:
    size = len(text)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
    return b"\x81" + length + bytes(4) + text


class Upgrade(asyncio.Protocol):
    """Opens a WebSocket and hands its line over to the protocol that speaks it."""

    def __init__(self, host: str, speaks: asyncio.Protocol) -> None:
        self.is_open = asyncio.get_running_loop().create_future()
        self._host = host
        self._speaks = speaks
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET /ws HTTP/1.1\r\nhost: {self._host}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-key: {key}\r\nsec-websocket-version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._head += data
        head, found, rest = self._head.partition(b"\r\n\r\n")
        if found:
            assert b" 101 " in head, head
            self._speaks.connection_made(self._transport)
            self._transport.set_protocol(self._speaks)
            if rest:
                self._speaks.data_received(rest)
            self.is_open.set_result(None)


async def upgraded(url: str, protocol: asyncio.Protocol) -> asyncio.Transport:
    """Return an open WebSocket that speaks to the protocol."""
    parts = urlsplit(url)
    transport, upgrade = await asyncio.get_running_loop().create_connection(
        lambda: Upgrade(parts.netloc, protocol), parts.hostname, parts.port
    )
    await upgrade.is_open
    return cast("asyncio.Transport", transport)


async def drive(url: str, what: str, count: int) -> dict[str, object]:
    """Send the requests over many connections and tell how fast they were answered."""
    orders = BATCH if what == "batch" else 1
    each = count // len(KEYS)
    shares = [bodies(key, each, orders) for key in range(len(KEYS))]
    loop, parts, left = asyncio.get_running_loop(), urlsplit(url), len(shares)
    over = loop.create_future()

    def done() -> None:
        nonlocal left
        left -= 1
        if not left:
            over.set_result(None)

    lines: list[Line] = []
    for requests in shares:
        if what == "socket":
            line: Line = SocketLine([said(number, body) for number, body in enumerate(requests)], done)
            await upgraded(url, line)
        else:
            made = Line([posted(url, body) for body in requests], done)
            _, line = await loop.create_connection(lambda made=made: made, parts.hostname, parts.port)
        lines.append(line)
    began = time.perf_counter()
    for line in lines:
        line.send()
    await asyncio.wait_for(over, 120)
    seconds = time.perf_counter() - began
    latencies = sorted(latency for line in lines for latency in line.latencies)
    answered = each * len(shares) * orders
    return {
        "orders": answered, "orders_per_s": round(answered / seconds),
        "errors": sum(line.errors for line in lines), **percentiles(latencies),
    }  # fmt: skip


async def steady(url: str, count: int) -> dict[str, object]:
    """Send at a fixed pace: an answer that is late is late, and the next order is sent all the same."""
    loop, parts = asyncio.get_running_loop(), urlsplit(url)
    free: deque[Line] = deque()
    late = 0
    waiting = [bodies(key, count // len(KEYS)) for key in range(len(KEYS))]
    requests = deque(posted(url, body) for turn in zip(*waiting, strict=True) for body in turn)
    latencies: list[int] = []
    errors = 0

    class Paced(Line):
        due = 0

        def data_received(self, data: bytes) -> None:
            nonlocal errors
            self._buffer += data
            if (end := self.end_of(self._buffer)) <= len(self._buffer):
                latencies.append(time.perf_counter_ns() - self.due)
                errors += b'"err' in self._buffer[:end]
                self._buffer = self._buffer[end:]
                free.append(self)

    for _ in range(64):
        _, line = await loop.create_connection(lambda: Paced([], lambda: None), parts.hostname, parts.port)
        free.append(line)
    total, began = len(requests), time.perf_counter_ns()
    for number in range(total):
        due = began + number * 10**9 // STEADY_PER_S
        while (now := time.perf_counter_ns()) < due:
            await asyncio.sleep(max(0, (due - now) / 1e9 - 2e-4))
        while not free:
            late += 1
            await asyncio.sleep(0.0005)
        line = free.popleft()
        line.due = due
        line.transport.write(requests.popleft())
    while len(latencies) < total:
        await asyncio.sleep(0.01)
    return {"orders": total, "errors": errors, "waited": late, **percentiles(sorted(latencies))}


async def listen(url: str) -> dict[str, object]:
    """Subscribe many clients to one book and count what they hear."""
    listeners = [Listener() for _ in range(LISTENERS)]
    subscription = b'{"method":"subscribe","subscription":{"type":"trades","coin":"nft:PUNKS"}}'
    for listener in listeners:
        transport = await upgraded(url, listener)
        transport.write(framed(subscription))
    await asyncio.sleep(WARM_S)
    before, began = sum(listener.frames for listener in listeners), time.perf_counter()
    await asyncio.sleep(LISTEN_S)
    frames = sum(listener.frames for listener in listeners) - before
    seconds = time.perf_counter() - began
    least = min(listener.frames for listener in listeners)
    return {"clients": LISTENERS, "deliveries_per_s": round(frames / seconds), "least_heard": least}


def percentiles(latencies: list[int]) -> dict[str, float]:
    """Return p50 and p99 [ms]."""
    if not latencies:
        return {}
    return {f"p{share}_ms": round(latencies[len(latencies) * share // 100] / 1e6, 2) for share in (50, 99)}


def main() -> None:
    what, url = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    if what == "listen":
        found = uvloop.run(listen(url))
    elif what == "steady":
        found = uvloop.run(steady(url, count))
    else:
        found = uvloop.run(drive(url, what, count))
    print(msgspec.json.encode(found).decode(), flush=True)


if __name__ == "__main__":
    main()
