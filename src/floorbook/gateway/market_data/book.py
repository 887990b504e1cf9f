"""A market's book as its durable events tell it: every level, and what changed since it was last asked.

The kernel may already be ahead of the disk, so what clients see is kept beside it.  An order counts from
its `OrderPlaced` on; one that trades at once leaves again within the same command, so the book is the
kernel's after every command, not within one.  Spec: docs/api.md §8
"""

from bisect import bisect_left, insort
from typing import NamedTuple

BUY, SELL = 1, -1
SIDES = (BUY, SELL)


class Level(NamedTuple):
    """One price [ticks] of one side; 0 orders: the level is gone."""

    price: int
    lots: int
    orders: int


class Side:
    """The levels of bids or asks."""

    def __init__(self) -> None:
        self.levels: dict[int, tuple[int, int]] = {}  # price -> (lots, orders)
        self.prices: list[int] = []  # rising
        self.before: dict[int, tuple[int, int]] = {}  # of the levels touched since `changes`

    def move(self, price: int, lots: int, orders: int) -> None:
        """Add lots and orders to a level; negative ones leave."""
        was = self.levels.get(price)
        lots_before, orders_before = was or (0, 0)
        self.before.setdefault(price, (lots_before, orders_before))
        if orders_before + orders == 0:
            assert lots_before + lots == 0
            del self.levels[price]
            del self.prices[bisect_left(self.prices, price)]
            return
        if was is None:
            insort(self.prices, price)
        self.levels[price] = (lots_before + lots, orders_before + orders)

    def level(self, price: int) -> Level:
        """Return the level at a price; there may be none."""
        return Level(price, *self.levels.get(price, (0, 0)))

    def changes(self) -> list[Level]:
        """Return the levels that differ from when this was last called, by price."""
        before, self.before = self.before, {}
        return [self.level(price) for price in sorted(before) if self.level(price)[1:] != before[price]]


class BookMirror:
    """All resting orders of a market; `seq` is the last command that changed them."""

    def __init__(self, market: int, seq: int = 0) -> None:
        self.market = market
        self.seq = seq
        self._sides = {BUY: Side(), SELL: Side()}
        self._orders: dict[int, tuple[int, int, int]] = {}  # order -> (side, price, lots)

    def best(self, side: int) -> Level | None:
        """Return the best level of a side."""
        found = self._sides[side]
        return found.level(found.prices[-1 if side == BUY else 0]) if found.prices else None

    def levels(self, side: int, count: int | None = None) -> list[Level]:
        """Return the best `count` levels of a side, or all of them, best first."""
        found = self._sides[side]
        prices = found.prices if side == SELL else found.prices[::-1]
        return [found.level(price) for price in prices[:count]]

    def changes(self) -> tuple[list[Level], list[Level]]:
        """Return (bids, asks) that differ from when this was last called."""
        return self._sides[BUY].changes(), self._sides[SELL].changes()

    def place(self, order: int, side: int, price: int, lots: int) -> None:
        """An order comes in, whole."""
        self._orders[order] = (side, price, lots)
        self._sides[side].move(price, lots, 1)

    def fill(self, order: int, lots: int) -> None:
        """Part of an order trades, or all that is left of it."""
        side, price, left = self._orders[order]
        if lots == left:
            self.cancel(order)
            return
        self._orders[order] = (side, price, left - lots)
        self._sides[side].move(price, -lots, 0)

    def reduce(self, order: int, lots: int) -> None:
        """An order keeps only `lots`, and its place."""
        self.fill(order, self._orders[order][2] - lots)

    def cancel(self, order: int) -> None:
        """An order leaves."""
        side, price, lots = self._orders.pop(order)
        self._sides[side].move(price, -lots, -1)
