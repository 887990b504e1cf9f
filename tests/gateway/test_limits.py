"""How much a key may ask, and a door that is shut: docs/api.md §6."""

import pytest

from floorbook.errors import JournalFull
from floorbook.gateway.limits import Limits
from floorbook.pricing.eip712 import Key
from floorbook.sdk.signing import l1_body
from tests.core.engine.world import World
from tests.gateway.desk import Desk, key, order, wire

BUY = order(wire(True, "29", "0.01"))


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    limits = Limits(burst=3, per_minute=60, clock=clock)
    assert [limits.take(b"key", 1) for _ in range(4)] == [True, True, True, False]
    assert limits.take(b"other", 3)
    clock.now += 10**9  # a second brings one
    assert [limits.take(b"key", 1) for _ in range(2)] == [True, False]


def test_rate_of_0_is_no_limit() -> None:
    limits = Limits(burst=1, per_minute=0)
    assert all(limits.take(b"key", 10**9) for _ in range(100))


@pytest.fixture
def narrow(world: World) -> Desk:
    desk = Desk(world, key_per_minute=1, key_burst=4)
    world.open_account(key(1).address, eth=100)
    world.open_account(key(2).address, eth=100)
    return desk


def test_key_that_asks_too_much_is_refused_alone(narrow: Desk) -> None:
    too_many = {"status": "err", "response": "Too many cumulative requests sent"}
    for _ in range(4):
        assert narrow.l1(key(1), BUY)["status"] == "ok"
    said = len(narrow.exchange.commands)
    assert narrow.l1(key(1), BUY) == too_many
    assert len(narrow.exchange.commands) == said
    assert narrow.l1(key(2), BUY)["status"] == "ok"


def test_batch_weighs_more(narrow: Desk) -> None:
    assert narrow.l1(key(1), order(*BUY["orders"] * 80))["status"] == "ok"  # 3 of 4
    assert narrow.l1(key(1), order(*BUY["orders"] * 40))["status"] == "err"  # 2
    assert narrow.l1(key(1), BUY)["status"] == "ok"


def test_strangers_fill_no_bucket(narrow: Desk) -> None:
    body = l1_body(key(1), BUY, narrow.nonce())
    for _ in range(10):
        assert narrow.read(body | {"nonce": narrow.nonce()})["status"] == "err"
    assert narrow.read(body)["status"] == "ok"


def test_read_only_exchange_says_so_and_does_nothing(world: World) -> None:
    desk = Desk(world, is_read_only=True)
    world.open_account(key(1).address, eth=1)
    answer = desk.l1(key(1), BUY)
    assert answer == {"status": "err", "response": "The exchange is read-only now."}
    assert desk.exchange.commands == []


def test_exchange_whose_journal_failed_promises_nothing(desk: Desk, maker: Key) -> None:
    desk.exchange.fault = JournalFull("disk full")
    reply = desk.send(l1_body(maker, BUY, desk.nonce()))
    assert reply.status == 503
    assert reply.body == b"The exchange has stopped: its journal could not be written."
