"""uvicorn's WebSocket protocol, which also writes messages that were framed once for all who get them.

A server's frames are not masked, so one message is the same bytes for every client; what is left to do for
each is one `transport.write`.  ASGI would frame it anew and await for each client.

    0x81 | length, 7 bits | payload                  a whole text message below 126 bytes
    0x81 | 126 | length, 2 bytes | payload           below 64 KiB
    0x81 | 127 | length, 8 bytes | payload           RFC 6455 §5.2

The outbox of a client is its transport's buffer.  It is bounded: who does not read is told so and left.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

EXTENSION = "floorbook.frames"
FIN_TEXT = 0x81
OUTBOX_BYTES_MAX = 2**20
OUTBOX_FRAMES_MAX = 8_192  # since the client stopped reading
TRY_AGAIN_LATER = 1013
GOODBYE_S = 5.0  # for the close frame to be read, behind all that waits before it


class FrameProtocol(WebSocketsSansIOProtocol):
    """One connection; give it to uvicorn as `ws`."""

    waiting_frames = 0

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = {"socket": self}
        await super().run_asgi()

    @property
    def is_open(self) -> bool:
        """Whether frames can be written."""
        return self.conn.state is State.OPEN and not self.close_sent and not self.transport.is_closing()

    def write_frame(self, frame: bytes) -> bool:
        """Write a framed message; False if the client reads too slowly to get any more."""
        if not self.is_open:
            return True  # whoever owns the connection is about to learn that it is over
        if self.writable.is_set():
            self.waiting_frames = 0
        else:
            self.waiting_frames += 1
            waiting = self.transport.get_write_buffer_size() + len(frame)
            if waiting > OUTBOX_BYTES_MAX or self.waiting_frames > OUTBOX_FRAMES_MAX:
                return False
        self.transport.write(frame)
        return True

    def handle_ping(self) -> None:
        # Who pings without reading the answers would fill the outbox as well.
        if self.transport.get_write_buffer_size() > OUTBOX_BYTES_MAX:
            self.drop(TRY_AGAIN_LATER, "too slow")
        else:
            super().handle_ping()

    def drop(self, code: int, reason: str) -> None:
        """Close without waiting for anybody: say so, and cut the line if that is not read either."""
        if not self.is_open:
            return
        self.stop_keepalive()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_timer = self.loop.call_later(GOODBYE_S, self.transport.abort)
        self.transport.close()


def framed(payload: bytes) -> bytes:
    """Return a whole text message as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((FIN_TEXT, size)) + payload
    if size < 2**16:
        return bytes((FIN_TEXT, 126)) + size.to_bytes(2) + payload
    return bytes((FIN_TEXT, 127)) + size.to_bytes(8) + payload
