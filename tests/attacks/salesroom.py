"""Sales of one token at a time, an attacker under several names, and one accounting of both.

The true value of a token is a fact that the exchange may know or not.  A side's profit is its money and
tokens, at the true value, less what it brought; who owes more than he has walks away.
"""

from pathlib import Path

from floorbook.core import commands as c
from floorbook.core.collateral import Auction, Custody
from floorbook.core.engine import credit, recourse, sales
from floorbook.core.events import AuctionWon
from floorbook.core.rules.vault import INSURANCE, LENDING
from tests.attacks.page import Harm, Outcome
from tests.core.engine.auctioning import COLLECTION, PRICE, House
from tests.core.engine.world import ETHER

HOUR, DAY = 3_600, 86_400  # [s]
DEBT = 50  # [ETH] all that a token of PRICE carries


class Salesroom(House):
    """A pledged token with its full loan, paid out to the attacker."""

    def __init__(self, *, owner_is_attacker: bool = True, insurance: int = 200) -> None:
        super().__init__(insurance=insurance)
        self.truth = PRICE
        self.brought: dict[int, int] = {}
        self.names: list[int] = []
        self.debtor = self.pledger(1)
        self.brought[self.debtor] = PRICE
        self.took = DEBT * ETHER
        self.owe(self.debtor, self.took)
        if owner_is_attacker:
            self.names.append(self.debtor)
        self.start_pool = self.funds()

    def name(self, eth: int = 500) -> int:
        """Open another account of the attacker's."""
        account = self.bidder(eth)
        self.names.append(account)
        self.brought[account] = eth * ETHER
        return account

    def goes_to(self, price: int) -> None:
        """Let the true value change, and everybody know it."""
        self.truth = price
        self.price(price)

    def unhealthy(self, price: int = 76 * ETHER) -> Auction:
        """Let the value fall until H < 1, and the sale begin."""
        self.goes_to(price)
        return self.sell_up()

    def takes(self, account: int, auction: Auction) -> None:
        """Buy at the price of now, or be refused."""
        self.seen += self.apply(self.signed(c.TakeAuction, account, auction=auction.id, price_max=10**15))

    def funds(self) -> int:
        """Return what lenders, reserve and insurance vault have [ETH atoms]."""
        pools = (self.state.vaults[LENDING].account, self.state.vaults[INSURANCE].account)
        return sum(self.cash(account) for account in (*pools, self.state.credit.reserve_account))

    def change_of_funds(self) -> int:
        """Return what they gained, bought tokens at the true value, an open loan at what it is good for."""
        vault = self.state.vaults[INSURANCE].account
        owed = credit.debt(self.state, self.debtor)
        bad = max(0, owed - self.held(self.debtor) * self.truth)
        return self.funds() + self.held(vault) * self.truth - bad - self.start_pool

    def held(self, account: int) -> int:
        """Return how many tokens are the account's, on sale or not."""
        return sum(
            token.pledger == account or (token.custody == Custody.ACCOUNT and token.holder == account)
            for token in self.state.tokens.values()
        )

    def profit(self) -> int:
        """Return the attacker's profit [ETH atoms]."""
        total = 0
        for account in self.names:
            has = self.cash(account) + self.held(account) * self.truth - self.due(account)
            has += sum(bid.price for bid in self.state.bids.values() if bid.account == account)
            total += max(0, has) - self.brought[account]
        return total + (self.took if self.debtor in self.names else 0)

    def gain(self) -> int:
        """Return the profit beside what the fall of the price itself cost a debtor who kept his token."""
        return self.profit() + (PRICE - self.truth if self.debtor in self.names else 0)

    def due(self, account: int) -> int:
        """Return what must be paid before the account's tokens are free of the shortfall they carry (A19)."""
        return sum(
            recourse.due(self.state, token)
            for token in self.state.tokens.values()
            if token.custody == Custody.ACCOUNT and token.holder == account
        )

    def sold(self) -> list[AuctionWon]:
        return self.events(AuctionWon)

    def price_now(self, auction: Auction) -> int:
        return sales.price_now(self.state, auction)


def outcome(
    row: str, title: str, guard: str, spec: str, without: Salesroom, best: Salesroom, tried: int
) -> Outcome:
    """Return what an attack came to; the file is named by its row of the survey's table."""
    return Outcome(
        attack=row, title=title, guard=guard, spec=spec, without=without.gain(), profit=best.gain(),
        insurance=best.change_of_funds(), honest=0, attempts=tried, file=file_of(row),
    )  # fmt: skip


def harm(row: str, title: str, guard: str, spec: str, without: Salesroom, best: Salesroom) -> Harm:
    """Return what an attack that pays nobody does to lenders and funds."""
    return Harm(
        attack=row, title=title, guard=guard, spec=spec, without=without.change_of_funds(),
        others=best.change_of_funds(), attempts=1, file=file_of(row),
    )  # fmt: skip


def file_of(row: str) -> str:
    """Return the name of the file that plays a row of the survey's table."""
    (found,) = Path(__file__).parent.glob(f"test_{row}_*.py")
    return found.name


__all__ = ["COLLECTION", "DAY", "DEBT", "ETHER", "HOUR", "PRICE", "Salesroom", "harm", "outcome"]
