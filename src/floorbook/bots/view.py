"""What a bot may see: market prices once a minute, and its own account whenever it asks.

Prices are ticks, sizes lots, moves ppb.  Positions, orders and margin are read from the kernel at the
moment of asking, so they are never behind.
"""

from collections import deque
from typing import NamedTuple

from floorbook.core.state import Market, State
from floorbook.units import E12_ONE, ETH, MINUTE_NS, PPB_ONE

REMEMBERED_MINUTES = 24 * 60
BUY, SELL = 1, -1


class OpenOrder(NamedTuple):
    """A live order, as the kernel tells it."""

    order: int
    account: int
    market: int
    side: int
    price: int
    lots: int
    flags: int
    expires: int
    placed: int


class MarketView:
    """One market at the beginning of the minute, and its index of the last day."""

    def __init__(self, market: Market) -> None:
        self.id = market.id
        self.asset = market.asset
        self.unit = market.unit
        self.steps = market.initial
        self.index = self.mark = 0
        self.is_open = False
        self.price_e12 = E12_ONE  # of the settle asset
        self.history: deque[int] = deque(maxlen=REMEMBERED_MINUTES)  # index, a point a minute

    def look(self, market: Market, price_e12: int) -> None:
        """See the prices of now."""
        self.index, self.mark = market.index.limited, market.mark
        self.steps = market.initial
        self.is_open = market.status.name == "LIVE" and market.mark > 0
        self.price_e12 = price_e12

    def remember(self) -> None:
        """Add the index to the history: a minute has passed."""
        self.history.append(self.index)

    def move_ppb(self, minutes: int) -> int:
        """Return the index's move over the last minutes; 0 while so much is not known."""
        if len(self.history) <= minutes:
            return 0
        before = self.history[-1 - minutes]
        return (self.index - before) * PPB_ONE // before if before else 0

    def lots(self, eth_atoms: int) -> int:
        """Return how many lots this value [ETH atoms] is worth at the mark, rounded down."""
        return eth_atoms * E12_ONE // (self.mark * self.unit * self.price_e12)

    def lots_carried(self, eth_atoms: int) -> int:
        """Return the largest position, were it the only one, that this free margin [ETH atoms] carries."""
        free = eth_atoms * E12_ONE // self.price_e12
        notionals = [(free + step.deduction) * PPB_ONE // step.rate_ppb for step in self.steps]
        return min(notionals, default=0) // (self.mark * self.unit)

    def value(self, lots: int) -> int:
        """Return the value of lots at the mark [ETH atoms], signed as they are."""
        return lots * self.mark * self.unit * self.price_e12 // E12_ONE


class View:
    """The exchange through a bot's eyes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.now = 0  # [ns]
        self.minute = 0  # since the epoch; the live world's bots have shorter ones (demo/live.py)
        self.markets = [MarketView(market) for market in state.markets]

    def refresh(self) -> None:
        """Look at the prices, once a minute."""
        self.look()
        self.turn_to(self.state.now // MINUTE_NS)

    def look(self) -> None:
        """Look at the prices; the bots' minute goes on."""
        state = self.state
        self.now = state.now
        for market, seen in zip(state.markets, self.markets, strict=False):
            seen.look(market, state.asset_prices[market.asset])

    def turn_to(self, minute: int) -> None:
        """Begin a minute with the prices last seen."""
        self.minute = minute
        for seen in self.markets:
            seen.remember()

    def best(self, market: int) -> tuple[int, int]:
        """Return (best bid, best ask), 0 where a side is empty."""
        best: tuple[int, int] = self.state.kernel.best(market)
        return best

    def position(self, account: int, market: int) -> int:
        """Return the signed size."""
        size: int = self.state.kernel.position(account, market)[0]
        return size

    def orders(self, account: int, market: int) -> list[OpenOrder]:
        """Return the account's live orders in a market, the newest first."""
        return list(map(OpenOrder._make, self.state.kernel.open_orders(account, market)))

    def free(self, account: int) -> int:
        """Return what the account may still commit to initial margin [ETH atoms]."""
        free: int = self.state.kernel.risk(account)[0]
        return free

    def equity(self, account: int) -> int:
        """Return cash and profit at the marks [ETH atoms]."""
        _, _, free, need = self.state.kernel.risk(account)
        equity: int = free + need
        return equity

    def cash(self, account: int, asset: int = ETH) -> int:
        """Return the account's cash [atoms]."""
        cash: int = self.state.kernel.cash(account, asset)
        return cash

    def accounts(self, owner: bytes) -> list[int]:
        """Return the owner's accounts, the primary one first."""
        return self.state.owners[owner].accounts

    def triggers(self, account: int) -> list[tuple[int, int, bool]]:
        """Return (id, trigger price, above) of the account's waiting triggers."""
        return [
            (number, trigger.trigger_price, trigger.above)
            for number, trigger in self.state.triggers.items()
            if trigger.account == account
        ]

    def has_twap(self, account: int) -> bool:
        return any(twap.account == account for twap in self.state.twaps.values())

    def is_liquidated(self, account: int) -> bool:
        """Whether the engine is closing the account's positions right now."""
        return account in self.state.liquidations
