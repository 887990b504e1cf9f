"""Questions about markets: anybody may ask."""

from floorbook.sdk.answers import (
    BookSnapshot,
    Candle,
    FundingRate,
    Market,
    MarketState,
    Trade,
    Venue,
)
from floorbook.sdk.core import Core
from floorbook.sdk.flow import Flow, operation
from floorbook.sdk.nonces import now_ms
from floorbook.sdk.reading import ask

DAY_MS = 86_400_000


class MarketQuestions(Core):
    """Markets, their books, trades and candles.  `coin` is "nft:PUNKS", "ETH" or a market's own name."""

    @operation
    def venue(self) -> Flow[Venue]:
        """Return what the exchange is: its assets, markets, collections."""
        self._venue = None
        return (yield from self.venue_flow())

    @operation
    def markets(self) -> Flow[tuple[Market, ...]]:
        """Return every market's terms."""
        self._venue = None
        return (yield from self.venue_flow()).markets

    @operation
    def market(self, coin: str) -> Flow[MarketState]:
        """Return a market's mark, index, funding and open interest of now."""
        return (yield from ask(MarketState, "marketState", coin=(yield from self._coin(coin))))

    @operation
    def book(self, coin: str) -> Flow[BookSnapshot]:
        """Return the best levels of the book; to follow it, use a stream."""
        return (yield from ask(BookSnapshot, "l2Book", coin=(yield from self._coin(coin))))

    @operation
    def trades(self, coin: str) -> Flow[list[Trade]]:
        """Return the last trades, the newest first."""
        return (yield from ask(list[Trade], "recentTrades", coin=(yield from self._coin(coin))))

    @operation
    def candles(
        self, coin: str, interval: str = "1h", start: int | None = None, end: int | None = None
    ) -> Flow[list[Candle]]:
        """Return candles of `interval` (1m to 1d) between two times [ms]; without them, of the last day."""
        last = now_ms() if end is None else end
        first = last - DAY_MS if start is None else start
        request = {
            "coin": (yield from self._coin(coin)),
            "interval": interval,
            "startTime": first,
            "endTime": last,
        }
        return (yield from ask(list[Candle], "candleSnapshot", req=request))

    @operation
    def funding_rates(
        self, coin: str, start: int | None = None, end: int | None = None
    ) -> Flow[list[FundingRate]]:
        """Return the hourly rates between two times [ms]; without them, of the last day."""
        first = now_ms() - DAY_MS if start is None else start
        name = yield from self._coin(coin)
        return (yield from ask(list[FundingRate], "fundingHistory", coin=name, startTime=first, endTime=end))

    def _coin(self, coin: str) -> Flow[str]:
        return (yield from self.market_flow(coin)).coin
