"""Accumulator: builds a position in slices over hours (TWAP), keeps it for a day or two, works it off."""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import BUY, View
from floorbook.core.commands import AnyCommand
from floorbook.units import MINUTE_NS

KIND = "accumulator"
REST_MINUTES = 24 * 60


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """Size of the position [ETH atoms], time to build it [minutes], chance in four to be short."""

    value: int
    build_minutes: int
    shorts_in_four: int


class Accumulator:
    """One accumulator in one market."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, market: int, style: Style) -> None:
        self.trader = trader
        self.market = market
        self.style = style
        self._random = random
        self._next_at = 0  # [minute]

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._next_at:
            return ()
        market = view.markets[self.market]
        if not market.is_open or view.has_twap(self.trader.account):
            return ()
        self._next_at = view.minute + self.style.build_minutes + self._random.randrange(2 * REST_MINUTES)
        size = view.position(self.trader.account, self.market)
        side = -BUY if self._random.randrange(4) < self.style.shorts_in_four else BUY
        if size:
            side = -1 if size > 0 else 1
        lots = abs(size) or market.lots(self.style.value)
        # A slice every half minute must hold a lot at least.
        build = min(self.style.build_minutes, lots // 2)
        if build == 0:
            return ()
        return [self.trader.twap(self.market, side, lots, build * MINUTE_NS, reduce_only=bool(size))]
