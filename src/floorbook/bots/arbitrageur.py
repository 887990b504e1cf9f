"""Basis arbitrageur: sells the perpetual when it is dear against the index, buys it when it is cheap.

The position is the bet that book and index meet again; while the mark is above the index it also earns the
funding.  Its hedge is the asset itself, outside the exchange.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import BUY, SELL, MarketView, View
from floorbook.core.commands import IOC, AnyCommand
from floorbook.units import PPB_ONE

KIND = "arbitrageur"


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """When it trades and how much [ppb of the index, ETH atoms]."""

    enter_ppb: int
    leave_ppb: int  # the premium at which the position is taken off
    slice_value: int
    budget: int
    pause_minutes: int


class Arbitrageur:
    """One arbitrageur in one market."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, market: int, style: Style) -> None:
        self.trader = trader
        self.market = market
        self.style = style
        self._random = random
        self._again_at = 0  # [minute]

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._again_at:
            return ()
        market = view.markets[self.market]
        if not market.is_open:
            return ()
        bid, ask = view.best(self.market)
        if not bid or not ask:
            return ()
        size = view.position(self.trader.account, self.market)
        order = self._order(market, size, bid, ask)
        if order is None:
            return ()
        self._again_at = view.minute + 1 + self._random.randrange(self.style.pause_minutes)
        return [order]

    def _order(self, market: MarketView, size: int, bid: int, ask: int) -> AnyCommand | None:
        rich = (bid - market.index) * PPB_ONE // market.index
        cheap = (market.index - ask) * PPB_ONE // market.index
        if rich >= self.style.enter_ppb:
            return self._enter(market, SELL, size, bid)
        if cheap >= self.style.enter_ppb:
            return self._enter(market, BUY, size, ask)
        if size < 0 and -cheap <= self.style.leave_ppb:
            return self._leave(market, BUY, size, ask)
        if size > 0 and -rich <= self.style.leave_ppb:
            return self._leave(market, SELL, size, bid)
        return None

    def _enter(self, market: MarketView, side: int, size: int, price: int) -> AnyCommand | None:
        room = self.style.budget - side * market.value(size)
        lots = market.lots(min(room, self.style.slice_value))
        return self.trader.limit(self.market, side, lots, price, IOC) if lots > 0 else None

    def _leave(self, market: MarketView, side: int, size: int, price: int) -> AnyCommand:
        lots = min(abs(size), max(1, market.lots(self.style.slice_value)))
        return self.trader.limit(self.market, side, lots, price, IOC, reduce_only=True)
