"""What the exchange says of its markets, as typed structs: prices, sizes and amounts are Decimals.

Times are ms since 1970.  A field that this version does not know is passed over, so a newer exchange can be
read.  Formats: docs/api.md
"""

from decimal import Decimal
from typing import Literal

import msgspec

ZERO = Decimal(0)
Side = Literal["buy", "sell"]


class Said(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of the exchange's own answers."""


class Asset(Said, frozen=True, kw_only=True):
    """A settle asset; `price` in ETH."""

    name: str
    decimals: int
    price: Decimal


class Tier(Said, frozen=True, kw_only=True):
    """From a notional [settle asset] on: the margin rates."""

    notional: Decimal
    initial: Decimal
    maintenance: Decimal


class Market(Said, frozen=True, kw_only=True):
    """A market's terms; `tick` and `lot` are the steps of price and size."""

    coin: str
    name: str
    dex: str
    asset_id: int
    asset: str
    size_decimals: int
    price_decimals: int
    tick: Decimal
    lot: Decimal
    status: str
    template: str
    taker_fee: Decimal
    maker_fee: Decimal
    max_leverage: int
    tiers: tuple[Tier, ...]


class Collection(Said, frozen=True, kw_only=True):
    """A collection whose tokens count as collateral; `coin` "" without a perpetual."""

    name: str
    number: int
    coin: str | None = None
    supply: int = 0


class Feed(Said, frozen=True, kw_only=True):
    """Where the prices come from."""

    text: str = ""


class Venue(Said, frozen=True, kw_only=True):
    """The exchange itself."""

    name: str
    version: str
    network: str
    chain_id: int
    verifying_contract: str
    is_read_only: bool
    has_faucet: bool
    time: int
    seq: int
    feed: Feed
    assets: tuple[Asset, ...]
    markets: tuple[Market, ...]
    collections: tuple[Collection, ...]


class Source(Said, frozen=True, kw_only=True):
    """What a venue says of a collection."""

    venue: str
    floor: Decimal
    top_bid: Decimal
    age: int = 0
    counted: bool = True
    note: str = ""


class FundingState(Said, frozen=True, kw_only=True):
    """`rate_hour` is what longs pay shorts an hour at the premium of now."""

    rate_hour: Decimal
    premium: Decimal
    next_at: int
    last_rate: Decimal


class MarketState(Said, frozen=True, kw_only=True):
    """A market at this instant; `index` is what funding pulls the mark to."""

    coin: str
    mark: Decimal
    index: Decimal | None  # before the first price there is none
    is_stale: bool
    status: str
    open_interest: Decimal
    insurance: Decimal
    funding: FundingState
    halted: bool = False
    band: tuple[Decimal, Decimal] | None = None  # where orders may be priced
    sources: tuple[Source, ...] = ()


class Level(msgspec.Struct, frozen=True):
    """A price of the book and what is offered there by `orders` orders."""

    price: Decimal = msgspec.field(name="px")
    size: Decimal = msgspec.field(name="sz")
    orders: int = msgspec.field(name="n", default=0)


class BookSnapshot(msgspec.Struct, frozen=True):
    """The best levels of a book, best first."""

    coin: str
    time: int
    levels: tuple[tuple[Level, ...], tuple[Level, ...]]

    @property
    def bids(self) -> tuple[Level, ...]:
        """Who buys, the highest price first."""
        return self.levels[0]

    @property
    def asks(self) -> tuple[Level, ...]:
        """Who sells, the lowest price first."""
        return self.levels[1]


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade; `side` "B": the taker bought, "A": he sold."""

    coin: str
    side: str
    price: Decimal = msgspec.field(name="px")
    size: Decimal = msgspec.field(name="sz")
    time: int
    id: int = msgspec.field(name="tid")
    users: tuple[str, ...] = ()  # buyer and seller


class Candle(msgspec.Struct, frozen=True, kw_only=True):
    """Prices of an interval from `start` to `end` [ms]."""

    start: int = msgspec.field(name="t")
    end: int = msgspec.field(name="T")
    coin: str = msgspec.field(name="s")
    interval: str = msgspec.field(name="i")
    open: Decimal = msgspec.field(name="o")
    high: Decimal = msgspec.field(name="h")
    low: Decimal = msgspec.field(name="l")
    close: Decimal = msgspec.field(name="c")
    volume: Decimal = msgspec.field(name="v")
    trades: int = msgspec.field(name="n")


class Fill(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fill of one's own order; `fee` in `fee_token`, negative where it is paid to one."""

    coin: str
    price: Decimal = msgspec.field(name="px")
    size: Decimal = msgspec.field(name="sz")
    side: str
    time: int
    start_position: Decimal = ZERO
    closed_pnl: Decimal = ZERO
    order: int = msgspec.field(name="oid")
    is_taker: bool = msgspec.field(name="crossed", default=True)
    fee: Decimal = ZERO
    fee_token: str = ""
    id: int = msgspec.field(name="tid")
    client_id: str | None = msgspec.field(name="cloid", default=None)


class FundingRate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An hour's rate of a market: what longs paid."""

    coin: str
    rate: Decimal = msgspec.field(name="fundingRate")
    premium: Decimal = ZERO
    time: int


class FundingPayment(msgspec.Struct, frozen=True, kw_only=True):
    """What the account got (negative: paid) in the market's settle asset for holding `size`."""

    time: int
    coin: str
    amount: Decimal
    size: Decimal
    rate: Decimal


class OrderRow(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An order or a trigger that waits; `size` is what is left of `original_size`."""

    coin: str
    side: str
    price: Decimal = msgspec.field(name="limitPx")
    size: Decimal = msgspec.field(name="sz")
    order: int = msgspec.field(name="oid")
    time: int = msgspec.field(name="timestamp")
    original_size: Decimal = msgspec.field(name="origSz", default=ZERO)
    client_id: str | None = msgspec.field(name="cloid", default=None)
    reduce_only: bool = False
    order_type: str = ""
    is_trigger: bool = False
    trigger_price: Decimal = msgspec.field(name="triggerPx", default=ZERO)
    trigger_condition: str = ""


class OrderState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An order, and what has become of it: open, filled, canceled, triggered, rejected, ..."""

    order: OrderRow
    status: str
    time: int = msgspec.field(name="statusTimestamp", default=0)


class OrderStatus(msgspec.Struct, frozen=True):
    """The answer to `orderStatus`; without an order the exchange knows none of that name."""

    status: str
    order: OrderState | None = None
