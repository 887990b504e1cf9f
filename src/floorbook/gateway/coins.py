"""How markets and assets are called on the wire, in Hyperliquid's way.

    settled in USDC   the main dex ""     "ETH-USD" -> "ETH"          asset id = place in the universe
    settled in ETH    the dex "nft"       "PUNKS"   -> "nft:PUNKS"    asset id = 110000 + place

A universe holds the markets of one settle asset in the order in which they were listed.  As input a market's
own name is understood as well.  Spec: docs/api.md §2
"""

from typing import NamedTuple

from floorbook.core.state import Market, State
from floorbook.units import ETH, USDC

MAIN_DEX, NFT_DEX = "", "nft"
DEXES = (MAIN_DEX, NFT_DEX)
NFT_DEX_FIRST = 110_000
ASSET_OF_DEX = {MAIN_DEX: USDC, NFT_DEX: ETH}
TOKENS = (USDC, ETH)  # by their index on the wire
DOLLAR_SUFFIX = "-USD"


class Coin(NamedTuple):
    """A market as the wire knows it."""

    name: str
    dex: str
    asset_id: int
    market: Market

    @property
    def label(self) -> str:
        """The name inside its dex."""
        return self.name.rpartition(":")[2]


class Coins:
    """The markets of an exchange; they are only ever added."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_market: list[Coin] = []
        self._by_name: dict[str, Coin] = {}
        self._by_id: dict[int, Coin] = {}

    def all(self) -> list[Coin]:
        """Return every coin, in the order of the markets."""
        for market in self._state.markets[len(self._by_market) :]:
            self._add(market)
        return self._by_market

    def of_dex(self, dex: str) -> list[Coin]:
        """Return the universe of a dex, in the order of its asset ids."""
        return [coin for coin in self.all() if coin.dex == dex]

    def of_market(self, market: int) -> Coin:
        """Return the coin of a market that exists."""
        return self.all()[market]

    def named(self, name: str) -> Coin | None:
        """Return the coin of a name on the wire, or of a market's own name."""
        self.all()
        return self._by_name.get(name)

    def numbered(self, asset_id: int) -> Coin | None:
        """Return the coin of an asset id."""
        self.all()
        return self._by_id.get(asset_id)

    def _add(self, market: Market) -> None:
        dex = MAIN_DEX if market.asset == USDC else NFT_DEX
        place = sum(coin.dex == dex for coin in self._by_market)
        label = market.name.removesuffix(DOLLAR_SUFFIX)
        coin = Coin(
            name=label if dex == MAIN_DEX else f"{dex}:{market.name}",
            dex=dex,
            asset_id=place if dex == MAIN_DEX else NFT_DEX_FIRST + place,
            market=market,
        )
        self._by_market.append(coin)
        self._by_id[coin.asset_id] = coin
        for name in (coin.name, market.name):
            self._by_name.setdefault(name, coin)
