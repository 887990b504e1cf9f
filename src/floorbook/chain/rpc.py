"""JSON-RPC to a node of the chain: questions in batches, answers in Python's words.

    flow -> POST of one or many calls -> their results -> flow -> ... -> result

Every operation is written once as a flow (sdk/flow.py): `Rpc` runs it on a blocking connection, `AsyncRpc`
on an event loop.  Hashes, addresses and data are bytes, quantities int; the node's own answers stay JSON.
Spec: https://ethereum.org/en/developers/docs/apis/json-rpc/
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import httpx
import msgspec

from floorbook.errors import ChainError, RpcRefused, RpcUnavailable
from floorbook.sdk import flow as flows
from floorbook.sdk.flow import RESTED, Answer, Call, Flow, Pause, operation

T = TypeVar("T")
Request = tuple[str, Sequence[object]]  # method, parameters
Block = int | str  # a number, or "latest", "pending", "finalized"

TIMEOUT_S = 10
BATCH_MAX = 50  # calls in one POST: what an exchange passes on (gateway), and public nodes take
BATCH_BYTES_MAX = 10**6  # nodes refuse bodies beyond two or five megabytes
HEADERS = {"content-type": "application/json", "user-agent": "floorbook"}
_TOLD = 200  # characters of a node's own text that are repeated


class Log(NamedTuple):
    """An event as the chain keeps it; what it says, abi.Interface reads."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block: int
    block_hash: bytes
    transaction: bytes
    log_index: int  # within the block


class Receipt(NamedTuple):
    """What became of a transaction; costs in gas and wei a gas."""

    transaction: bytes
    block: int
    block_hash: bytes
    is_done: bool  # False: it was included and reverted
    gas: int
    gas_price: int
    contract: bytes  # that it created, empty: none
    logs: tuple[Log, ...]


class Header(NamedTuple):
    """A block's header; the time is in seconds, the fee in wei a gas."""

    number: int
    hash: bytes
    parent: bytes
    time: int
    base_fee: int


class Questions:
    """What a node can be asked.

    Each raises RpcUnavailable (nothing is wrong, ask again) or RpcRefused (the node says why).
    """

    @operation
    def call(self, method: str, *parameters: object) -> Flow[Any]:
        """Return the result of one method, as JSON."""
        (result,) = yield from requests([(method, parameters)])
        return result

    @operation
    def batch(self, calls: Sequence[Request]) -> Flow[list[Any]]:
        """Return the results of several methods, in order; the first refusal is raised."""
        return (yield from requests(calls))

    @operation
    def chain_id(self) -> Flow[int]:
        """Return the chain's number."""
        return integer((yield from request("eth_chainId")))

    @operation
    def block_number(self) -> Flow[int]:
        """Return the newest block's number."""
        return integer((yield from request("eth_blockNumber")))

    @operation
    def header(self, block: Block = "latest") -> Flow[Header | None]:
        """Return a block's header; None if there is no such block."""
        found = yield from request("eth_getBlockByNumber", block_word(block), False)
        return found and _header(found)

    @operation
    def balance(self, address: bytes, block: Block = "latest") -> Flow[int]:
        """Return what an address holds [wei]."""
        return integer((yield from request("eth_getBalance", word(address), block_word(block))))

    @operation
    def code(self, address: bytes) -> Flow[bytes]:
        """Return a contract's code; empty: there is none."""
        return data((yield from request("eth_getCode", word(address), "latest")))

    @operation
    def eth_call(
        self, to: bytes, payload: bytes, block: Block = "latest", sender: bytes | None = None
    ) -> Flow[bytes]:
        """Return what a contract answers; RpcRefused carries the revert's data."""
        method, parameters = question(to, payload, block, sender)
        return data((yield from request(method, *parameters)))

    @operation
    def logs(
        self,
        first: int,
        last: Block,
        address: bytes | Sequence[bytes],
        topics: Sequence[bytes | Sequence[bytes] | None] = (),
    ) -> Flow[list[Log]]:
        """Return the events of these contracts in blocks `first` to `last`, in the chain's order."""
        asked = {
            "fromBlock": hex(first),
            "toBlock": block_word(last),
            "address": _words(address),
            "topics": [topic and _words(topic) for topic in topics],
        }
        found = yield from request("eth_getLogs", asked)
        return sorted(map(_log, found), key=lambda log: (log.block, log.log_index))

    @operation
    def receipt(self, transaction: bytes) -> Flow[Receipt | None]:
        """Return a transaction's receipt; None while it is in no block."""
        return _receipt((yield from request("eth_getTransactionReceipt", word(transaction))))

    @operation
    def receipts(self, transactions: Sequence[bytes]) -> Flow[list[Receipt | None]]:
        """Return the receipts of several transactions, None for those in no block."""
        return (yield from receipts_flow(transactions))


class Rpc(Questions):
    """A node on a blocking connection, safe to share between threads; close it, or use it in a `with`."""

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self._http = httpx.Client(timeout=timeout_s, headers=HEADERS)

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
        return flows.run(_sensible(flow), self._do)

    def _do(self, step: Call | Pause) -> Answer | ChainError:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return RESTED
        try:
            return _answer(self._http.post(self.url, content=step.body))
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            return _unavailable(self.url, fault)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncRpc(Questions):
    """A node on the running event loop; close it, or use it in an `async with`."""

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self._http = httpx.AsyncClient(timeout=timeout_s, headers=HEADERS)

    async def run_async(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
        return await flows.run_async(_sensible(flow), self._do)

    async def _do(self, step: Call | Pause) -> Answer | ChainError:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return RESTED
        try:
            return _answer(await self._http.post(self.url, content=step.body))
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            return _unavailable(self.url, fault)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


# ---- flows --------------------------------------------------------------------------------------


def request(method: str, *parameters: object) -> Flow[Any]:
    """Ask one method."""
    (result,) = yield from requests([(method, parameters)])
    return result


def requests(calls: Sequence[Request]) -> Flow[list[Any]]:
    """Ask several methods, in as few POSTs as the limits of nodes allow; the first refusal is raised."""
    outcomes = yield from outcomes_flow(calls)
    for outcome in outcomes:
        if isinstance(outcome, RpcRefused):
            raise outcome
    return outcomes


def question(to: bytes, payload: bytes, block: Block = "latest", sender: bytes | None = None) -> Request:
    """Return the request that asks a contract, for a batch."""
    asked = {"to": word(to), "data": word(payload)} | ({"from": word(sender)} if sender else {})
    return "eth_call", (asked, block_word(block))


def outcomes_flow(calls: Sequence[Request]) -> Flow[list[Any]]:
    """Ask several methods and return of each its result, or the RpcRefused that answers it."""
    outcomes: list[Any] = []
    for body, size in _bodies(calls):
        answer = yield Call("", body)
        outcomes += _outcomes(answer.body, size)
    return outcomes


def receipts_flow(transactions: Sequence[bytes]) -> Flow[list[Receipt | None]]:
    """Ask for receipts in batches."""
    found = yield from requests([("eth_getTransactionReceipt", (word(each),)) for each in transactions])
    return [_receipt(each) for each in found]


def _bodies(calls: Sequence[Request]) -> Iterator[tuple[bytes, int]]:
    """Yield JSON-RPC bodies and how many calls each holds; a single call is no batch."""
    bodies = [_body(number, call) for number, call in enumerate(calls)]
    if len(bodies) == 1:
        yield bodies[0], 1
        return
    start = 0
    while start < len(bodies):
        end, size = start, 0
        while end < len(bodies) and end - start < BATCH_MAX and (end == start or size < BATCH_BYTES_MAX):
            size += len(bodies[end])
            end += 1
        yield b"[" + b",".join(bodies[start:end]) + b"]", end - start
        start = end


def _body(number: int, call: Request) -> bytes:
    method, parameters = call
    return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)})


def _outcomes(body: bytes, size: int) -> list[Any]:
    """Return results and refusals in the order of their numbers."""
    try:
        told = msgspec.json.decode(body)
        answers = told if isinstance(told, list) else [told]
        if len(answers) != size:  # a node that refuses a batch as a whole answers once
            raise _refusal(answers[0])
        return [_outcome(answer) for answer in sorted(answers, key=lambda each: int(each["id"]))]
    except (msgspec.DecodeError, KeyError, TypeError, IndexError) as fault:
        raise RpcUnavailable(f"the node's answer is no JSON-RPC: {_cut(body)}") from fault


def _outcome(answer: dict[str, Any]) -> Any:
    return _refusal(answer) if answer.get("error") else answer["result"]


def _refusal(answer: dict[str, Any]) -> RpcRefused:
    error = answer["error"]
    carried = error.get("data")
    if isinstance(carried, dict):  # some nodes wrap the revert's data
        carried = carried.get("data")
    is_data = isinstance(carried, str) and carried.startswith("0x")
    return RpcRefused(
        str(error.get("message", ""))[:_TOLD], int(error.get("code", 0)), data(carried) if is_data else b""
    )


def _sensible(flow: Flow[T]) -> Flow[T]:
    """Run a flow; what it cannot read is a node's fault, for what flows read are a node's answers."""
    try:
        return (yield from flow)
    except (AttributeError, KeyError, TypeError) as fault:
        raise RpcUnavailable(f"the node's answer makes no sense: {fault!r}") from fault


def _answer(response: httpx.Response) -> Answer | ChainError:
    """Return what came back; a node's error with a JSON-RPC body is read, others mean: ask again."""
    if response.status_code != 200 and not response.content.lstrip().startswith((b"{", b"[")):
        return RpcUnavailable(f"the node answers HTTP {response.status_code}: {_cut(response.content)}")
    if response.status_code == 429 or response.status_code >= 500:
        return RpcUnavailable(f"the node answers HTTP {response.status_code}")
    return Answer(response.status_code, response.content)


def _unavailable(url: str, fault: Exception) -> RpcUnavailable:
    # A URL may hold the node's key: only the host is repeated.
    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL:
        host = "that address"
    return RpcUnavailable(f"no node answers at {host}: {str(fault) or type(fault).__name__}")


def _cut(text: bytes) -> str:
    return text[:_TOLD].decode(errors="replace").strip()


# ---- words --------------------------------------------------------------------------------------


def integer(text: str) -> int:
    """Return a quantity; raises RpcUnavailable for what is none."""
    try:
        return int(text, 16)
    except (TypeError, ValueError) as fault:
        raise RpcUnavailable(f"the node's answer is no quantity: {str(text)[:_TOLD]}") from fault


def data(text: str) -> bytes:
    """Return bytes; raises RpcUnavailable for what is no hexadecimal text."""
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except (AttributeError, ValueError) as fault:
        raise RpcUnavailable(f"the node's answer is no data: {str(text)[:_TOLD]}") from fault


def word(value: bytes) -> str:
    """Return bytes as the wire writes them."""
    return f"0x{value.hex()}"


def block_word(block: Block) -> str:
    """Return a block as the wire names it."""
    return hex(block) if isinstance(block, int) else block


def _words(value: bytes | Sequence[bytes]) -> object:
    return word(value) if isinstance(value, bytes) else [word(each) for each in value]


def _header(told: dict[str, Any]) -> Header:
    return Header(
        integer(told["number"]), data(told["hash"]), data(told["parentHash"]), integer(told["timestamp"]),
        integer(told.get("baseFeePerGas") or "0x0"),
    )  # fmt: skip


def _log(told: dict[str, Any]) -> Log:
    return Log(
        address=data(told["address"]),
        topics=tuple(map(data, told["topics"])),
        data=data(told["data"]),
        block=integer(told["blockNumber"]),
        block_hash=data(told["blockHash"]),
        transaction=data(told["transactionHash"]),
        log_index=integer(told["logIndex"]),
    )


def _receipt(told: dict[str, Any] | None) -> Receipt | None:
    if told is None:
        return None
    return Receipt(
        transaction=data(told["transactionHash"]),
        block=integer(told["blockNumber"]),
        block_hash=data(told["blockHash"]),
        is_done=integer(told["status"]) == 1,
        gas=integer(told["gasUsed"]),
        gas_price=integer(told.get("effectiveGasPrice") or "0x0"),
        contract=data(told["contractAddress"]) if told.get("contractAddress") else b"",
        logs=tuple(map(_log, told["logs"])),
    )
