"""The way to the chain's node: what is passed on, what is not, and what a silent node leaves."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from floorbook.gateway import app, rpc
from floorbook.gateway.rpc import CALLS_MAX, METHODS, Node
from tests.core.engine.world import World
from tests.gateway.desk import Desk
from tests.gateway.paper_chain import PaperChain

SEEN: list[Any] = []


def node(request: httpx.Request) -> httpx.Response:
    """Answer every call with its own method."""
    calls = msgspec.json.decode(request.content)
    SEEN.append(calls)
    answers = [{"jsonrpc": "2.0", "id": call.get("id"), "result": call["method"]} for call in _listed(calls)]
    return httpx.Response(200, json=answers if isinstance(calls, list) else answers[0])


def _listed(calls: Any) -> list[Any]:
    return calls if isinstance(calls, list) else [calls]


@pytest.fixture(autouse=True)
def _unseen() -> None:
    SEEN.clear()


def ask(
    body: object,
    answer: Callable[[httpx.Request], httpx.Response] = node,
    may_ask: Callable[[], bool] = lambda: True,
) -> Any:
    """Return what goes back for a body: bytes, or what becomes JSON."""
    sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return msgspec.json.decode(
        asyncio.run(Node("http://node", httpx.MockTransport(answer)).answer(sent, may_ask))
    )


def call(method: str, *params: Any, number: int = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


@pytest.mark.parametrize("method", sorted(METHODS))
def test_what_a_visitor_needs_is_passed_on(method: str) -> None:
    assert ask(call(method, "0x1", "latest")) == {"jsonrpc": "2.0", "id": 1, "result": method}
    assert [call(method, "0x1", "latest")] == SEEN


def test_a_batch_is_answered_in_its_order() -> None:
    found = ask([call("eth_chainId", number=7), call("eth_blockNumber", number=8)])
    assert [(each["id"], each["result"]) for each in found] == [(7, "eth_chainId"), (8, "eth_blockNumber")]


@pytest.mark.parametrize(
    "method",
    ["anvil_setBalance", "evm_mine", "eth_sendTransaction", "eth_sign", "debug_traceCall", "eth_CALL", ""],
)
def test_what_would_rule_the_node_is_not(method: str) -> None:
    assert ask(call(method))["error"]["code"] == -32601
    assert ask([call("eth_chainId"), call(method, number=2)])["error"]["code"] == -32601
    assert SEEN == []


def test_a_key_said_twice_reaches_the_node_as_it_was_judged() -> None:
    """Readers differ in which of both they take."""
    ask(b'{"method":"anvil_reset","id":1,"method":"eth_chainId"}')
    assert [call("eth_chainId")] == SEEN
    assert ask(b'{"method":"eth_chainId","id":1,"method":"anvil_reset"}')["error"]["code"] == -32601


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700), (b"{", -32700), (b"\xff", -32700), (b"[" * 50_000, -32600), (b"7", -32600),
        (b"null", -32600), (b"[]", -32600), (b"[[]]", -32600), (b'{"id":1}', -32600),
        (b'{"method":7}', -32600),
        (b'{"method":"eth_chainId","jsonrpc":"1.0"}', -32600),
        (b'{"method":"eth_chainId","params":7}', -32600),
    ],
)  # fmt: skip
def test_what_is_no_call_is_refused(body: bytes, code: int) -> None:
    assert ask(body)["error"]["code"] == code
    assert SEEN == []


def test_batches_have_an_end() -> None:
    assert len(ask([call("eth_chainId")] * CALLS_MAX)) == CALLS_MAX
    assert ask([call("eth_chainId")] * (CALLS_MAX + 1))["error"]["code"] == -32600


def test_every_call_of_a_batch_counts_as_a_request() -> None:
    left = iter([True, False])
    assert ask([call("eth_chainId")] * 2, may_ask=lambda: next(left))[1]["result"] == "eth_chainId"
    refused = ask([call("eth_chainId")] * 2, may_ask=lambda: False)
    assert refused["error"] == {"code": -32005, "message": "Too many requests; try again in a moment."}


# ---- as a route ------------------------------------------------------------------------------------


def post(desk: Desk, times: int) -> list[httpx.Response]:
    """Post a batch of two calls so many times, as a stranger does."""

    async def whole() -> list[httpx.Response]:
        door = app.create(desk.gateway)
        transport = httpx.ASGITransport(door, client=("203.0.113.7", 4_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://floorbook") as client:
            told = [await client.post("/rpc", json=[call("eth_chainId")] * 2) for _ in range(times)]
        for close in desk.gateway.at_end:
            await close()
        return told

    return asyncio.run(whole())


def test_without_a_chain_there_is_no_way(desk: Desk) -> None:
    assert [answer.status_code for answer in post(desk, 1)] == [404]


def test_a_batch_takes_as_many_requests_as_it_has_calls(world: World) -> None:
    desk = Desk(world, ip_burst=3, ip_per_minute=1)
    desk.gateway.chain = PaperChain("http://127.0.0.1:1")  # nobody is there
    first, second, third = post(desk, 3)
    assert [each["error"]["code"] for each in first.json()] == [-32000, -32000]
    assert second.json()["error"]["code"] == -32005
    assert third.status_code == 429


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("too long")


def html(request: httpx.Request) -> httpx.Response:
    return httpx.Response(502, text="<h1>Bad gateway</h1>")


def endless(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b" " * (rpc.ANSWER_BYTES_MAX + 1))


@pytest.mark.parametrize("answer", [down, slow, html, endless])
def test_a_node_that_fails_is_told_as_an_error_of_the_call(
    answer: Callable[[httpx.Request], httpx.Response],
) -> None:
    error = {"code": -32000, "message": "The chain's node does not answer; try again in a moment."}
    assert ask(call("eth_chainId"), answer) == {"jsonrpc": "2.0", "id": 1, "error": error}
    both = ask([call("eth_chainId", number=3), call("net_version", number=4)], answer)
    assert [each["id"] for each in both] == [3, 4]


def test_a_nodes_own_error_comes_back_as_it_is() -> None:
    told = {"jsonrpc": "2.0", "id": 1, "error": {"code": 3, "message": "execution reverted", "data": "0x"}}
    assert ask(call("eth_call", {}), lambda request: httpx.Response(200, json=told)) == told
