"""A line between client and server that a test can cut: bytes go both ways until `cut`."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class Line:
    """Listens in front of a server; every connection to it becomes one to the server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None and parts.port is not None
        self._server = (parts.hostname, parts.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut(self) -> None:
        """End every connection, in the middle of whatever is being said."""
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Cut, and listen no more."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._ends += [client, server]
            for source, sink in ((client, server), (server, client)):
                thread = threading.Thread(target=_pass_on, args=(source, sink))
                thread.start()
                self._threads.append(thread)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass bytes on until one side ends; the reader of a socket closes it."""
    with source, contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def line_to(url: str) -> Iterator[Line]:
    """Lay a line to the server of `url` for the block."""
    line = Line(url)
    try:
        yield line
    finally:
        line.close()
