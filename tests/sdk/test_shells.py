"""Both shells on a real socket: a server that hangs up, forgets to answer, limits, and drops streams."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from websockets.sync.server import Server, ServerConnection, serve

from floorbook.sdk import AsyncClient, Client, TooManyRequests, Unreachable
from floorbook.sdk.book import Book
from floorbook.sdk.errors import AnswerLost, BadAnswer, BadRequest, SdkError
from floorbook.sdk.session import BookChanged, Reconnected
from floorbook.sdk.stream import AsyncStream, Stream
from floorbook.sdk.subscriptions import Subscription
from floorbook.sdk.subscriptions import book as book_of
from tests.sdk.scripted import SECRET, VENUE, order_state, statuses

Script = Callable[[str, Any], tuple[int, dict[str, str], bytes] | None]


@contextlib.contextmanager
def server(script: Script) -> Iterator[str]:
    """Serve what `script` says of path and body; None hangs up without an answer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = script(self.path, said)
            if answer is None:
                self.close_connection = True
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def ok(body: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(body).encode()


def both(url: str, do: Callable[[Any], Any], key: bytes | None = None) -> list[Any]:
    """Do the same with both clients and return what came of it, exceptions as well."""

    async def awaited() -> Any:
        async with AsyncClient(url, key) as client:
            return await do(client)

    found: list[Any] = []
    with Client(url, key) as client:
        for run in (lambda: do(client), lambda: asyncio.run(awaited())):
            try:
                found.append(run())
            except SdkError as fault:
                found.append(fault)
    return found


def test_both_read_the_same() -> None:
    with server(lambda path, body: ok(VENUE)) as url:
        blocking, awaited = both(url, lambda client: client.markets())
    assert blocking == awaited
    assert blocking[0].coin == "nft:PUNKS"


def test_a_question_is_asked_again_an_action_is_not() -> None:
    asked: list[str] = []

    def script(path: str, body: Any) -> tuple[int, dict[str, str], bytes] | None:
        asked.append(body.get("type") or body["action"]["type"])
        if asked[-1] == "venue":
            return ok(VENUE) if asked.count("venue") % 2 == 0 else None
        return None

    with server(script) as url:
        found = both(url, lambda client: client.pledge("PUNKS", 1), SECRET)
    assert all(isinstance(fault, AnswerLost) for fault in found)
    assert asked == ["venue", "venue", "pledgeToken"] * 2


def test_an_order_whose_answer_was_cut_off_is_found() -> None:
    def script(path: str, body: Any) -> tuple[int, dict[str, str], bytes] | None:
        if path == "/exchange":
            return None
        return ok({"venue": VENUE, "orderStatus": order_state("0x01")}[body["type"]])

    with server(script) as url:
        found = both(url, lambda client: client.place("PUNKS", "buy", 1, 30), SECRET)
    assert [placed.order for placed in found] == [7, 7]


def test_limits_say_how_long_to_wait() -> None:
    with server(lambda path, body: (429, {"retry-after": "7"}, b"Too many requests")) as url:
        found = both(url, lambda client: client.venue())
    assert all(isinstance(fault, TooManyRequests) and fault.retry_after == 7 for fault in found)


@pytest.mark.parametrize(
    ("answer", "error"),
    [((422, {}, b"Unknown type venue."), BadRequest), ((200, {}, b"<html>hello"), BadAnswer)],
)
def test_another_server_or_version_is_recognised(answer: Any, error: type[Exception]) -> None:
    with server(lambda path, body: answer) as url:
        found = both(url, lambda client: client.venue())
    assert all(isinstance(fault, error) for fault in found)


def test_nobody_there() -> None:
    found = both("http://127.0.0.1:9", lambda client: client.venue())
    assert all(isinstance(fault, Unreachable) and "is it running?" in str(fault) for fault in found)
    assert not any(isinstance(fault, AnswerLost) for fault in found)


def test_a_batch_through_a_real_socket() -> None:
    def script(path: str, body: Any) -> tuple[int, dict[str, str], bytes]:
        return ok(statuses({"resting": {"oid": 3}}) if path == "/exchange" else VENUE)

    with server(script) as url:
        found = both(url, lambda client: client.place("PUNKS", "buy", 1, 30), SECRET)
    assert [placed.order for placed in found] == [3, 3]


# ---- streams ------------------------------------------------------------------------------------


def diff(seq: int, prev_seq: int | None) -> str:
    data = {
        "coin": "nft:PUNKS", "time": 1, "seq": seq, "prevSeq": prev_seq, "isSnapshot": prev_seq is None,
        "bids": [[str(seq), "1", 1]], "asks": [],
    }  # fmt: skip
    return json.dumps({"channel": "l2Diff", "data": data})


class Dropping:
    """Sends seq 1 to 3, drops the line while 4 and 5 happen, and replays them to who says where he was."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def serve(self, connection: ServerConnection) -> None:
        said = json.loads(connection.recv())
        self.heard.append(said["subscription"])
        since = said["subscription"].get("from")
        if since is None:
            for seq in (1, 2, 3):
                connection.send(diff(seq, seq - 1 if seq > 1 else None))
            connection.close()
            return
        for seq in range(since + 1, 6):
            connection.send(diff(seq, seq - 1))
        for _ in connection:  # until the client leaves
            pass


@contextlib.contextmanager
def socket_server(handler: Callable[[ServerConnection], None]) -> Iterator[str]:
    listening: Server = serve(handler, "127.0.0.1", 0)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.socket.getsockname()[1]}"
    finally:
        listening.shutdown()
        thread.join()


def follow(url: str) -> list[Any]:
    """Return what a blocking stream tells until the book is at 5."""
    told: list[Any] = []
    with Stream(url, lambda: [book_of("nft:PUNKS")], seconds=20) as stream:
        for update in stream:
            told.append(update)
            if stream.book("nft:PUNKS").seq == 5:
                break
        told.append(stream.book("nft:PUNKS"))
    return told


async def follow_async(url: str) -> list[Any]:
    async def resolve() -> list[Subscription]:
        return [book_of("nft:PUNKS")]

    told: list[Any] = []
    async with AsyncStream(url, resolve, seconds=20) as stream:
        async for update in stream:
            told.append(update)
            if stream.book("nft:PUNKS").seq == 5:
                break
        told.append(stream.book("nft:PUNKS"))
    return told


@pytest.mark.parametrize("run", [follow, lambda url: asyncio.run(follow_async(url))])
def test_a_dropped_stream_comes_back_and_its_book_has_no_gap(run: Callable[[str], list[Any]]) -> None:
    dropping = Dropping()
    with socket_server(dropping.serve) as url:
        *told, book = run(url)
    assert [heard.get("from") for heard in dropping.heard] == [None, 3]
    assert [type(update) for update in told] == [BookChanged] * 3 + [Reconnected] + [BookChanged] * 2
    assert isinstance(book, Book)
    assert [level.price for level in book.bids()] == [5, 4, 3, 2, 1]


def test_a_stream_ends_in_time() -> None:
    with socket_server(lambda connection: [None for _ in connection] and None) as url:
        with Stream(url, lambda: [book_of("nft:PUNKS")], seconds=0.2) as stream:
            assert list(stream) == []
        with Stream(url, list, seconds=None) as stream:
            assert stream.next(seconds=0.1) is None


def test_no_stream_without_an_exchange() -> None:
    with pytest.raises(Unreachable, match="no stream from"), Stream("http://127.0.0.1:9", list, seconds=1):
        pass
