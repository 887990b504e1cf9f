"""A gateway over an engine that a test drives by hand, and the keys that sign to it."""

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from floorbook.core.commands import AnyCommand
from floorbook.core.events import Event
from floorbook.gateway.accounts import Accounts
from floorbook.gateway.actions import take
from floorbook.gateway.exchange import Exchange
from floorbook.gateway.gateway import Faucet, Gateway, Options, Reply
from floorbook.journal.machine import Applied
from floorbook.pricing.eip712 import Domain, Key
from floorbook.projections import Store
from floorbook.sdk.native import Native
from floorbook.sdk.signing import l1_body, native_body, user_body
from tests.core.engine.world import World

PUNKS_ID, ETH_ID = 110_000, 0  # asset ids of the wire


class ByHand:
    """As much of an exchange as /exchange needs; everything is durable at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.state
        self.engine = world.engine
        self.sequencer = SimpleNamespace(seq=world.state.seq, at=world.at)
        self.commands: list[AnyCommand] = []
        self.accounts: Callable[[Any], None]
        self.fault: BaseException | None = None

    def submit(self, command: AnyCommand, at: int | None = None) -> asyncio.Future[Sequence[Event]]:
        answer: asyncio.Future[Sequence[Event]] = asyncio.get_running_loop().create_future()
        if self.fault is not None:
            answer.set_exception(self.fault)
            return answer
        self.commands.append(command)
        events = self.world.apply(command)
        self.accounts([Applied(self.state.seq, self.state.now, command, events)])
        answer.set_result(events)
        return answer

    async def settled(self) -> None:
        """Everything is."""

    def subscribe(self, subscriber: Any) -> None:
        if isinstance(subscriber.__self__, Accounts):  # the others are not asked here
            self.accounts = subscriber


class Desk:
    """What a client does: sign, send, read."""

    def __init__(self, world: World, faucet: Faucet | None = None, **options: Any) -> None:
        self.world = world
        self.exchange = ByHand(world)
        self.gateway = Gateway(cast(Exchange, self.exchange), cast(Store, None), Options(**options), faucet)
        self.domain = Domain(self.gateway.options.chain_id, self.gateway.options.verifying_contract)

    def nonce(self) -> int:
        self.world.nonce += 1
        return self.world.nonce

    def send(self, body: object) -> Reply:
        """Send a body as it is: bytes, or what becomes JSON."""
        return asyncio.run(take(self.gateway, body if isinstance(body, bytes) else msgspec.json.encode(body)))

    def read(self, body: object) -> dict[str, Any]:
        """Send a body that must be answered with HTTP 200."""
        reply = self.send(body)
        assert reply.status == 200, reply
        answer: dict[str, Any] = msgspec.json.decode(reply.body)
        return answer

    def l1(self, key: Key, action: dict[str, Any], **options: Any) -> dict[str, Any]:
        options.setdefault("nonce", self.nonce())
        return self.read(l1_body(key, action, **options))

    def user(self, key: Key, action: dict[str, Any]) -> dict[str, Any]:
        return self.read(user_body(key, action, self.nonce()))

    def native(self, key: Key, action: Native, **options: Any) -> dict[str, Any]:
        options.setdefault("nonce", self.nonce())
        return self.read(native_body(key, self.domain, action, **options))

    def statuses(self, key: Key, action: dict[str, Any], **options: Any) -> list[Any]:
        """Return the statuses of a request that is not refused as a whole."""
        answer = self.l1(key, action, **options)
        assert answer["status"] == "ok", answer
        found: list[Any] = answer["response"]["data"]["statuses"]
        return found


def key(number: int) -> Key:
    """Return one of the keys of the tests."""
    return Key(number.to_bytes(32))


def wire(is_buy: bool, price: str, size: str = "1", tif: str = "Gtc", **changes: Any) -> dict[str, Any]:
    """Return an order of PUNKS."""
    limit = {"limit": {"tif": tif}}
    return {"a": PUNKS_ID, "b": is_buy, "p": price, "s": size, "r": False, "t": limit} | changes


def stop(
    is_buy: bool, trigger: str, kind: str = "sl", price: str = "", size: str = "1", **changes: Any
) -> dict[str, Any]:
    """Return a trigger order of PUNKS, at market without a price."""
    terms = {"isMarket": not price, "triggerPx": trigger, "tpsl": kind}
    return wire(is_buy, price or trigger, size, r=True, t={"trigger": terms}) | changes


def order(*orders: dict[str, Any], grouping: str = "na") -> dict[str, Any]:
    """Return the action that places orders."""
    return {"type": "order", "orders": list(orders), "grouping": grouping}
