"""A desk before two open markets, and three traders with money."""

import pytest

from floorbook.pricing.eip712 import Key
from tests.core.engine.conftest import vault, world
from tests.core.engine.world import World
from tests.gateway.desk import Desk, key

__all__ = ["vault", "world"]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def maker(desk: Desk) -> Key:
    return _funded(desk, 1)


@pytest.fixture
def taker(desk: Desk) -> Key:
    return _funded(desk, 2)


@pytest.fixture
def stranger() -> Key:
    return key(99)


def _funded(desk: Desk, number: int) -> Key:
    desk.world.open_account(key(number).address, eth=100, usdc=10_000)
    return key(number)
