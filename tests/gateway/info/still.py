"""A gateway over an exchange that stands still: what a test does to the world is what /info sees."""

import asyncio
from typing import Any, cast

import msgspec

from floorbook.gateway.exchange import Exchange
from floorbook.gateway.gateway import Gateway, Options, Reply
from floorbook.gateway.info import answer
from floorbook.projections import Store
from tests.core.engine.world import World


class Still:
    """As much of an exchange as /info needs; everything is durable."""

    def __init__(self, world: World) -> None:
        self.state = world.state
        self.engine = world.engine
        self.settled_times = 0

    async def settled(self) -> None:
        self.settled_times += 1

    def subscribe(self, subscriber: Any) -> None:
        """Tell nobody anything."""


def gateway_of(world: World, **options: Any) -> Gateway:
    """Return a gateway without history."""
    exchange = cast(Exchange, Still(world))
    return Gateway(exchange, cast(Store, None), Options(**options))


def reply(gateway: Gateway, **question: Any) -> Reply:
    """Ask and return the reply as it goes out."""
    return asyncio.run(_ask(gateway, msgspec.json.encode(question)))


def ask(gateway: Gateway, **question: Any) -> Any:
    """Ask what must be answered, and return the answer."""
    found = reply(gateway, **question)
    assert found.status == 200, found.body
    assert found.media_type == "application/json"
    return msgspec.json.decode(found.body)


def refusal(gateway: Gateway, **question: Any) -> str:
    """Ask what must be refused, and return the sentence."""
    found = reply(gateway, **question)
    assert found.status == 422, found.body
    assert found.media_type.startswith("text/plain")
    return found.body.decode()


async def _ask(gateway: Gateway, body: bytes) -> Reply:
    return await answer(gateway, body)
