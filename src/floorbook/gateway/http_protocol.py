"""uvicorn's HTTP protocol, for clients who are slow, endless or many.

    a head (request line and headers)   10 s and 64 KiB, then the line is cut
    connections of one client           a bound of the options, beside that of WebSockets

Bodies have the guard's limits.  Without these a few lines that never end would hold every file descriptor.
Spec: docs/api.md, "Security"
"""

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from floorbook.gateway.gateway import Options

HEAD_SECONDS_MAX = 10.0
HEAD_BYTES_MAX = 65_536
LOOPBACK = ("127.", "::1", "::ffff:127.")


class HttpProtocol(HttpToolsProtocol):
    """One connection; `bounded` makes the class that uvicorn gets."""

    open_ones: Counter[str]  # by client
    options: Options

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._counted = self._counts_as()
        if self._counted:
            self.open_ones[self._counted] += 1
            if self.open_ones[self._counted] > self.options.connections_per_ip:
                transport.abort()
                return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # What follows an answer is the next head, whether it begins with a request line or with nothing.
        if self._deadline is None and getattr(self.cycle, "response_complete", False):
            self._expect_head()
        super().data_received(data)
        if self._deadline is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self.transport.abort()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        self._forget()
        super().handle_websocket_upgrade()

    def _counts_as(self) -> str:
        """Return whom the limit counts; "" for one who has none."""
        address = self.client[0] if self.client else ""
        is_own = address.startswith(LOOPBACK) and not self.options.limits_loopback
        return "" if is_own or self.options.is_behind_proxy else address

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS_MAX, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _forget(self) -> None:
        self._stop_waiting()
        if self._counted:
            self.open_ones[self._counted] -= 1
            if not self.open_ones[self._counted]:
                del self.open_ones[self._counted]
            self._counted = ""


def bounded(options: Options) -> type[HttpProtocol]:
    """Return the protocol of a server that is run so."""
    members: dict[str, Any] = {"open_ones": Counter(), "options": options}
    return type("BoundedHttpProtocol", (HttpProtocol,), members)
