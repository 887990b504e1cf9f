"""The demo's opening: who operates the exchange, which markets it lists, what money the system holds."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from floorbook.bots.population import Place
from floorbook.bots.trader import address
from floorbook.core.commands import Genesis, ListMarket, SetStatus
from floorbook.feeds.history import History
from floorbook.feeds.recorded import Quote
from floorbook.units import DAY_NS, ETH, HOUR_NS, USDC

OPERATOR = address("operator")
VENUE = 0
MONTH_ROWS = 30 * DAY_NS // HOUR_NS
# The figure changes slowly and no history has it: holders of CryptoPunks in early 2021, rounded down.
UNIQUE_OWNERS = 2_000


class Terms(NamedTuple):
    """A market of the demo and its money [settle atoms]."""

    name: str
    template: str
    asset: int
    size_decimals: int
    price_decimals: int
    price_max: int  # [ticks]
    lots_max: int
    insurance: int

    def place(self, market: int) -> Place:
        return Place(market, self.asset, self.template == "nft")


MARKETS = (
    Terms("PUNKS", "nft", ETH, 2, 4, 10**7, 10**6, 60 * 10**9),
    Terms("ETH-USD", "eth-usd", USDC, 3, 2, 10**7, 10**8, 250_000 * 10**6),
    Terms("BTC-USD", "btc-usd", USDC, 5, 1, 10**7, 10**9, 250_000 * 10**6),
)
DESK = ((ETH, 200 * 10**9), (USDC, 400_000 * 10**6))


def listed(quote: Quote) -> tuple[Terms, ...]:
    """Return the markets that have a price: a history without ETH and BTC prices has the collection only."""
    return MARKETS if quote.eth_usd and quote.btc_usd else MARKETS[:1]


def prices(quote: Quote) -> list[tuple[int, int]]:
    """Return (floor, top bid) by market [ticks]; for a coin both are its price, 0 where it has none."""
    eth_ticks, btc_ticks = quote.eth_usd or 0, (quote.btc_usd or 0) // 10
    return [(quote.floor, quote.top_bid), (eth_ticks, eth_ticks), (btc_ticks, btc_ticks)]


def usdc_price_e12(eth_usd_cents: int) -> int:
    """Return ETH atoms per USDC atom, times 1e12, rounded down, a dollar being a dollar."""
    return 10**17 // eth_usd_cents


class Operator(msgspec.Struct):
    """Signs the opening commands."""

    seed: int
    nonce: int  # [ms]

    def opening(self, quote: Quote, history: History) -> Iterator[Genesis | ListMarket | SetStatus]:
        yield Genesis(operator=OPERATOR, seed=f"floorbook demo {self.seed}".encode())
        for market, (terms, (price, _)) in enumerate(zip(listed(quote), prices(quote), strict=False)):
            yield ListMarket(
                signer=OPERATOR,
                nonce=self._next(),
                name=terms.name,
                template=terms.template,
                asset=terms.asset,
                size_decimals=terms.size_decimals,
                price_decimals=terms.price_decimals,
                price_max=terms.price_max,
                lots_max=terms.lots_max,
                lots_min=1,
                first_price=price,
                volume_30d=busiest_month(history),
                floor=quote.floor * 10**5,
                unique_owners=UNIQUE_OWNERS,
            )
            yield SetStatus(signer=OPERATOR, nonce=self._next(), market=market, action="open")

    def _next(self) -> int:
        self.nonce += 1
        return self.nonce


def busiest_month(history: History) -> int:
    """Return the largest volume of 30 days [ETH atoms].

    Not the volume of the 30 days before the start: quiet years are worth playing back, too.
    """
    volumes: list[int] = [row.vol for row in history.rows]
    running = largest = sum(volumes[:MONTH_ROWS])
    for leaving, coming in zip(volumes, volumes[MONTH_ROWS:], strict=False):
        running += coming - leaving
        largest = max(largest, running)
    return largest
