"""How the operator reaches an exchange that is open: a socket in its directory, a JSON line each way.

Whoever may write to the directory is the operator: the socket is readable by its owner only.  Requests
are served on the exchange's own loop, so there is still one writer, and answered once they are durable.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from floorbook.errors import ConfigError

LINE_BYTES_MAX = 65_536
PATIENCE_S = 1.0  # with a client that says nothing
ANSWER_WITHIN_S = 120.0


class Request(msgspec.Struct, frozen=True):
    """What the operator asks, in the words of the command line; `text` is a file's content."""

    verb: str
    words: list[str] = []
    text: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What became of it, in lines to print."""

    is_done: bool
    lines: list[str]


Serve = Callable[[Request], Answer]


class Control:
    """The exchange's end of the socket."""

    def __init__(self, path: Path, serve: Serve, settled: Callable[[], Awaitable[None]]) -> None:
        self._path = path
        self._serve = serve
        self._settled = settled

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set."""
        self._path.unlink(missing_ok=True)  # the journal's lock says that no other exchange is open here
        server = await asyncio.start_unix_server(self._answer, self._path, limit=LINE_BYTES_MAX)
        self._path.chmod(0o600)
        async with server:
            await stop.wait()
        self._path.unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request; a client that hangs up or speaks otherwise harms nobody but itself."""
        try:
            line = await asyncio.wait_for(reader.readline(), PATIENCE_S)
            answer = self._serve(msgspec.json.decode(line, type=Request))
            await self._settled()
        except (OSError, TimeoutError, ValueError, msgspec.MsgspecError) as fault:
            answer = Answer(False, [str(fault)])
        writer.write(msgspec.json.encode(answer) + b"\n")
        writer.close()


def ask(path: Path, request: Request) -> Answer:
    """Send a request to the exchange that listens at `path`; raises ConfigError if none does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(ANSWER_WITHIN_S)
        try:
            client.connect(str(path))
            client.sendall(msgspec.json.encode(request) + b"\n")
            return msgspec.json.decode(_line(client), type=Answer)
        except (OSError, msgspec.MsgspecError) as fault:
            raise ConfigError(
                f"no exchange answers at {path} ({fault}); start one: floorbook serve"
            ) from fault


def _line(peer: socket.socket) -> bytes:
    """Return what the peer sends up to a newline."""
    received = b""
    while not received.endswith(b"\n") and len(received) < LINE_BYTES_MAX:
        piece = peer.recv(4096)
        if not piece:
            break
        received += piece
    return received
