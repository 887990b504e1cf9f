"""Noise: small trades for reasons of its own, passive and aggressive, with no view of the price."""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import BUY, SELL, MarketView, View
from floorbook.core.commands import GTC, IOC, AnyCommand, ModifyOrder
from floorbook.units import MINUTE_NS, PPB_ONE

KIND = "noise"
DEPTH_PPB = 10_000_000  # passive orders rest within 1 % of the best price
ORDERS_MAX = 4
LIFE_MINUTES_MAX = 240


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How often it acts and how much it holds [ppb of minutes, ETH atoms]."""

    activity_ppb: int
    slice_value: int
    budget: int


class Noise:
    """One noise trader, in all the markets it is given."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, markets: Sequence[int], style: Style) -> None:
        self.trader = trader
        self.markets = markets
        self.style = style
        self._random = random
        self._named: list[tuple[int, bytes]] = []  # market and client id of orders it may still have

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if self._random.random() * PPB_ONE >= self.style.activity_ppb:
            return ()
        market = view.markets[self._random.choice(self.markets)]
        if not market.is_open:
            return ()
        choice = self._random.randrange(20)
        if choice < 7:
            return self._take(view, market)
        if choice < 15:
            return self._rest(view, market)
        return self._tidy(view, market)

    def _side(self, view: View, market: MarketView) -> int:
        """Return a side: either, but a full position is rather reduced."""
        share = market.value(view.position(self.trader.account, market.id)) * PPB_ONE // self.style.budget
        return SELL if self._random.randrange(2 * PPB_ONE) < PPB_ONE + share else BUY

    def _lots(self, market: MarketView) -> int:
        value = self.style.slice_value // 4 + self._random.randrange(self.style.slice_value)
        return max(1, market.lots(value))

    def _take(self, view: View, market: MarketView) -> Sequence[AnyCommand]:
        side = self._side(view, market)
        best = view.best(market.id)[side > 0]
        if not best:
            return ()
        if self._random.randrange(3) == 0:
            return [self.trader.at_market(market.id, side, self._lots(market))]
        return [self.trader.limit(market.id, side, self._lots(market), best, IOC)]

    def _rest(self, view: View, market: MarketView) -> Sequence[AnyCommand]:
        """Leave an order near the best price, good for some time, known by a name of its own."""
        if len(self._named) >= ORDERS_MAX:
            return self._tidy(view, market)
        side = self._side(view, market)
        best = view.best(market.id)[side < 0] or market.mark
        price = best - side * (best * self._random.randrange(DEPTH_PPB) // PPB_ONE)
        name = self.trader.client_id()
        self._named.append((market.id, name))
        expires = view.now + (5 + self._random.randrange(LIFE_MINUTES_MAX)) * MINUTE_NS
        lots = self._lots(market)
        return [self.trader.limit(market.id, side, lots, max(1, price), GTC, expires=expires, client_id=name)]

    def _tidy(self, view: View, market: MarketView) -> Sequence[AnyCommand]:
        """Cancel or change the oldest order; it may be long gone, then the exchange says so."""
        if not self._named:
            return ()
        choice = self._random.randrange(8)
        if choice == 0:
            self._named.clear()
            return [self.trader.cancel_all()]
        known = view.orders(self.trader.account, self._named[0][0])
        if choice < 3 and known:
            return [self._halved(known[0].market, known[0].order, known[0].price, known[0].lots)]
        market_id, name = self._named.pop(0)
        return [self.trader.cancel(market_id, client_id=name)]

    def _halved(self, market: int, order: int, price: int, lots: int) -> ModifyOrder:
        return self.trader.modify(market, order, price, max(1, lots // 2))
