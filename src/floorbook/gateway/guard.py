"""What every request meets first: who comes too often, what is too large or too slow, and safe headers.

One ASGI layer around the routes.  A client is an IP address (IPv6: its /64), taken from the proxy's last
X-Forwarded-For only where the operator says that a proxy stands in front; loopback has no limit unless so.
"""

import asyncio
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from floorbook.gateway.buckets import Buckets
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.metrics import Metrics

BODY_BYTES_MAX = 262_144
BODY_SECONDS_MAX = 10.0
V6_SITE_BYTES = 8  # a /64 is one household's
HEADERS = {
    "content-security-policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
MAY_ASK = "floorbook.may_ask"  # in a scope: takes a request of its client, if it has one left
HSTS = "max-age=31536000"


class Guard:
    """Refuses what comes too often or is too large, before any route sees it."""

    def __init__(self, app: ASGIApp, gateway: Gateway, metrics: Metrics) -> None:
        self._app = app
        self._options = options = gateway.options
        self._metrics = metrics
        self._requests = Buckets(options.ip_burst, options.ip_per_minute)
        self._sockets: dict[str, int] = {}  # open ones by client
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        if options.tls_certificate:
            self._headers.append((b"strict-transport-security", HSTS.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = self._client(scope)
        if scope["type"] == "websocket":
            await self._socket(client, scope, receive, send)
        elif client and not self._requests.take(client, 1, time.monotonic_ns()):
            wait = self._requests.waits_ms(client, 1, time.monotonic_ns())
            await self._refuse(send, 429, f"Too many requests; try again in {wait} ms.", wait)
        elif _told_bytes(scope) > BODY_BYTES_MAX:
            await self._refuse(send, 413, f"The body is larger than {BODY_BYTES_MAX} bytes.")
        else:
            scope[MAY_ASK] = self._asks(client)
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, then let the routes answer."""
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                body = await _body(receive)
        except TimeoutError:
            await self._refuse(send, 408, f"The body took longer than {BODY_SECONDS_MAX:.0f} s.")
            return
        if body is None:
            await self._refuse(send, 413, f"The body is larger than {BODY_BYTES_MAX} bytes.")
            return
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        try:
            await self._app(scope, _replay(body, receive), answer)
        finally:
            self._metrics.answered(scope["path"], status)

    async def _socket(self, client: str, scope: Scope, receive: Receive, send: Send) -> None:
        open_now = self._sockets.get(client, 0)
        if client and open_now >= self._options.sockets_per_ip:
            await send({"type": "websocket.close", "code": 1013, "reason": "too many connections"})
            return
        self._sockets[client] = open_now + 1
        # A request over a socket is a request: it takes from the same bucket.
        scope[MAY_ASK] = self._asks(client)
        try:
            await self._app(scope, receive, send)
        finally:
            self._sockets[client] -= 1
            if not self._sockets[client]:
                del self._sockets[client]

    def _asks(self, client: str) -> Callable[[], bool]:
        return lambda: not client or self._requests.take(client, 1, time.monotonic_ns())

    def _client(self, scope: Scope) -> str:
        """Return whom the limits count; "" for one who has none."""
        address = scope["client"][0] if scope.get("client") else ""
        if self._options.is_behind_proxy:
            forwarded = Headers(scope=scope).getlist("x-forwarded-for")
            address = forwarded[-1].rpartition(",")[2].strip() if forwarded else address
        try:
            found = ip_address(address)
        except ValueError:
            return address
        if found.is_loopback and not self._options.limits_loopback:
            return ""
        return found.packed[:V6_SITE_BYTES].hex() if isinstance(found, IPv6Address) else address

    async def _refuse(self, send: Send, status: int, text: str, wait_ms: int = 0) -> None:
        self._metrics.refused(status)
        headers = MutableHeaders(raw=list(self._headers))
        headers["content-type"] = "text/plain; charset=utf-8"
        headers["connection"] = "close"  # what is left of its body is not read
        if wait_ms:
            headers["retry-after"] = str(-(-wait_ms // 1_000))
        await send({"type": "http.response.start", "status": status, "headers": headers.raw})
        await send({"type": "http.response.body", "body": text.encode()})


async def _body(receive: Receive) -> bytes | None:
    """Return a request's whole body; None if it is too large."""
    pieces, size, is_whole = [], 0, False
    while not is_whole:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size > BODY_BYTES_MAX:
            return None
        pieces.append(piece)
        is_whole = message["type"] == "http.disconnect" or not message.get("more_body", False)
    return b"".join(pieces)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body at once, and after it whatever else comes."""
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _told_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else BODY_BYTES_MAX + 1
    return 0
