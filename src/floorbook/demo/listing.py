"""The demo's opening: who operates the exchange, which markets it lists, what money the system holds."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from floorbook.bots.population import Place
from floorbook.bots.trader import address
from floorbook.core.commands import Genesis, ListBasket, ListMarket, SetStatus
from floorbook.core.rules.listing import VOLUME_30D_MIN_ETH_ATOMS
from floorbook.core.state import Market
from floorbook.feeds.history import History
from floorbook.feeds.recorded import Quote
from floorbook.units import ASSET_DECIMALS, DAY_NS, ETH, HOUR_NS, PPB_ONE, USDC

OPERATOR = address("operator")
VENUE = 0
MONTH_ROWS = 30 * DAY_NS // HOUR_NS
# The figure changes slowly and no history has it: holders of CryptoPunks in early 2021, rounded down.
UNIQUE_OWNERS = 2_000


class Terms(NamedTuple):
    """A market to list, where its price comes from, and what its insurance begins with."""

    name: str
    template: str
    source: str
    asset: int
    size_decimals: int
    price_decimals: int
    price_max: int  # [ticks]
    lots_max: int
    insurance_coins: int
    collection: int = 0  # which of the feed's collections

    @property
    def insurance(self) -> int:
        """Return the insurance's first deposit [atoms]."""
        atom = 10 ** ASSET_DECIMALS[self.asset]
        return int(self.insurance_coins * atom)

    def place(self, market: int) -> Place:
        return Place(market, self.asset, self.source in (COLLECTION, BASKET))

    def prices(self, quote: Quote) -> tuple[int, int]:
        """Return (floor, top bid) [ticks]; for a coin both are its price; 0 while there is none."""
        if self.source == COLLECTION:
            prices = ((quote.floor, quote.top_bid), *quote.others)
            floor, top_bid = prices[self.collection] if self.collection < len(prices) else (0, 0)
            return _rescaled(floor, 4, self.price_decimals), _rescaled(top_bid, 4, self.price_decimals)
        if self.source == BASKET:
            return 0, 0  # the exchange computes it
        cents = (quote.eth_usd if self.source == ETH_USD else quote.btc_usd) or 0
        coin = _rescaled(cents, 2, self.price_decimals)
        return coin, coin


COLLECTION, ETH_USD, BTC_USD = SOURCES = ("collection", "eth_usd", "btc_usd")
BASKET = "basket"
BASKET_FIRST = 10**6  # [ticks] a hundred ETH
BLUE_CHIPS = "BLUE-CHIPS"
MARKETS = (
    Terms("PUNKS", "nft", COLLECTION, ETH, 2, 4, 10**7, 10**6, 36),
    Terms("ETH-USD", "eth-usd", ETH_USD, USDC, 3, 2, 10**7, 10**8, 250_000),
    Terms("BTC-USD", "btc-usd", BTC_USD, USDC, 5, 1, 10**7, 10**9, 250_000),
)
DESK = ((ETH, 200 * 10**9), (USDC, 400_000 * 10**6))


def terms_of(market: Market) -> Terms:
    """Return the terms of a market that was listed later; its template tells where its price is from."""
    source = {"eth-usd": ETH_USD, "btc-usd": BTC_USD, BASKET: BASKET}.get(market.template, COLLECTION)
    return Terms(
        market.name, market.template, source, market.asset, market.size_decimals,
        market.price_decimals, market.price_max, 0, 0,
    )  # fmt: skip


def priced(markets: tuple[Terms, ...], quote: Quote) -> tuple[Terms, ...]:
    """Return the markets that have a price: a history without ETH and BTC prices has the collection only."""
    return tuple(terms for terms in markets if terms.prices(quote)[0])


def usdc_price_e12(eth_usd_cents: int) -> int:
    """Return ETH atoms per USDC atom, times 1e12, rounded down, a dollar being a dollar."""
    return 10**17 // eth_usd_cents


class Operator(msgspec.Struct):
    """Signs the opening commands."""

    seed: int
    nonce: int  # [ms]

    def opening(
        self, markets: tuple[Terms, ...], quote: Quote, history: History | None
    ) -> Iterator[Genesis | ListMarket | SetStatus]:
        volume = busiest_month(history)
        yield Genesis(operator=OPERATOR, seed=f"floorbook demo {self.seed}".encode())
        for market, terms in enumerate(markets):
            yield list_market(terms, quote, volume, self._next())
            yield SetStatus(signer=OPERATOR, nonce=self._next(), market=market, action="open")

    def _next(self) -> int:
        self.nonce += 1
        return self.nonce


def basket(markets: tuple[Terms, ...], insurance_coins: int) -> Terms | None:
    """Return the perpetual on all the world's collections together; None with fewer than two."""
    if sum(terms.source == COLLECTION for terms in markets) < 2:
        return None
    return Terms(BLUE_CHIPS, BASKET, BASKET, ETH, 2, 4, 10**7, 10**6, insurance_coins)


def list_basket(market: int, components: list[int], nonce: int) -> ListBasket:
    """Return the operator's command that makes a market the basket of others, in equal weights."""
    share = PPB_ONE // len(components)
    weights = [share] * (len(components) - 1) + [PPB_ONE - share * (len(components) - 1)]
    return ListBasket(
        signer=OPERATOR, nonce=nonce, market=market, first_price=BASKET_FIRST,
        components=tuple(zip(components, weights, strict=True)),
    )  # fmt: skip


def list_market(terms: Terms, quote: Quote, volume_30d: int, nonce: int) -> ListMarket:
    """Return the operator's command that lists a market; the criteria's figures are the collection's."""
    return ListMarket(
        signer=OPERATOR,
        nonce=nonce,
        name=terms.name,
        template=terms.template,
        asset=terms.asset,
        size_decimals=terms.size_decimals,
        price_decimals=terms.price_decimals,
        price_max=terms.price_max,
        lots_max=terms.lots_max,
        lots_min=1,
        first_price=terms.prices(quote)[0] or BASKET_FIRST,
        volume_30d=volume_30d,
        floor=quote.floor * 10**5,
        unique_owners=UNIQUE_OWNERS,
    )


def busiest_month(history: History | None) -> int:
    """Return the largest volume of 30 days [ETH atoms], at least what the listing criteria ask.

    Not the volume of the 30 days before the start: quiet years are worth playing back, and so is a small
    collection's file.  Whoever lists a market for real gives its own figure.
    """
    volumes: list[int] = [row.vol for row in history.rows] if history else []
    running = largest = sum(volumes[:MONTH_ROWS])
    for leaving, coming in zip(volumes, volumes[MONTH_ROWS:], strict=False):
        running += coming - leaving
        largest = max(largest, running)
    return max(largest, VOLUME_30D_MIN_ETH_ATOMS)


def _rescaled(value: int, decimals: int, wanted: int) -> int:
    """Return a price of so many decimals in another number of them, rounded down."""
    up, down = 10 ** max(0, wanted - decimals), 10 ** max(0, decimals - wanted)
    return int(value * up // down)
