"""Lender: money in the lending pool or in the NFT insurance vault, and now and then out of it."""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import View
from floorbook.core.commands import AnyCommand, EnterVault, ExitVault, RequestExit

KIND = "lender"


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """Which vault, how much [ETH atoms], and how often it changes its mind [minutes]."""

    vault: int
    amount: int
    pause_minutes: int


class Lender:
    """One saver."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, style: Style) -> None:
        self.trader = trader
        self.style = style
        self._random = random
        self._next_at = 0  # [minute]

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._next_at or self.style.vault >= len(view.state.vaults):
            return ()
        self._next_at = view.minute + 1 + self._random.randrange(self.style.pause_minutes)
        vault = view.state.vaults[self.style.vault]
        account = self.trader.account
        if account in vault.exits:
            return [self.trader.say(ExitVault, vault=self.style.vault)]
        shares = vault.balances.get(account, 0)
        cash = min(view.cash(account), self.style.amount)
        if not shares or (cash * 2 > self.style.amount and self._random.randrange(3)):
            return [self.trader.say(EnterVault, vault=self.style.vault, amount=cash)] if cash > 0 else ()
        part = shares // self._random.randrange(2, 8)
        return [self.trader.say(RequestExit, vault=self.style.vault, shares=part)] if part else ()
