"""What every part of the door shares: the exchange, its names, and how this one is run."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from floorbook.gateway.accounts import Accounts
from floorbook.gateway.chain_view import ChainView
from floorbook.gateway.coins import Coins
from floorbook.gateway.exchange import Exchange
from floorbook.gateway.limits import Limits
from floorbook.gateway.market_data import MarketData
from floorbook.pricing.eip712 import ADDRESS_BYTES
from floorbook.pricing.reports import LOCAL_CHAIN
from floorbook.projections import Store


class Reply(NamedTuple):
    """What goes back over HTTP; errors below 500 are plain text."""

    status: int
    body: bytes
    media_type: str = "application/json"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How the door is run."""

    host: str = "127.0.0.1"
    port: int = 8000  # 0: any free one
    network: str = "serve"  # or "demo"
    chain_id: int = LOCAL_CHAIN
    verifying_contract: bytes = bytes(ADDRESS_BYTES)  # the vault
    is_read_only: bool = False
    origins: tuple[str, ...] = ("*",)  # who may call from a browser page of another host
    is_behind_proxy: bool = False  # then the client is the last of X-Forwarded-For
    ip_per_minute: int = 6_000  # requests
    ip_burst: int = 600
    sockets_per_ip: int = 100
    connections_per_ip: int = 200  # of HTTP
    key_per_minute: int = 6_000  # weight of signed actions, 0: without limit
    key_burst: int = 6_000
    limits_loopback: bool = False  # the machine's own programs have no limits unless so
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    feed_text: str = ""  # what the page says of the prices
    feed_speed: int | None = None  # of recorded prices: recorded seconds a second
    recorded_time: Callable[[int], int] | None = None  # when what is seen at a time was recorded [ns]


Faucet = Callable[[bytes], Awaitable[str]]  # owner -> why it gives nothing, "" if it gave


class Gateway:
    """One exchange and what its door needs to know."""

    def __init__(
        self,
        exchange: Exchange,
        store: Store,
        options: Options,
        faucet: Faucet | None = None,
        chain: ChainView | None = None,
    ) -> None:
        self.exchange = exchange
        self.state = exchange.state
        self.store = store
        self.options = options
        self.faucet = faucet
        self.chain = chain  # None: money is only booked
        self.at_end: list[Callable[[], Awaitable[None]]] = []  # what the door opened, to be closed
        self.coins = Coins(exchange.state)
        self.accounts = Accounts(exchange.state)
        self.limits = Limits(options.key_burst, options.key_per_minute)
        exchange.subscribe(self.accounts.follow)
        self.market_data = MarketData(exchange)
