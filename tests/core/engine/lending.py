"""A world of lenders and pledgers with a perpetual on the pledged collection, prices set by hand.

Only what a test calls follows the clock.  Sums are ETH where they are small and atoms where they are not.
"""

from typing import Any

from floorbook.core import commands as c
from floorbook.core.engine import borrowing, credit, liquidation, marks
from floorbook.core.events import Event
from floorbook.core.rules.lifecycle import Status
from floorbook.units import ETH, SECOND_NS, USDC
from tests.core.engine.auctioning import COLLECTION, House
from tests.core.engine.world import (
    DOLLAR,
    ETH_USD,
    ETH_USD_PRICE,
    ETHER,
    ONE,
    PUNKS,
    USDC_PRICE_E12,
)  # fmt: skip

MARK = 100 * 10_000  # [ticks] 100 ETH
PRICE = 100  # [ETH] of a token: LTV 50 %, LT and recovery 65 %


class Bank(House):
    """1,000 ETH of lenders, a market with 500 ETH of insurance at 100 ETH, and a maker with all the money."""

    def __init__(self, *, pool: int = 1_000) -> None:
        super().__init__(pool=pool, insurance=0)
        self.does(self.list_market())
        self.does(
            self.list_market(
                name="ETH-USD", template="eth-usd", asset=USDC, size_decimals=3, price_decimals=2,
                price_max=2**23, lots_max=2**28, first_price=ETH_USD_PRICE,
            )
        )  # fmt: skip
        self.fund(self.market(PUNKS).fund.account, ETH, 500 * ETHER)
        self.fund(self.market(ETH_USD).fund.account, USDC, 1_000_000 * DOLLAR)
        self.does(c.PublishAsset(asset=USDC, price_e12=USDC_PRICE_E12, sequence=1, observed=self.at))
        marks.price_assets(self.state)
        for market, price in ((PUNKS, MARK), (ETH_USD, ETH_USD_PRICE)):
            self.set_status("open", market)
            self.mark(price, market)
        punks = self.state.collections[COLLECTION]
        punks.market, punks.line, punks.sales_week = PUNKS, 10**6 * ETHER, 800
        self.maker = self.open_account(b"maker", eth=10_000)

    def at_price(self, eth: float) -> list[Event]:
        """Let mark, index and the token's values be a price, and lines follow."""
        for number, market in enumerate(self.state.markets):
            if number == PUNKS:
                market.index.raw = market.index.limited = int(eth * 10_000)
        self.mark(int(eth * 10_000))
        self.price(int(eth * ETHER))
        self.report()
        return borrowing.refresh(self.state, credit.worths(self.state))

    def line(self, *tokens: int, eth: int = 0, commitment: int = 0) -> int:
        """Open an account with cash, pledged tokens and a line."""
        account = self.open_account(b"pledger %d" % len(self.state.owner_of), eth=eth)
        for number in tokens:
            self.pledge(account, number)
        if commitment:
            self.does(self.credit(account, commitment))
        return account

    def credit(self, account: int, eth: int) -> c.OpenCredit:
        command: c.OpenCredit = self.signed(c.OpenCredit, account, commitment=eth * ETHER)
        return command

    def loan(self, account: int, amount: int) -> c.Borrow:
        command: c.Borrow = self.signed(c.Borrow, account, amount=amount)
        return command

    def opens(self, account: int, lots: int, price: int = MARK) -> None:
        """Trade signed lots against the maker."""
        buyer, seller = (account, self.maker) if lots > 0 else (self.maker, account)
        side = 1 if lots > 0 else -1
        self.does(self.order(self.maker, -side, abs(lots), price))
        self.does(self.order(account, side, abs(lots), price))
        assert buyer != seller

    def liquidates(self, seconds: int = 30) -> list[Event]:
        self.at += seconds * SECOND_NS
        self.state.now = self.at
        return liquidation.run(self.state)

    def cash(self, account: int) -> int:
        return int(self.state.kernel.cash(account, ETH))

    def size(self, account: int, market: int = PUNKS) -> int:
        return int(self.state.kernel.position(account, market)[0])

    def debt(self, account: int) -> int:
        return credit.debt(self.state, account)

    def named(self, kind: type[Any], account: int, token: int) -> Any:
        return self.signed(kind, account, collection=COLLECTION, token=token)


assert ONE == 100
assert Status.LIVE
