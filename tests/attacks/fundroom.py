"""Claims with an attacker in it: what he has at the end, counted at prices that nobody can move."""

from floorbook.core.collateral import Custody
from floorbook.core.engine import queries
from tests.core.engine.claiming import Claims
from tests.core.engine.world import ETHER


class Fundroom(Claims):
    """Tokens count their true price: the collection's, or their own where the attack knows it."""

    def __init__(self) -> None:
        super().__init__()
        self.truth: dict[tuple[int, int], int] = {}
        self.true_floors = dict(self.floors)
        self.paid_in: dict[int, int] = {}

    def fund(self, account: int, asset: int, amount: int) -> None:
        super().fund(account, asset, amount)
        paid = getattr(self, "paid_in", None)
        if paid is not None:
            paid[account] = paid.get(account, 0) + amount

    def brings(self, account: int, collection: int, *numbers: int) -> tuple[tuple[int, int], ...]:
        """Bring tokens; what they are truly worth counts as paid in."""
        names = self.bring(account, collection, *numbers)
        self.paid_in[account] = self.paid_in.get(account, 0) + sum(self.true_price(*name) for name in names)
        return names

    def true_price(self, collection: int, number: int) -> int:
        return self.truth.get((collection, number), self.true_floors[collection])

    def tokens_of(self, account: int) -> int:
        """Return what the account's own tokens are truly worth."""
        held = (Custody.ACCOUNT, Custody.PLEDGED)
        return sum(
            self.true_price(token.collection, token.number)
            for token in self.state.tokens.values()
            if token.holder == account and token.custody in held
        )

    def behind(self, instrument: int) -> int:
        """Return what truly stands behind all units: tokens, or the price that was paid for them."""
        found = self.instrument(instrument)
        inside = (Custody.FRACTIONS, Custody.FUND)
        tokens = sum(
            self.true_price(token.collection, token.number)
            for token in self.state.tokens.values()
            if token.custody in inside and token.holder == instrument
        )
        return tokens + found.paid

    def wealth(self, account: int) -> int:
        """Return cash and positions, tokens, and units by what truly stands behind them, down."""
        units = sum(
            self.behind(each.id) * each.balances.get(account, 0) // each.supply
            for each in self.state.instruments
            if each.supply
        )
        offered = sum(
            each.buyout.price
            for each in self.state.instruments
            if each.buyout and each.buyout.account == account
        )
        return queries.equity(self.state, account) + self.tokens_of(account) + units + offered

    def gain(self, *accounts: int) -> int:
        """Return what the accounts have beyond what they paid in [atoms]."""
        return sum(self.wealth(account) - self.paid_in.get(account, 0) for account in accounts)


assert ETHER == 10**9
