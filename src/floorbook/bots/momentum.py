"""Momentum: buys what has risen, sells what has fallen, and turns with the trend."""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import MarketView, View
from floorbook.core.commands import IOC, AnyCommand
from floorbook.units import PPB_ONE

KIND = "momentum"
CROSS_PPB = 5_000_000  # pays at most so much above the best price


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as a trend, and how much to follow it with [minutes, ppb, ETH atoms]."""

    lookback_minutes: int
    trend_ppb: int
    slice_value: int
    budget: int
    pause_minutes: int


class Momentum:
    """One trend follower in one market."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, market: int, style: Style) -> None:
        self.trader = trader
        self.market = market
        self.style = style
        self._random = random
        self._again_at = random.randrange(style.pause_minutes)  # [minutes since the first look]
        self._first = 0

    def decide(self, view: View) -> Sequence[AnyCommand]:
        self._first = self._first or view.minute
        if view.minute - self._first < self._again_at:
            return ()
        market = view.markets[self.market]
        if not market.is_open:
            return ()
        self._again_at = view.minute - self._first + 1 + self._random.randrange(self.style.pause_minutes)
        size = view.position(self.trader.account, self.market)
        move = market.move_ppb(self.style.lookback_minutes)
        wanted = 0
        if abs(move) >= self.style.trend_ppb:
            wanted = market.lots(self.style.budget) * (1 if move > 0 else -1)
        return self._step(view, market, size, wanted)

    def _step(self, view: View, market: MarketView, size: int, wanted: int) -> Sequence[AnyCommand]:
        """Trade one slice from the position towards the wanted one."""
        side = 1 if wanted > size else -1
        lots = min(abs(wanted - size), market.lots(self.style.slice_value))
        if side * size >= 0:
            # Adding: never more than the free margin carries at three times leverage.
            lots = min(lots, market.lots(3 * max(0, view.free(self.trader.account))))
        best = view.best(self.market)[side > 0]
        if lots <= 0 or not best:
            return ()
        price = best * (PPB_ONE + side * CROSS_PPB) // PPB_ONE
        return [self.trader.limit(self.market, side, lots, price, IOC)]
