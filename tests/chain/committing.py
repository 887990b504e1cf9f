"""An exchange with everything that a leaf can say, tied to a vault on a chain."""

from floorbook.core import commands as c
from floorbook.core.collateral import TOKEN_BITS, TOKEN_MAX
from floorbook.core.events import Event
from floorbook.core.rules.vault import LENDING
from floorbook.units import ETH, USDC
from tests.core.engine.lending import Bank
from tests.core.engine.world import DOLLAR, ETHER

CHAIN_ID = 31_337
VAULT = b"the vault on a chain".ljust(20)
WHALE = b"the address of whale"


class Custody(Bank):
    """A bank whose lenders lend, whose traders trade, and whose vault has been given all that backs it."""

    def __init__(self) -> None:
        super().__init__()
        self.lender = self.open_account(b"lender", eth=500)
        self.does(self.signed(c.EnterVault, self.lender, vault=LENDING, amount=400 * ETHER))
        self.debtor = self.line(1, 2, commitment=80)
        self.does(self.loan(self.debtor, 30 * ETHER))
        self.trader = self.open_account(b"trader", eth=100)
        self.opens(self.trader, 5)
        self.does(self.operated(c.OpenSettlement, chain_id=CHAIN_ID, vault=VAULT))
        settlement = self.state.settlement
        for asset, missing in enumerate(list(settlement.backing)):
            self.money(VAULT, asset, missing)
        for key in list(settlement.backing_tokens):
            self.token(VAULT, key >> TOKEN_BITS, key & TOKEN_MAX)
        self.money(WHALE, ETH, 50 * ETHER)
        self.money(WHALE, USDC, 900 * DOLLAR)
        self.whale = self.state.owners[WHALE].accounts[0]

    def open_account(self, owner: bytes, eth: int = 0, usdc: int = 0) -> int:
        """Open an account of an address: who has none cannot be paid on a chain."""
        return super().open_account(owner.ljust(20, b"."), eth, usdc)

    def money(self, owner: bytes, asset: int, amount: int) -> list[Event]:
        """Let money arrive in the vault."""
        sequence = self.state.settlement.deposit_sequence + 1
        return self.does(c.CreditDeposit(sequence=sequence, owner=owner, asset=asset, amount=amount))

    def token(self, owner: bytes, collection: int, token: int) -> list[Event]:
        """Let a token arrive in the vault."""
        sequence = self.state.settlement.deposit_sequence + 1
        return self.does(c.CreditToken(sequence=sequence, owner=owner, collection=collection, token=token))

    def leaves(self, account: int, asset: int, amount: int) -> None:
        """Let money leave by a payout."""
        self.does(self.signed(c.Withdraw, account, asset=asset, amount=amount))
