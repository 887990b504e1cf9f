"""A real anvil on a free port, one per module; tests that need it say so where there is none."""

from collections.abc import Iterator

import pytest

from floorbook.chain import anvil
from floorbook.chain.anvil import Anvil
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import Wallet
from floorbook.pricing.eip712 import Key, keccak256

ETHER = 10**18


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    """A chain that includes every transaction at once."""
    with Anvil.start(tmp_path_factory.mktemp("chain"), block_time_s=0) as running:
        yield running


@pytest.fixture
def rpc(chain: Anvil) -> Iterator[Rpc]:
    with Rpc(chain.url) as opened:
        yield opened


@pytest.fixture
def wallet(rpc: Rpc) -> Wallet:
    return funded(rpc, "somebody")


def funded(rpc: Rpc, name: str, ether: int = 1_000) -> Wallet:
    """Return the wallet of a name, with so much in it."""
    made = Wallet(Key(keccak256(name.encode())), rpc)
    anvil.set_balance(rpc, made.address, ether * ETHER)
    return made
