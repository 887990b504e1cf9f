"""Market maker: quotes both sides around the index on several levels and leans against its inventory.

    share   = position value / budget                              -1 .. 1
    fair    = index * (1 - share * lean)
    quote k = fair -+ (half spread + widening + k * step) * index, post-only

A long maker quotes lower, so its inventory is sold; the skew of all makers is what moves the mark from the
index.  In a fast market it widens, and past a limit it takes its quotes away, as makers do.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import BUY, SELL, MarketView, OpenOrder, View
from floorbook.core.commands import AnyCommand, ScheduleCancel
from floorbook.units import HOUR_NS, PPB_ONE

KIND = "market maker"
SIDES = (BUY, SELL)
FAST_MINUTES = 10
LOOK_AGAIN_MINUTES = 15  # quotes may leave without a fill: look even if nothing seems to have changed
DEAD_MAN_MINUTES = 30


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How a maker quotes [ppb of the index, ETH atoms]."""

    half_spread_ppb: int
    step_ppb: int
    lean_ppb: int  # shift of the fair price when the budget is used up
    drift_ppb: int  # a quote so far from its place is moved
    pull_ppb: int  # no quotes while the index has moved so much in ten minutes
    levels: int
    level_value: int
    budget: int  # largest position


class Maker:
    """One maker in one market."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, market: int, style: Style) -> None:
        self.trader = trader
        self.market = market
        self.style = style
        self._random = random
        self._seen = (0, 0)  # fair price and size of the last quotes
        self._look_at = 0  # [minute]
        self._dead_man_at = random.randrange(DEAD_MAN_MINUTES)

    def decide(self, view: View) -> Sequence[AnyCommand]:
        market = view.markets[self.market]
        if not market.is_open:
            return ()
        size = view.position(self.trader.account, self.market)
        move = abs(market.move_ppb(FAST_MINUTES))
        if move > self.style.pull_ppb:
            return self._pull(view)
        share = self._share(market, size)
        fair = market.index * (PPB_ONE - share * self.style.lean_ppb // PPB_ONE) // PPB_ONE
        drift = market.index * self.style.drift_ppb // PPB_ONE
        fair_before, size_before = self._seen
        if abs(fair - fair_before) <= drift and size == size_before and view.minute < self._look_at:
            return ()
        self._seen = (fair, size)
        self._look_at = view.minute + LOOK_AGAIN_MINUTES
        return [*self._dead_man(view), *self._requote(view, market, fair, share, move)]

    def _share(self, market: MarketView, size: int) -> int:
        share = market.value(size) * PPB_ONE // self.style.budget
        return max(-PPB_ONE, min(PPB_ONE, share))

    def _pull(self, view: View) -> Sequence[AnyCommand]:
        if self._seen == (0, 0):
            return ()
        self._seen = (0, 0)
        return [self.trader.cancel_all(self.market)]

    def _dead_man(self, view: View) -> Sequence[AnyCommand]:
        """Renew the dead-man's switch now and then."""
        if view.minute < self._dead_man_at:
            return ()
        self._dead_man_at = view.minute + DEAD_MAN_MINUTES
        trader = self.trader
        return [
            ScheduleCancel(
                account=trader.account, signer=trader.signer, nonce=trader.nonce(), at=view.now + 2 * HOUR_NS
            )
        ]

    def _requote(
        self, view: View, market: MarketView, fair: int, share: int, move: int
    ) -> Sequence[AnyCommand]:
        resting = view.orders(self.trader.account, self.market)
        bid, ask = view.best(self.market)
        commands: list[AnyCommand] = []
        for side in SIDES:
            mine = sorted((o for o in resting if o.side == side), key=lambda o: -side * o.price)
            # Nobody wants to own more than the budget: the side that would add to it shrinks to nothing.
            appetite = max(0, PPB_ONE - max(0, side * share))
            lots = market.lots(self.style.level_value * appetite // PPB_ONE)
            limit = (ask or PPB_ONE) - 1 if side == BUY else bid + 1
            prices = self._prices(market, fair, side, move, limit) if lots > 0 else []
            commands += self._place(market, side, prices, lots, mine)
        return commands

    def _prices(self, market: MarketView, fair: int, side: int, move: int, limit: int) -> list[int]:
        """Return a price a level, none beyond the limit at which it would cross."""
        style = self.style
        half = style.half_spread_ppb + move // 2
        clip = min if side == BUY else max
        prices = (
            fair - side * market.index * (half + level * style.step_ppb) // PPB_ONE
            for level in range(style.levels)
        )
        return [max(1, clip(price, limit)) for price in prices]

    def _place(
        self, market: MarketView, side: int, prices: list[int], lots: int, mine: list[OpenOrder]
    ) -> list[AnyCommand]:
        """Move the resting quotes to their places, best to best; add what is missing, cancel the rest."""
        trader, drift = self.trader, market.index * self.style.drift_ppb // PPB_ONE
        commands: list[AnyCommand] = []
        for price, order in zip(prices, mine, strict=False):
            is_far = abs(order.price - price) > drift
            if is_far or not lots // 2 <= order.lots <= 2 * lots:
                commands.append(trader.modify(self.market, order.order, price, lots))
        # Nobody sees a whole book of round numbers: sizes vary by a few lots.
        for price in prices[len(mine) :]:
            varied = lots + self._random.randrange(1 + lots // 8)
            commands.append(trader.quote(self.market, side, varied, price))
        commands += [trader.cancel(self.market, order.order) for order in mine[len(prices) :]]
        return commands
