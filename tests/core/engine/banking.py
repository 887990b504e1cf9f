"""A world with lenders, an insurer and a debtor, and the words to speak about vaults."""

from typing import Any

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import recourse
from floorbook.core.engine.custody import move_token
from floorbook.core.events import VaultEntered, VaultExited
from floorbook.core.invariants import broken
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import ETH
from tests.core.engine.pledging import Vault
from tests.core.engine.world import ETHER, MS_NS

HOUR = 3_600  # [s]
SHARE = 10**6  # shares of one atom at par


class Bank(Vault):
    """A priced collection, a lender with 400 ETH of which 200 are in the pool, an insurer with 40 of 50."""

    def __init__(self) -> None:
        super().__init__()
        self.open_punks()
        self.lender = self.open_account(b"lender", eth=400)
        self.insurer = self.open_account(b"insurer", eth=50)
        self.debtor = self.open_account(b"debtor")

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // MS_NS)  # days pass here
        return super().signed(kind, account, **fields)

    def enters(self, account: int, amount: int, vault: int = LENDING) -> VaultEntered:
        (event,) = self.does(self.entry(account, amount, vault))
        assert isinstance(event, VaultEntered)
        return event

    def entry(self, account: int, amount: int, vault: int = LENDING) -> Any:
        return self.signed(c.EnterVault, account, vault=vault, amount=amount)

    def request(self, account: int, shares: int, vault: int = LENDING) -> Any:
        return self.signed(c.RequestExit, account, vault=vault, shares=shares)

    def exit(self, account: int, vault: int = LENDING) -> Any:
        return self.signed(c.ExitVault, account, vault=vault)

    def leaves(self, account: int, vault: int = LENDING) -> VaultExited:
        event = self.does(self.exit(account, vault))[0]
        assert isinstance(event, VaultExited)
        return event

    def fill(self, lent: int = 200, insured: int = 40) -> None:
        self.enters(self.lender, lent * ETHER)
        if insured:
            self.enters(self.insurer, insured * ETHER, INSURANCE)

    def borrows(self, amount: int, *tokens: int, account: int = -1) -> None:
        """Let the debtor, or another account, pledge tokens and borrow [atoms]."""
        who = self.debtor if account < 0 else account
        self.brings(who, *tokens)
        self.report()
        self.pledges(who, *tokens)
        self.does(self.signed(c.OpenCredit, who, commitment=amount))
        self.does(self.signed(c.Borrow, who, amount=amount))

    def loses(self, *tokens: int, price: int, buyer: int, par: int) -> None:
        """Sell the debtor's tokens as an auction would, without a penalty; the buyer's cash pays."""
        for token in tokens:
            recourse.mark_sold(self.state, self.token(token), self.debtor, par - price)
            move_token(self.state, self.token(token), Custody.ACCOUNT, buyer)
            self.state.kernel.adjust(buyer, ETH, -price)
            self.state.kernel.adjust(self.debtor, ETH, price)

    def cash(self, account: int) -> int:
        return int(self.state.kernel.cash(account, ETH))

    def checks(self) -> None:
        assert broken(self.state) == []
