"""Two open markets in two dexes: PUNKS in ETH, ETH-USD in USDC; prices as in the tests of the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import marks
from floorbook.gateway.gateway import Gateway
from floorbook.projections import Store
from floorbook.units import ETH, USDC
from tests.core.engine.world import (
    DOLLAR,
    ETH_USD,
    ETH_USD_PRICE,
    ETHER,
    PUNKS,
    PUNKS_PRICE,
    T0,
    USDC_PRICE_E12,
    World,
)
from tests.gateway.info.still import ToldWorld, gateway_of

MAKER, TAKER = b"maker".ljust(20, b"\0"), b"taker".ljust(20, b"\0")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ToldWorld]:
    """PUNKS at 30 ETH and ETH-USD at 2,000 USD, insured and open."""
    store = Store(f"sqlite:///{tmp_path}/rows.sqlite")
    yield opened(ToldWorld(store))
    assert store.fault is None
    store.close()


def opened(world: ToldWorld) -> ToldWorld:
    world.does(world.list_market())
    world.does(
        world.list_market(
            name="ETH-USD", template="eth-usd", asset=USDC, size_decimals=3, price_decimals=2,
            price_max=2**23, lots_max=2**28, first_price=ETH_USD_PRICE,
        )
    )  # fmt: skip
    world.fund(world.market(PUNKS).fund.account, ETH, 50 * ETHER)
    world.fund(world.market(ETH_USD).fund.account, USDC, 1_000_000 * DOLLAR)
    world.does(c.PublishAsset(asset=USDC, price_e12=USDC_PRICE_E12, sequence=1, observed=T0))
    marks.price_assets(world.state)
    for market, price in ((PUNKS, PUNKS_PRICE), (ETH_USD, ETH_USD_PRICE)):
        world.set_status("open", market)
        world.mark(price, market)
    return world


@pytest.fixture
def maker(world: World) -> int:
    return world.open_account(MAKER, eth=100)


@pytest.fixture
def taker(world: World) -> int:
    return world.open_account(TAKER, eth=100)


@pytest.fixture
def gateway(world: ToldWorld) -> Gateway:
    return gateway_of(world)
