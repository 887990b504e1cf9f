"""Bidder: waits below the floor with funded bids, buys auctions that have become cheap, and calls sales.

What it thinks a token is worth is the index less its own discount; in a falling market it wants more.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import View
from floorbook.core.commands import AnyCommand, CallAuction, CancelBid, PlaceBid, TakeAuction
from floorbook.core.engine import credit, sales
from floorbook.units import PPB_ONE

KIND = "bidder"
DAY_MINUTES = 24 * 60


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """Where it bids, how far below the index [ppb], with how many bids, and how often it looks."""

    collection: int
    market: int
    discount_ppb: int
    fear_ppb: int  # of a day's fall, added to the discount
    bids: int
    look_minutes: int


class Bidder:
    """One buyer of tokens."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, style: Style) -> None:
        self.trader = trader
        self.style = style
        self._random = random
        self._look_at = 0  # [minute]

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._look_at or not view.markets[self.style.market].is_open:
            return ()
        self._look_at = view.minute + 1 + self._random.randrange(self.style.look_minutes)
        price = self._price(view)
        return self._buy(view, price) or self._call(view) or self._bid(view, price)

    def _price(self, view: View) -> int:
        """What it would pay for one token [ETH atoms]."""
        market = view.markets[self.style.market]
        whole: int = 10 ** view.state.markets[self.style.market].size_decimals
        fallen = max(0, -market.move_ppb(min(DAY_MINUTES - 1, len(market.history) - 1)))
        discount = self.style.discount_ppb + fallen * self.style.fear_ppb // PPB_ONE
        return market.index * market.unit * whole * max(0, PPB_ONE - discount) // PPB_ONE

    def _buy(self, view: View, price: int) -> Sequence[AnyCommand]:
        cash = view.cash(self.trader.account)
        for auction in view.state.auctions.values():
            now = sales.price_now(view.state, auction)
            if auction.collection == self.style.collection and 0 < now <= min(price, cash):
                return [self.trader.say(TakeAuction, auction=auction.id, price_max=price)]
        return ()

    def _call(self, view: View) -> Sequence[AnyCommand]:
        """Be the keeper of whoever has fallen below its threshold."""
        for account in view.state.credit.lines:
            if account != self.trader.account and not credit.health_is_met(view.state, account):
                return [self.trader.say(CallAuction, debtor=account)]
        return ()

    def _bid(self, view: View, price: int) -> Sequence[AnyCommand]:
        """Keep its bids near its price: the one furthest away goes, one more comes."""
        own = [bid for bid in view.state.bids.values() if bid.account == self.trader.account]
        if len(own) >= self.style.bids:
            worst = max(own, key=lambda bid: (abs(bid.price - price), bid.id))
            is_near = abs(worst.price - price) * 20 < price
            return () if is_near else [self.trader.say(CancelBid, bid=worst.id)]
        level = price * (100 - 2 * len(own)) // 100
        if level <= 0 or level > view.cash(self.trader.account):
            return ()
        return [self.trader.say(PlaceBid, collection=self.style.collection, price=level)]
