"""A book kept from its diffs: every level, and the sequence number up to which it is true.

diff.prev_seq == seq     it follows: apply it
diff.seq <= seq          already in here
otherwise                something is missing: ask for what came after `seq`
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from floorbook.sdk.answers import Level

TWO = Decimal(2)
Row = tuple[Decimal, Decimal, int]  # price, size, orders; no orders: the level is gone


class Diff(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Levels as they are at `seq`; a snapshot states all of them and follows nothing."""

    coin: str
    seq: int
    prev_seq: int | None = None
    bids: tuple[Row, ...]
    asks: tuple[Row, ...]
    time: int = 0
    is_snapshot: bool = False


class Gap(Exception):
    """Diffs are missing between the book and this one."""


class _Side:
    def __init__(self) -> None:
        self.levels: dict[Decimal, Level] = {}
        self.prices: list[Decimal] = []  # rising

    def put(self, rows: Iterable[Row]) -> None:
        for price, size, orders in rows:
            is_known = price in self.levels
            if orders:
                self.levels[price] = Level(price, size, orders)
                if not is_known:
                    insort(self.prices, price)
            elif is_known:
                del self.levels[price]
                del self.prices[bisect_left(self.prices, price)]


class Book:
    """A market's book as of `seq` and `time` [ms]; `seq` 0 before the first snapshot."""

    def __init__(self, coin: str) -> None:
        self.coin = coin
        self.seq = self.time = 0
        self._bids, self._asks = _Side(), _Side()

    def apply(self, diff: Diff) -> bool:
        """Take in a diff; False if it is in already.  Raises Gap where one before it is missing."""
        if diff.is_snapshot:
            self._bids, self._asks = _Side(), _Side()
        elif diff.seq <= self.seq:
            return False
        elif diff.prev_seq != self.seq:
            raise Gap(f"{self.coin} is at {self.seq}, the diff follows {diff.prev_seq}")
        self._bids.put(diff.bids)
        self._asks.put(diff.asks)
        self.seq, self.time = diff.seq, diff.time
        return True

    def bids(self, count: int | None = None) -> list[Level]:
        """Return the best levels of who buys, the highest price first."""
        side = self._bids
        return [side.levels[price] for price in side.prices[::-1][:count]]

    def asks(self, count: int | None = None) -> list[Level]:
        """Return the best levels of who sells, the lowest price first."""
        return [self._asks.levels[price] for price in self._asks.prices[:count]]

    @property
    def best_bid(self) -> Level | None:
        """The highest price that somebody pays."""
        return next(iter(self.bids(1)), None)

    @property
    def best_ask(self) -> Level | None:
        """The lowest price that somebody sells at."""
        return next(iter(self.asks(1)), None)

    @property
    def mid(self) -> Decimal | None:
        """The middle of the two; None where a side is empty."""
        bid, ask = self.best_bid, self.best_ask
        return (bid.price + ask.price) / TWO if bid and ask else None
