"""A stranger's lines to a running server: slow, endless, many, or never read.  docs/api.md, "Security" """

import base64
import contextlib
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from floorbook.gateway import http_protocol
from floorbook.gateway.ws.protocol import OUTBOX_BYTES_MAX
from tests.gateway.live import Venue, live
from tests.gateway.ws.client import Client

TEXT, BINARY, CONTINUED, PING, FIN = 1, 2, 0, 9, 0x80


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    place: Path = tmp_path_factory.mktemp("venue")
    with live(place, limits_loopback=True, connections_per_ip=20, ip_burst=300, ip_per_minute=1_200) as venue:
        yield venue


def line(venue: Venue) -> socket.socket:
    """Open a connection."""
    place = urlsplit(venue.url)
    return socket.create_connection((place.hostname, place.port), timeout=10)


def is_answered(venue: Venue) -> bool:
    """Whether somebody else is still served; he waits for a free connection if he must."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{venue.url}/health").status_code == 200:
                return True
        time.sleep(0.1)
    return False


def is_cut(open_line: socket.socket, send: bytes = b"", tries: int = 60) -> bool:
    """Whether the server ends the connection while we go on sending."""
    open_line.settimeout(0.1)
    for _ in range(tries):
        try:
            if send:
                open_line.sendall(send)
            if not open_line.recv(65_536):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def upgraded(venue: Venue) -> socket.socket:
    """Open a WebSocket by hand."""
    open_line = line(venue)
    key = base64.b64encode(os.urandom(16))
    open_line.sendall(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
    )
    assert open_line.recv(4_096).startswith(b"HTTP/1.1 101")
    return open_line


def frame(kind: int, payload: bytes) -> bytes:
    """Return a client's frame, masked with zeros."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", kind, 0x80 | size)
    elif size < 2**16:
        head = struct.pack("!BBH", kind, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", kind, 0x80 | 127, size)
    return head + bytes(4) + payload


# ---- HTTP --------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"POST /info HT", b"POST /info HTTP/1.1\r\nHost: x\r\nA: "])
def test_head_that_never_ends_is_cut(venue: Venue, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS_MAX", 0.3)
    with line(venue) as open_line:
        open_line.sendall(begun)
        assert is_cut(open_line, begun[:1] and b"\r\n"[:2] if begun == b"\r\n" else b"")
    with line(venue) as open_line:  # nor does a first request buy time for the second
        open_line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert open_line.recv(4_096).startswith(b"HTTP/1.1 200")
        open_line.sendall(begun or b"G")
        assert is_cut(open_line)
    assert is_answered(venue)


def test_endless_header_is_cut(venue: Venue) -> None:
    with line(venue) as open_line:
        open_line.sendall(b"POST /info HTTP/1.1\r\nHost: x\r\nA: ")
        assert is_cut(open_line, b"a" * 20_000)
    assert is_answered(venue)


def test_connections_of_one_address_are_bounded(venue: Venue) -> None:
    with contextlib.ExitStack() as lines:
        many = [lines.enter_context(line(venue)) for _ in range(60)]
        time.sleep(0.5)
        cut = sum(is_cut(each, tries=1) for each in many)
        assert 40 <= cut < 60
    assert is_answered(venue)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Length : 5\r\n", b"Transfer-Encoding : chunked\r\n",
    ],
)  # fmt: skip
def test_request_that_two_readers_would_end_differently(venue: Venue, head: bytes) -> None:
    """Smuggling: what follows an ambiguous head must not be served as a second request."""
    with line(venue) as open_line:
        open_line.sendall(
            b"POST /info HTTP/1.1\r\nHost: x\r\n"
            + head
            + b"\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        open_line.settimeout(1)
        heard = b""
        with contextlib.suppress(OSError):
            while part := open_line.recv(65_536):
                heard += part
    assert b"floorbook_http" not in heard
    assert heard[9:12] in (b"400", b"413", b"422", b"")
    assert is_answered(venue)


@pytest.mark.parametrize(
    "path", ["/assets/../app.py", "/assets/..%2f..%2fgateway/app.py", "/assets/%2e%2e/errors.py",
             "/assets//etc/passwd", "/..%5c..%5cetc/passwd", "/assets/%00"],
)  # fmt: skip
def test_no_path_leads_out_of_the_page(venue: Venue, path: str) -> None:
    with line(venue) as open_line:
        open_line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = open_line.recv(4_096)
    assert answer[9:12] in (b"404", b"400"), answer[:200]


# ---- WebSocket ---------------------------------------------------------------------------------


def test_who_pings_and_never_reads_is_left(venue: Venue) -> None:
    with upgraded(venue) as open_line:
        open_line.settimeout(5)
        pings = frame(FIN | PING, b"x" * 125) * 500
        sent, is_left = 0, False
        while sent < 20 * OUTBOX_BYTES_MAX and not is_left:
            try:
                sent += open_line.send(pings)
            except OSError:
                is_left = True
        assert is_left
    assert is_answered(venue)


def test_frames_that_are_no_message(venue: Venue) -> None:
    """Too large, in pieces that are too large together, binary, no UTF-8: an error, or the end."""
    for said in (
        frame(FIN | TEXT, b"x" * 2**20),
        frame(TEXT, b"x" * 40_000) + frame(CONTINUED, b"x" * 20_000) + frame(FIN | CONTINUED, b"x" * 20_000),
        frame(FIN | 3, b"x"), frame(FIN | CONTINUED, b"x"), frame(FIN | TEXT, b"\xff"),
        frame(0x70 | FIN | TEXT, b"{}"),
    ):  # fmt: skip
        with upgraded(venue) as open_line, contextlib.suppress(OSError):
            open_line.sendall(said)
            open_line.settimeout(5)
            assert open_line.recv(4_096)[:1] in (b"\x88", b"")
    with Client(venue.url) as client:
        client.say(b'{"method":"ping"}')
        assert "Error parsing" in client.hear("error")
    assert is_answered(venue)


def test_nested_subscription_is_answered(venue: Venue) -> None:
    with Client(venue.url) as client:
        for depth in (500, *range(940, 1_000, 5), 5_000):
            nested = "[" * depth + "]" * depth
            client.say(f'{{"method":"subscribe","subscription":{{"type":"bbo","coin":"no","x":{nested}}}}}')
            assert client.hear("error")
            request = f'{{"type":"info","payload":{{"type":"no","x":{nested}}}}}'
            client.say(f'{{"method":"post","id":1,"request":{request}}}')
            client.next()
        client.say({"method": "ping"})
        client.hear("pong")


def test_posts_have_the_limit_of_requests(venue: Venue) -> None:
    """Else the same questions over a socket would be free."""
    with Client(venue.url) as client:
        for number in range(400):
            client.say(
                {"method": "post", "id": number, "request": {"type": "info", "payload": {"type": "meta"}}}
            )
        answers = [client.hear("post")["response"] for _ in range(400)]
    refused = [answer for answer in answers if answer == {"type": "error", "payload": "Too many requests"}]
    assert 0 < len(refused) < 400
    assert is_answered(venue)
