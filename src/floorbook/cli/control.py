"""How the operator reaches an exchange that is open: a socket in its directory, a JSON line each way.

Whoever may write to the directory is the operator: the socket is readable by its owner only.  Requests
are served between two market minutes on the exchange's own thread, so there is still one writer.
"""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from floorbook.errors import ConfigError

LINE_BYTES_MAX = 65_536
LOOK_EVERY_S = 0.2
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


class Control:
    """The exchange's end of the socket."""

    def __init__(self, path: Path, serve: Callable[[Request], Answer], stop: threading.Event) -> None:
        self._path = path
        self._serve = serve
        self._stop = stop
        path.unlink(missing_ok=True)  # the journal's lock says that no other exchange is open here
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen()

    def wait(self, seconds: float) -> bool:
        """Serve requests for so long; return whether the exchange is to stop."""
        until = time.monotonic() + seconds
        while not self._stop.is_set():
            left = until - time.monotonic()
            self._socket.settimeout(max(0.001, min(left, LOOK_EVERY_S)))
            try:
                client, _ = self._socket.accept()
            except TimeoutError:
                if left <= 0:
                    break
                continue
            with client:
                self._answer(client)
        return self._stop.is_set()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _answer(self, client: socket.socket) -> None:
        client.settimeout(1.0)
        try:
            request = msgspec.json.decode(_line(client), type=Request)
            client.sendall(msgspec.json.encode(self._serve(request)) + b"\n")
        except (OSError, msgspec.MsgspecError) as fault:
            # A client that hangs up or speaks otherwise harms nobody but itself.
            _try_to_tell(client, str(fault))


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


def _try_to_tell(client: socket.socket, fault: str) -> None:
    try:
        client.sendall(msgspec.json.encode(Answer(False, [fault])) + b"\n")
    except OSError:
        return
