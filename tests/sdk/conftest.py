"""A real server for the client, and people with money at it."""

from collections.abc import Iterator

import pytest

from floorbook.sdk import Client, Key, new_key
from tests.gateway.live import Venue, live


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    with live(tmp_path_factory.mktemp("venue")) as running:
        yield running


def _funded(venue: Venue) -> Key:
    key = new_key()
    venue.fund(key.address, eth=100, usdc=100_000)
    return key


@pytest.fixture
def maker(venue: Venue) -> Iterator[Client]:
    with Client(venue.url, _funded(venue)) as client:
        yield client
        client.cancel_all()


@pytest.fixture
def taker(venue: Venue) -> Iterator[Client]:
    with Client(venue.url, _funded(venue)) as client:
        yield client
        client.cancel_all()
