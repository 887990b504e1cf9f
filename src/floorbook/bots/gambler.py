"""Gambler: goes in with nearly all the leverage it gets, without a stop, and comes back with fresh money.

Most follow the last move, some bet against it.  A win that doubles the stake is taken home; everything else
is held until it is liquidated or boredom sets in.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import MarketView, View
from floorbook.core.commands import AnyCommand, Withdraw
from floorbook.units import PPB_ONE

KIND = "gambler"
MOVE_PPB = 8_000_000
RUINED_PPB = 300_000_000  # below 30 % of the stake it goes and gets money
BORED_MINUTES = 6 * 24 * 60


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """Its stake and nerve [atoms of `asset`, ETH atoms, ppb, minutes]."""

    asset: int
    stake: int  # [atoms] of each deposit
    stake_value: int  # [ETH atoms] the same
    nerve_ppb: int  # share of the free margin it commits
    lookback_minutes: int
    eagerness_ppb: int  # chance a minute to go in when there is a move
    is_contrarian: bool
    sulk_minutes: int  # between ruin and the next deposit


class Gambler:
    """One gambler in one market."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, market: int, style: Style) -> None:
        self.trader = trader
        self.market = market
        self.style = style
        self._random = random
        self._entered = 0  # [minute]
        self._back_at = 0  # [minute] 0: not ruined

    def decide(self, view: View) -> Sequence[AnyCommand]:
        draw = int(self._random.random() * PPB_ONE)
        size = view.position(self.trader.account, self.market)
        if not size:
            # Looking at the account costs more than looking at the move: most minutes end here.
            return self._come_back(view) if self._back_at else self._go_in(view, draw)
        if draw % 16 == 0 and not view.is_liquidated(self.trader.account):
            return self._think(view, size)
        return ()

    def _go_in(self, view: View, draw: int) -> Sequence[AnyCommand]:
        market = view.markets[self.market]
        move = market.move_ppb(self.style.lookback_minutes)
        if abs(move) < MOVE_PPB or draw >= self.style.eagerness_ppb or not market.is_open:
            return ()
        equity = view.equity(self.trader.account)
        if equity < self.style.stake_value * RUINED_PPB // PPB_ONE:
            self._back_at = view.minute + 1 + self._random.randrange(self.style.sulk_minutes)
            return ()
        if equity > 2 * self.style.stake_value:
            return self._take_home(view)
        side = 1 if (move > 0) != self.style.is_contrarian else -1
        lots = self._lots(view, market)
        if lots <= 0:
            return ()
        self._entered = view.minute
        return [self.trader.at_market(self.market, side, lots)]

    def _take_home(self, view: View) -> Sequence[AnyCommand]:
        """Withdraw what is above one stake: the next bet is as large as the first."""
        trader, surplus = self.trader, view.cash(self.trader.account, self.style.asset) - self.style.stake
        if surplus <= 0:
            return ()
        return [
            Withdraw(
                account=trader.account,
                signer=trader.signer,
                nonce=trader.nonce(),
                asset=self.style.asset,
                amount=surplus,
            )
        ]

    def _lots(self, view: View, market: MarketView) -> int:
        """Return what the free margin carries, times the nerve."""
        free = max(0, view.free(self.trader.account))
        return market.lots_carried(free * self.style.nerve_ppb // PPB_ONE)

    def _come_back(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._back_at or view.is_liquidated(self.trader.account):
            return ()
        self._back_at = 0
        return [self.trader.deposit(self.style.asset, self.style.stake)]

    def _think(self, view: View, size: int) -> Sequence[AnyCommand]:
        """Double the bet when it wins, go home with twice the stake, or leave out of boredom."""
        if view.equity(self.trader.account) > 2 * self.style.stake_value:
            return self._leave(size)
        if view.minute - self._entered > BORED_MINUTES:
            return self._leave(size)
        market = view.markets[self.market]
        more = self._lots(view, market)
        if market.is_open and more * 8 > abs(size) and more > 0:
            return [self.trader.at_market(self.market, 1 if size > 0 else -1, more)]
        return ()

    def _leave(self, size: int) -> Sequence[AnyCommand]:
        return [self.trader.at_market(self.market, -1 if size > 0 else 1, abs(size), reduce_only=True)]
