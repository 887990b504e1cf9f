"""Swing trader: a few days in a market with a stop and a target, which cancel each other.

The stop follows the price: a better one replaces it in the same instant, so the position is never bare.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import MarketView, View
from floorbook.core.commands import AnyCommand, SetLeverage
from floorbook.units import PPB_ONE

KIND = "swing"
TRAIL_STEP_PPB = 10_000_000


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """Distances from the mark [ppb], size [ETH atoms], times [minutes]."""

    stop_ppb: int
    target_ppb: int
    value: int
    leverage: int
    lookback_minutes: int
    pause_minutes: int


class Swing:
    """One swing trader in one market."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, market: int, style: Style) -> None:
        self.trader = trader
        self.market = market
        self.style = style
        self._random = random
        self._look_at = 0  # [minute]
        self._group = 0
        self._is_capped = False

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._look_at:
            return ()
        market = view.markets[self.market]
        if not market.is_open:
            return ()
        self._look_at = view.minute + 1 + self._random.randrange(5)
        size = view.position(self.trader.account, self.market)
        if not size:
            return self._enter(view, market)
        waiting = view.triggers(self.trader.account)
        if not waiting:
            return self._protect(market, size)
        return self._trail(market, size, waiting)

    def _enter(self, view: View, market: MarketView) -> Sequence[AnyCommand]:
        self._look_at = view.minute + 1 + self._random.randrange(self.style.pause_minutes)
        move = market.move_ppb(self.style.lookback_minutes)
        # Half of what the free margin carries: the stop is further away than the liquidation otherwise.
        carried = max(0, view.free(self.trader.account)) * self.style.leverage // 2
        lots = market.lots(min(self.style.value, carried))
        if not move or lots <= 0:
            return ()
        cap: list[AnyCommand] = [] if self._is_capped else [self._capped()]
        self._is_capped = True
        self._look_at = view.minute + 1
        return [*cap, self.trader.at_market(self.market, 1 if move > 0 else -1, lots)]

    def _capped(self) -> SetLeverage:
        trader = self.trader
        return SetLeverage(
            account=trader.account,
            signer=trader.signer,
            nonce=trader.nonce(),
            market=self.market,
            leverage=self.style.leverage,
        )

    def _protect(self, market: MarketView, size: int) -> Sequence[AnyCommand]:
        """Place stop and target as one group."""
        self._group += 1
        side = 1 if size > 0 else -1
        stop = market.mark - side * (market.mark * self.style.stop_ppb // PPB_ONE)
        target = market.mark + side * (market.mark * self.style.target_ppb // PPB_ONE)
        place, lots = self.trader.trigger, abs(size)
        return [
            place(self.market, -side, lots, stop, above=side < 0, group=self._group),
            place(self.market, -side, lots, target, above=side > 0, group=self._group),
        ]

    def _trail(
        self, market: MarketView, size: int, waiting: list[tuple[int, int, bool]]
    ) -> Sequence[AnyCommand]:
        """Replace the stop when the mark has moved on by a step."""
        side = 1 if size > 0 else -1
        wanted = market.mark - side * (market.mark * self.style.stop_ppb // PPB_ONE)
        step = market.mark * TRAIL_STEP_PPB // PPB_ONE
        for number, price, above in waiting:
            if above == (side < 0) and side * (wanted - price) > step:
                place, lots = self.trader.trigger, abs(size)
                return [
                    place(self.market, -side, lots, wanted, above=above, group=self._group, replaces=number)
                ]
        return ()
