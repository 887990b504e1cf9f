"""Treasury: one owner, two accounts.  The primary holds the money, a sub-account takes the risk.

Its agent trades, its own key moves money: it opens the sub-account, lends it a part, trades a pair there
(long one market, short the other) and moves surplus home.  The collateral is in one asset, the positions
may settle in the other.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import View
from floorbook.core.commands import AnyCommand, ApproveAgent, OpenSubAccount, Transfer
from floorbook.units import DAY_NS

KIND = "treasury"
AGENT_DAYS = 30


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """What it lends and trades [atoms of `asset`, ETH atoms, minutes]."""

    asset: int
    lent: int
    leg_value: int
    pause_minutes: int


class Treasury:
    """One owner with a pair of markets."""

    kind = KIND

    def __init__(
        self, trader: Trader, agent: Trader, random: Random, markets: tuple[int, int], style: Style
    ) -> None:
        self.trader = trader
        self.agent = agent
        self.markets = markets
        self.style = style
        self._random = random
        self._next_at = 0  # [minute]
        self._direction = 1

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._next_at:
            return ()
        accounts = view.accounts(self.trader.signer)
        if len(accounts) == 1:
            return self._open(view)
        self.agent.now = view.now
        self._next_at = view.minute + 1 + self._random.randrange(self.style.pause_minutes)
        if self._random.randrange(4) == 0:
            return self._balance(view, accounts[1])
        return self._trade(view, accounts[1])

    def _open(self, view: View) -> Sequence[AnyCommand]:
        trader, until = self.trader, view.now + AGENT_DAYS * DAY_NS
        return [
            OpenSubAccount(account=trader.account, signer=trader.signer, nonce=trader.nonce()),
            ApproveAgent(
                account=trader.account,
                signer=trader.signer,
                nonce=trader.nonce(),
                agent=self.agent.signer,
                until=until,
            ),
        ]

    def _balance(self, view: View, sub: int) -> Sequence[AnyCommand]:
        """Bring the sub-account's money back to what is lent, if it is off by a tenth."""
        gap = self.style.lent - view.cash(sub, self.style.asset)
        if abs(gap) * 10 < self.style.lent:
            return ()
        source, target = (self.trader.account, sub) if gap > 0 else (sub, self.trader.account)
        trader = self.trader
        return [
            Transfer(
                account=source,
                signer=trader.signer,
                nonce=trader.nonce(),
                to=target,
                asset=self.style.asset,
                amount=abs(gap),
            )
        ]

    def _trade(self, view: View, sub: int) -> Sequence[AnyCommand]:
        """Turn the pair round now and then; trade each leg towards its size."""
        if self._random.randrange(3) == 0:
            self._direction = -self._direction
        commands: list[AnyCommand] = []
        for market_id, sign in zip(self.markets, (self._direction, -self._direction), strict=True):
            market = view.markets[market_id]
            if not market.is_open:
                continue
            missing = sign * market.lots(self.style.leg_value) - view.position(sub, market_id)
            if market.value(abs(missing)) * 5 > self.style.leg_value and abs(missing) > 0:
                side = 1 if missing > 0 else -1
                commands.append(self.agent.at_market(market_id, side, abs(missing), account=sub))
        return commands
