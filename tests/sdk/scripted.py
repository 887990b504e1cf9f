"""A client without a connection: a test answers each call itself."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from floorbook.sdk.errors import SdkError
from floorbook.sdk.flow import Answer, Call, Flow, Pause
from floorbook.sdk.markets import MarketQuestions
from floorbook.sdk.trading import Trading

T = TypeVar("T")
SECRET = b"maker".rjust(32, b"\1")
Reply = Answer | SdkError | dict[str, Any] | list[Any]

PUNKS = {
    "coin": "nft:PUNKS", "name": "PUNKS", "dex": "nft", "assetId": 110_000, "asset": "ETH", "sizeDecimals": 2,
    "priceDecimals": 4, "tick": "0.0001", "lot": "0.01", "status": "LIVE", "template": "nft",
    "takerFee": "0.0005", "makerFee": "0", "maxLeverage": 5,
    "tiers": [{"notional": "0", "initial": "0.2", "maintenance": "0.1"}],
}  # fmt: skip
VENUE = {
    "name": "Floorbook", "version": "0", "network": "demo", "chainId": 31_337,
    "verifyingContract": "0x" + "0" * 40, "isReadOnly": False, "hasFaucet": True, "time": 1, "seq": 1,
    "feed": {"text": ""}, "assets": [{"name": "ETH", "decimals": 9, "price": "1"}], "markets": [PUNKS],
    "collections": [],
}  # fmt: skip
MARKET = {
    "coin": "nft:PUNKS", "mark": "30", "index": "29.5", "isStale": False, "status": "LIVE",
    "openInterest": "0", "insurance": "60", "band": ["28.5", "31.5"],
    "funding": {"rateHour": "0", "premium": "0", "nextAt": 0, "lastRate": "0"},
}  # fmt: skip


class Scripted(MarketQuestions, Trading):
    """`script` answers a call's path and body; venue and market answer by themselves."""

    def __init__(self, script: Callable[[str, Any], Reply], user: str | None = None) -> None:
        super().__init__("http://scripted", SECRET, user)
        self.calls: list[tuple[str, Any]] = []
        self.bodies: list[bytes] = []
        self.paused = 0.0
        self._script = script

    def run(self, flow: Flow[T]) -> T:
        step = next(flow)
        while True:
            try:
                reply = self._reply(step)
                step = flow.throw(reply) if isinstance(reply, SdkError) else flow.send(reply)
            except StopIteration as end:
                result: T = end.value
                return result

    def _reply(self, step: Call | Pause) -> Answer | SdkError:
        if isinstance(step, Pause):
            self.paused += step.seconds
            return Answer(200, b"")
        said = msgspec.json.decode(step.body)
        reply = {"venue": VENUE, "marketState": MARKET}.get(said.get("type", ""))
        if reply is None:
            self.calls.append((step.path, said))
            self.bodies.append(step.body)
        answer = self._script(step.path, said) if reply is None else reply
        return answer if isinstance(answer, Answer | SdkError) else Answer(200, msgspec.json.encode(answer))


def statuses(*each: Any) -> dict[str, Any]:
    """Return what the exchange says of orders."""
    return {"status": "ok", "response": {"type": "order", "data": {"statuses": list(each)}}}


def refusal(text: str) -> dict[str, Any]:
    """Return a refused action."""
    return {"status": "err", "response": text}


def order_state(client_id: str, status: str = "open", left: str = "1") -> dict[str, Any]:
    """Return the answer to orderStatus for an order of size 1."""
    row = {
        "coin": "nft:PUNKS", "side": "B", "limitPx": "30", "sz": left, "oid": 7, "timestamp": 1,
        "origSz": "1", "cloid": client_id,
    }  # fmt: skip
    return {"status": "order", "order": {"order": row, "status": status, "statusTimestamp": 2}}
