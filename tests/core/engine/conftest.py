"""Two open markets and two funded owners."""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import marks
from floorbook.units import ETH, USDC
from tests.core.engine.pledging import Vault
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


@pytest.fixture
def empty() -> World:
    """Genesis and nothing else."""
    return World()


@pytest.fixture
def world() -> World:
    """Two open markets with insured order books."""
    world = World()
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
    world.set_status("open", PUNKS)
    world.set_status("open", ETH_USD)
    world.mark(PUNKS_PRICE)
    world.mark(ETH_USD_PRICE, ETH_USD)
    return world


@pytest.fixture
def vault() -> Vault:
    """A world that lends against punks, nothing in it yet."""
    vault = Vault()
    vault.open_punks()
    return vault


@pytest.fixture
def maker(world: World) -> int:
    return world.open_account(b"maker", eth=100)


@pytest.fixture
def taker(world: World) -> int:
    return world.open_account(b"taker", eth=100)
