"""POST /rpc: the chain's node for whoever has none, so that the page talks to its own origin only.

What reads the chain and what sends a signed transaction is passed on, one by one or as a batch; each call
of a batch takes from its client's requests.  What the node answers is passed back as it is.
Spec: docs/api.md, "The chain"
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from floorbook.gateway.guard import MAY_ASK

METHODS = frozenset({
    "eth_blockNumber", "eth_call", "eth_chainId", "eth_estimateGas", "eth_feeHistory", "eth_gasPrice",
    "eth_getBalance", "eth_getBlockByNumber", "eth_getLogs", "eth_getTransactionByHash",
    "eth_getTransactionCount", "eth_getTransactionReceipt", "eth_maxPriorityFeePerGas",
    "eth_sendRawTransaction", "net_version", "web3_clientVersion",
})  # fmt: skip
CALLS_MAX = 50  # of one batch
ANSWER_BYTES_MAX = 4 * 2**20
SECONDS_MAX = 10.0
AT_ONCE_MAX = 32  # requests on their way to the node

PARSE, INVALID, UNKNOWN, UNAVAILABLE, LIMIT = -32700, -32600, -32601, -32000, -32005


class Call(msgspec.Struct, frozen=True):
    """One call of JSON-RPC 2.0; the node is sent this, never the client's own bytes.

    Of a key said twice the node might read the other one.
    """

    method: str
    params: list[Any] | dict[str, Any] = msgspec.field(default_factory=list)
    id: int | str | None = None
    jsonrpc: Literal["2.0"] = "2.0"


class Failed(msgspec.Struct, frozen=True):
    """Why a call was not answered."""

    code: int
    message: str


class Answer(msgspec.Struct, frozen=True):
    """An answer that does not come from the node."""

    error: Failed
    id: int | str | None
    jsonrpc: str = "2.0"


_one, _many = msgspec.json.Decoder(Call), msgspec.json.Decoder(list[Call])


class Node:
    """The way to the chain's node."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._http = httpx.AsyncClient(timeout=SECONDS_MAX, transport=transport, trust_env=False)
        self._places = asyncio.Semaphore(AT_ONCE_MAX)

    async def serve(self, request: Request) -> Response:
        """Answer one request; an error is a JSON-RPC error, with HTTP 200."""
        body = await self.answer(await request.body(), request.scope.get(MAY_ASK, _always))
        return Response(body, media_type="application/json")

    async def close(self) -> None:
        """Leave the node."""
        await self._http.aclose()

    async def answer(self, body: bytes, may_ask: Callable[[], bool]) -> bytes:
        """Return what goes back; `may_ask` is asked for every call of a batch beyond the first."""
        is_batch = body.lstrip()[:1] == b"["
        try:
            calls = _many.decode(body) if is_batch else [_one.decode(body)]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            is_json = isinstance(fault, msgspec.ValidationError)
            return _failed(INVALID if is_json else PARSE, f"This is no JSON-RPC call: {fault}")
        if refusal := _refusal(calls, may_ask):
            return refusal
        try:
            async with self._places:
                return await self._pass_on(msgspec.json.encode(calls if is_batch else calls[0]))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            text = "The chain's node does not answer; try again in a moment."
            answers = [Answer(Failed(UNAVAILABLE, text), call.id) for call in calls]
            return msgspec.json.encode(answers if is_batch else answers[0])

    async def _pass_on(self, body: bytes) -> bytes:
        """Return the node's own words; raises ValueError if they are too many, or no JSON."""
        pieces, size = [], 0
        head = {"content-type": "application/json"}
        async with self._http.stream("POST", self._url, content=body, headers=head) as told:
            async for piece in told.aiter_bytes():
                size += len(piece)
                if size > ANSWER_BYTES_MAX:
                    raise ValueError("the node's answer is too long")
                pieces.append(piece)
        whole = b"".join(pieces)
        msgspec.json.decode(whole, type=msgspec.Raw)  # its proxy may have answered in HTML
        return whole


def _refusal(calls: list[Call], may_ask: Callable[[], bool]) -> bytes:
    """Return why none of the calls is passed on, b"" if all are."""
    if not 0 < len(calls) <= CALLS_MAX:
        return _failed(INVALID, f"A batch has 1 to {CALLS_MAX} calls.")
    for call in calls:
        if call.method not in METHODS:
            text = f"{call.method[:40]!r} is not passed on. There are {', '.join(sorted(METHODS))}."
            return _failed(UNKNOWN, text, call.id)
    if not all(may_ask() for _ in calls[1:]):
        return _failed(LIMIT, "Too many requests; try again in a moment.", calls[0].id)
    return b""


def _failed(code: int, text: str, call: int | str | None = None) -> bytes:
    return msgspec.json.encode(Answer(Failed(code, text), call))


def _always() -> bool:
    return True
