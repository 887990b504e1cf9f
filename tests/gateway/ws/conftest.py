"""A running exchange, and two traders who have money there."""

import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from floorbook.core.commands import IOC, CancelAll, PlaceOrder
from floorbook.core.events import Event, OrderPlaced
from tests.gateway.live import Venue, live
from tests.gateway.ws.client import Client

PUNKS, ETH_USD, BTC_USD = range(3)
BUY, SELL = 1, -1


class Trader:
    """An owner whose commands reach the exchange without a signature on the wire."""

    def __init__(self, venue: Venue, number: int, eth: int = 1_000, usdc: int = 1_000_000) -> None:
        self.owner = bytes([number]) * 20
        self.user = f"0x{self.owner.hex()}"
        self.account = venue.fund(self.owner, eth, usdc)
        self._venue = venue
        self._nonces = count(time.time_ns() // 10**6)

    def signed(self) -> dict[str, Any]:
        return {"account": self.account, "signer": self.owner, "nonce": next(self._nonces)}

    def place(self, market: int, side: int, price: int, lots: int, **terms: Any) -> int:
        """Place an order and return its id."""
        events = self.do(
            PlaceOrder(market=market, side=side, price=price, lots=lots, **terms, **self.signed())
        )
        placed = next(event for event in events if isinstance(event, OrderPlaced))
        return placed.order

    def try_to_take(self, market: int, side: int, price: int, lots: int) -> None:
        """Place an order that may be refused."""
        command = PlaceOrder(market=market, side=side, price=price, lots=lots, tif=IOC, **self.signed())
        self._venue.do(lambda gateway: gateway.exchange.say(command))

    def leave(self) -> None:
        """Cancel everything."""
        self.do(CancelAll(**self.signed()))

    def do(self, command: Any) -> list[Event]:
        return self._venue.must(command)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    with live(tmp_path_factory.mktemp("sockets")) as venue:
        yield venue


@pytest.fixture(scope="module")
def traders(venue: Venue) -> tuple[Trader, Trader]:
    return Trader(venue, 1), Trader(venue, 2)


@pytest.fixture
def maker(traders: tuple[Trader, Trader]) -> Iterator[Trader]:
    yield traders[0]
    traders[0].leave()


@pytest.fixture
def taker(traders: tuple[Trader, Trader]) -> Iterator[Trader]:
    yield traders[1]
    traders[1].leave()


@pytest.fixture
def client(venue: Venue) -> Iterator[Client]:
    with Client(venue.url) as client:
        yield client
