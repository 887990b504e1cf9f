"""Two open markets in two dexes: PUNKS in ETH, ETH-USD in USDC; prices as in the tests of the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floorbook.gateway.gateway import Gateway
from floorbook.projections import Store
from tests.core.engine.world import (
    World,
)
from tests.gateway.info.still import ToldWorld, gateway_of

MAKER, TAKER = b"maker".ljust(20, b"\0"), b"taker".ljust(20, b"\0")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ToldWorld]:
    """PUNKS at 30 ETH and ETH-USD at 2,000 USD, insured and open."""
    store = Store(f"sqlite:///{tmp_path}/rows.sqlite")
    world = ToldWorld(store)
    world.open_markets()
    yield world
    assert store.fault is None
    store.close()


@pytest.fixture
def maker(world: World) -> int:
    return world.open_account(MAKER, eth=100)


@pytest.fixture
def taker(world: World) -> int:
    return world.open_account(TAKER, eth=100)


@pytest.fixture
def gateway(world: ToldWorld) -> Gateway:
    return gateway_of(world)
