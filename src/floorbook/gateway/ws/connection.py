"""One client: what it listens to, and how much it may say."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from floorbook.gateway.ws.protocol import OUTBOX_FRAMES_MAX, FrameProtocol, framed
from floorbook.gateway.ws.requests import AnySubscription

SUBSCRIPTIONS_MAX = 1_000
MESSAGES_A_MINUTE_MAX = 2_000  # posts have their own limits, by address
POSTS_MAX = 256  # on their way at once
POLICY, INTERNAL, TRY_AGAIN_LATER = 1008, 1011, 1013
TOO_SLOW = "too slow: reconnect and resume each l2Diff from its last seq"
MINUTE_S = 60.0


class Connection:
    """A client's socket."""

    def __init__(self, socket: FrameProtocol, may_ask: Callable[[], bool] = lambda: True) -> None:
        self.may_ask = may_ask  # takes a request of the client's address, if it has one left
        self.subscriptions: dict[AnySubscription, None] = {}
        self.posts: dict[asyncio.Task[None], None] = {}
        self._socket = socket
        self._held: list[bytes] | None = None
        self._minute, self._messages = 0, 0

    def write(self, frame: bytes) -> None:
        """Send a framed message, behind what is being answered; a client that does not read is dropped."""
        if self._held is None:
            self._write(frame)
        elif len(self._held) < OUTBOX_FRAMES_MAX:
            self._held.append(frame)
        else:
            self.close(TRY_AGAIN_LATER, TOO_SLOW)

    def answer(self, payload: bytes) -> None:
        """Send a message to this client only, in front of what is held back."""
        self._write(framed(payload))

    def hold(self) -> None:
        """Keep what comes from now on back: a snapshot goes first."""
        assert self._held is None
        self._held = []

    def release(self) -> None:
        """Send what was held back."""
        held, self._held = self._held or [], None
        for frame in held:
            self._write(frame)

    def may_speak(self) -> bool:
        """Count a message; False if there were too many in this minute."""
        minute = int(time.monotonic() // MINUTE_S)
        if minute != self._minute:
            self._minute, self._messages = minute, 0
        self._messages += 1
        return self._messages <= MESSAGES_A_MINUTE_MAX

    def start(self, post: Coroutine[Any, Any, None]) -> None:
        """Let a post run beside what the client says next."""
        task = asyncio.get_running_loop().create_task(post)
        self.posts[task] = None
        task.add_done_callback(self.posts.pop)

    def close(self, code: int, reason: str) -> None:
        """End the connection."""
        self._socket.drop(code, reason)

    def _write(self, frame: bytes) -> None:
        if not self._socket.write_frame(frame):
            self.close(TRY_AGAIN_LATER, TOO_SLOW)
