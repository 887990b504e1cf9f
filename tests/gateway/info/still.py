"""A gateway over an exchange that stands still: what a test does to the world is what /info sees.

Its projections are real: they are told what the world did, command by command.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec

from floorbook.core import commands as c
from floorbook.core.events import Event
from floorbook.gateway.exchange import Exchange, Group
from floorbook.gateway.gateway import Gateway, Options, Reply
from floorbook.gateway.info import answer
from floorbook.journal import Applied
from floorbook.journal.segment import Position
from floorbook.projections import Store
from tests.core.engine.world import World


class ToldWorld(World):
    """A world that tells a store and whoever else listens what its commands did; each is durable at once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.listeners: list[Callable[[Group], None]] = [store.follow]
        super().__init__()

    def apply(self, command: c.Command) -> list[Event]:
        events = super().apply(command)
        for listener in self.listeners:
            listener([Applied(self.state.seq, self.at, cast(c.AnyCommand, command), events)])
        return events


class Still:
    """As much of an exchange as a gateway needs; it is its own sequencer."""

    def __init__(self, world: World) -> None:
        self.state, self.engine = world.state, world.engine
        self.sequencer = self
        self.fault: BaseException | None = None
        self.subscribe = world.listeners.append if isinstance(world, ToldWorld) else _nobody_tells

    @property
    def seq(self) -> int:
        return self.state.seq

    @property
    def at(self) -> int:
        return self.state.now

    @property
    def position(self) -> Position:
        """The journal's end, as if there were one."""
        return Position(segment=0, offset=0, groups=0, records=0, seq=self.seq, at=self.at, head=bytes(32))

    async def settled(self) -> None:
        """Return: nothing is on its way, or nothing more will be written."""
        if self.fault is not None:
            raise self.fault


def gateway_of(world: World, **options: Any) -> Gateway:
    """Return a gateway over the world, and over its projections if it has any."""
    store = world.store if isinstance(world, ToldWorld) else None
    return Gateway(cast(Exchange, Still(world)), cast(Store, store), Options(**options))


def _nobody_tells(listener: Callable[[Group], None]) -> None:
    """Pass over who would listen."""


def reply(gateway: Gateway, **question: Any) -> Reply:
    """Ask and return the reply as it goes out."""
    return said(gateway, msgspec.json.encode(question))


def said(gateway: Gateway, body: bytes) -> Reply:
    """Post a body and return the reply."""

    async def whole() -> Reply:
        return await answer(gateway, body)

    return asyncio.run(whole())


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
