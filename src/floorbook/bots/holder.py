"""Holder: owns tokens of a collection and puts them to work.

A *borrower* pledges, borrows a share of the limit and takes the money home; when the market comes near, it
repays, redeems from the auction, or gives up, as its nerve is.  A *trader* pledges, adds half the margin in
cash and holds a leveraged position against its tokens' credit.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from floorbook.bots.trader import Trader
from floorbook.bots.view import View
from floorbook.core.collateral import Custody, Token, token_key
from floorbook.core.commands import (
    AnyCommand,
    Borrow,
    DepositToken,
    OpenCredit,
    PledgeToken,
    RedeemAuction,
)
from floorbook.core.engine import credit
from floorbook.units import ETH, PPB_ONE

KIND = "holder"
LOOK_MINUTES = 20
PATIENCE_MINUTES = 8 * 60
WORRIES = 60  # looks that a fearless borrower takes, one with another, before he repays unasked
THIN_PPB = 1_100_000_000  # health below which a borrower thinks again


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """Whose tokens, and what is done with them [ETH atoms, ppb]."""

    collection: int
    market: int  # -1: none to trade in
    tokens: tuple[int, ...]
    borrow_ppb: int  # of the limit; 0: a trader
    cash: int
    leverage: int
    side: int
    courage_ppb: int  # the chance to save the token when it is in danger


class Holder:
    """One owner of tokens."""

    kind = KIND

    def __init__(self, trader: Trader, random: Random, style: Style) -> None:
        self.trader = trader
        self.style = style
        self._random = random
        self._look_at = 0  # [minute]
        self._has_brought = False
        self._has_drawn = False

    def decide(self, view: View) -> Sequence[AnyCommand]:
        if view.minute < self._look_at:
            return ()
        self._look_at = view.minute + 1 + self._random.randrange(LOOK_MINUTES)
        if not self._has_brought:
            self._has_brought = True
            return [self._bring(token) for token in self.style.tokens]
        tokens = self._tokens(view)
        free = [token for token in tokens if token.custody == Custody.ACCOUNT]
        if free and not self._has_drawn:
            return self._pledge(view, free)
        if any(token.custody == Custody.AUCTION for token in tokens):
            return self._redeem(view)
        pledged = [token for token in tokens if token.custody == Custody.PLEDGED]
        return self._work(view) if pledged else ()

    def _bring(self, token: int) -> DepositToken:
        reference = b"token" + token_key(self.style.collection, token).to_bytes(8)
        return DepositToken(
            account=self.trader.account, collection=self.style.collection, token=token, reference=reference
        )

    def _pledge(self, view: View, free: list[Token]) -> Sequence[AnyCommand]:
        """Ask for all; where a cap is in the way it asks again hours later."""
        self._look_at = view.minute + self._random.randrange(PATIENCE_MINUTES)
        return [self._say_token(PledgeToken, token) for token in free]

    def _tokens(self, view: View) -> list[Token]:
        """The tokens that are still its own, also those being sold."""
        own, auctions = self.trader.account, view.state.auctions
        found = []
        for number in self.style.tokens:
            token = view.state.tokens.get(token_key(self.style.collection, number))
            if token is None:
                continue
            auction = auctions.get(token.holder) if token.custody == Custody.AUCTION else None
            if own == (auction.account if auction else token.holder):
                found.append(token)
        return found

    def _say_token(self, kind: type[PledgeToken], token: Token) -> PledgeToken:
        return self.trader.say(kind, collection=token.collection, token=token.number)

    def _work(self, view: View) -> Sequence[AnyCommand]:
        limit = credit.worth(view.state, self.trader.account).loan
        if self.trader.account not in view.state.credit.lines:
            return [self.trader.say(OpenCredit, commitment=limit)] if limit else ()
        if not self._has_drawn:
            self._has_drawn = True
            return self._draw(view, limit)
        return self._worry(view)

    def _draw(self, view: View, limit: int) -> Sequence[AnyCommand]:
        style = self.style
        if style.borrow_ppb:
            wanted = view.cash(self.trader.account) + limit * style.borrow_ppb // PPB_ONE
            return [self.trader.say(Borrow, amount=wanted)] if wanted > 0 else ()
        market = view.markets[style.market]
        lots = market.lots(style.cash * style.leverage) if market.is_open else 0
        return [self.trader.at_market(style.market, style.side, lots)] if lots else ()

    def _worry(self, view: View) -> Sequence[AnyCommand]:
        """Near the sale a borrower pays part of its debt back, if it has the nerve."""
        debt = credit.debt(view.state, self.trader.account)
        backing = credit.worth(view.state, self.trader.account).backing
        if not debt or backing * PPB_ONE > debt * THIN_PPB or not self._dares(WORRIES):
            return ()
        return [self.trader.deposit(ETH, debt // 4 + 1)]

    def _redeem(self, view: View) -> Sequence[AnyCommand]:
        """Bring the debt back within the limit and stop the sale."""
        if not self._dares(2):
            return ()
        mine = [a.id for a in view.state.auctions.values() if a.account == self.trader.account]
        debt = credit.debt(view.state, self.trader.account)
        redeemed = [self.trader.say(RedeemAuction, auction=auction) for auction in mine]
        return [self.trader.deposit(ETH, debt), *redeemed] if debt else redeemed

    def _dares(self, times: int) -> bool:
        return self._random.randrange(PPB_ONE * times) < self.style.courage_ppb
