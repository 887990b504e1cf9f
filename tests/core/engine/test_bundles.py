"""Bundles: one signature and nonce, every step on its own, no step in another's name."""

from typing import Any

import pytest
from msgspec.structs import replace

from floorbook.core import commands as c
from floorbook.core.engine.bundles import STEPS_MAX
from floorbook.core.events import Event, OrderCancelled, OrderPlaced, Rejected, StepTaken
from floorbook.core.reasons import Reject
from tests.core.engine.world import PUNKS, PUNKS_PRICE, World


def bundle(world: World, account: int, *steps: tuple[type[Any], dict[str, Any]]) -> c.Bundle:
    world.nonce += 1
    signer, nonce = world.state.owner_of[account], world.nonce
    said = {"account": account, "signer": signer, "nonce": nonce}
    return c.Bundle(steps=tuple(kind(**said, **fields) for kind, fields in steps), **said)


def quote(side: int, price: int) -> tuple[type[Any], dict[str, Any]]:
    return c.PlaceOrder, {"market": PUNKS, "side": side, "lots": 1, "price": price}


def of_steps(events: list[Event]) -> list[list[Event]]:
    steps: list[list[Event]] = []
    for event in events:
        if isinstance(event, StepTaken):
            assert event.step == len(steps)
            steps.append([])
        else:
            steps[-1].append(event)
    return steps


def test_every_step_is_taken_and_a_refused_one_refuses_only_itself(world: World, maker: int) -> None:
    off = quote(1, 0)  # no price
    events = world.apply(bundle(world, maker, quote(1, PUNKS_PRICE - 100), off, quote(-1, PUNKS_PRICE + 100)))
    first, second, third = of_steps(events)
    assert isinstance(first[0], OrderPlaced)
    assert second == [Rejected(reason=Reject.PRICE_NOT_POSITIVE, account=maker)]
    assert isinstance(third[0], OrderPlaced)
    assert len(world.state.kernel.open_orders(maker)) == 2


def test_a_later_step_sees_what_an_earlier_one_did(world: World, maker: int) -> None:
    name = b"name".ljust(16, b"\0")
    place = (c.PlaceOrder, {**quote(1, PUNKS_PRICE - 100)[1], "client_id": name})
    cancel = (c.CancelOrder, {"market": PUNKS, "client_id": name})
    _, cancelled = of_steps(world.apply(bundle(world, maker, place, cancel)))
    assert isinstance(cancelled[0], OrderCancelled)
    assert world.state.kernel.open_orders(maker) == []


def test_bundle_uses_its_nonce_once(world: World, maker: int) -> None:
    said = bundle(world, maker, quote(1, PUNKS_PRICE - 100))
    world.apply(said)
    assert world.refuses(said) == Reject.NONCE_USED


def test_steps_in_another_name_refuse_the_bundle(world: World, maker: int, taker: int) -> None:
    for foreign in ({"account": taker}, {"signer": b"stranger"}, {"nonce": 1}):
        said = bundle(world, maker, quote(1, PUNKS_PRICE - 100))
        said = replace(said, steps=(replace(said.steps[0], **foreign),))
        assert world.refuses(said) == Reject.NOT_AUTHORISED


@pytest.mark.parametrize(
    ("count", "reason"), [(0, Reject.BAD_ORDER_KIND), (STEPS_MAX + 1, Reject.TOO_MANY_ORDERS)]
)
def test_too_few_and_too_many_steps_are_refused(world: World, maker: int, count: int, reason: Reject) -> None:
    assert world.refuses(bundle(world, maker, *[quote(1, PUNKS_PRICE - 100)] * count)) == reason


def test_bundle_survives_the_journals_codec(world: World, maker: int) -> None:
    said = bundle(world, maker, quote(1, PUNKS_PRICE - 100), (c.CancelAll, {}))
    assert c.decode(c.encode(said)) == said
