"""Market maker: quotes both sides around the index on several levels and leans against its inventory.

    share   = position value / budget                              -1 .. 1
    fair    = index * (1 - share * lean)
    quote k = fair -+ (half spread + widening + k * step) * index, post-only

A long maker quotes lower, so its inventory is sold; the skew of all makers is what moves the mark from the
index.  In a fast market it widens, and past a limit it takes its quotes away, as makers do.
"""

from collections.abc import Sequence
from operator import attrgetter
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import BUY, SELL, MarketView, OpenOrder, View
from floorbook.core.commands import AnyCommand, ScheduleCancel
from floorbook.units import HOUR_NS, PPB_ONE

KIND = "market maker"
PRICE = attrgetter("price")
SIDES = (BUY, SELL)
FAST_MINUTES = 10
LOOK_AGAIN_MINUTES = 20  # quotes may leave without a fill: look even if nothing seems to have changed
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
        self._index = self._size = self._drift = 0  # when it last looked at its quotes
        self._look_at = 0  # [minute]
        self._is_quoting = False
        self._dead_man_at = random.randrange(DEAD_MAN_MINUTES)

    def decide(self, view: View) -> Sequence[AnyCommand]:
        market = view.markets[self.market]
        size = view.position(self.trader.account, self.market)
        # Most minutes end here: neither index nor inventory has moved, so neither has the fair price.
        if (
            size == self._size
            and abs(market.index - self._index) <= self._drift
            and view.minute < self._look_at
        ):
            return ()
        if not market.is_open:
            return ()
        self._size, self._index = size, market.index
        self._drift = market.index * self.style.drift_ppb // PPB_ONE
        self._look_at = view.minute + LOOK_AGAIN_MINUTES
        move = abs(market.move_ppb(FAST_MINUTES))
        if move > self.style.pull_ppb:
            return self._pull()
        self._is_quoting = True
        share = self._share(market, size)
        fair = market.index * (PPB_ONE - share * self.style.lean_ppb // PPB_ONE) // PPB_ONE
        return [*self._dead_man(view), *self._requote(view, market, fair, share, move)]

    def _share(self, market: MarketView, size: int) -> int:
        share = market.value(size) * PPB_ONE // self.style.budget
        return max(-PPB_ONE, min(PPB_ONE, share))

    def _pull(self) -> Sequence[AnyCommand]:
        if not self._is_quoting:
            return ()
        self._is_quoting = False
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
        style = self.style
        resting = sorted(view.orders(self.trader.account, self.market), key=PRICE)
        bid, ask = view.best(self.market)
        half = market.index * (style.half_spread_ppb + move // 2) // PPB_ONE
        step = market.index * style.step_ppb // PPB_ONE
        level_lots = market.lots(style.level_value)
        commands: list[AnyCommand] = []
        for side in SIDES:
            mine = [order for order in resting[::-side] if order.side == side]
            # Nobody wants to own more than the budget: the side that would add to it shrinks to nothing.
            lots = level_lots * (PPB_ONE - max(0, side * share)) // PPB_ONE
            # One tick from the other side is as near as a post-only order gets.
            clip, limit = (min, (ask or PPB_ONE) - 1) if side == BUY else (max, bid + 1)
            levels = range(style.levels if lots else 0)
            prices = [max(1, clip(fair - side * (half + level * step), limit)) for level in levels]
            commands += self._place(side, prices, lots, mine)
        return commands

    def _place(self, side: int, prices: list[int], lots: int, mine: list[OpenOrder]) -> list[AnyCommand]:
        """Move the resting quotes to their places, best to best; add what is missing, cancel the rest."""
        trader, drift = self.trader, self._drift
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
