"""Two open markets and two funded owners."""

import pytest

from tests.core.engine.pledging import Vault
from tests.core.engine.world import (
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
    world.open_markets()
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
