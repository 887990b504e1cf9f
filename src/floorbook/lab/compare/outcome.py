"""What a rule set made of the accounts: the same figures for all.  Amounts are ETH atoms."""

from collections.abc import Sequence

from msgspec import Struct, field

from floorbook.lab.compare.accounts import REACTION_HOURS, SAVED_PPB, WARNING_PPB, Accounts, Borrower
from floorbook.lab.paths import Path, Quote
from floorbook.units import PPB_ONE, div_down

RUN_HOURS = 48  # frightened lenders want everything back within (BendDAO: 15,000 ETH in two days)
CALM_HOURS = 72  # after so long without an unsold token they stop asking
ACCRUE_HOURS = 6  # between two accruals of interest
UNSOLD_HOURS = 24  # a sale that has found no buyer for so long frightens lenders


class Outcome(Struct, kw_only=True):
    """A rule set's result on a path."""

    rules: str
    owners: int = 0
    served: int = 0
    lent: int = 0
    called: int = 0  # sales that began, or should have
    with_bid: int = 0
    bids: int = 0
    sold: int = 0
    saved: int = 0  # by their owners' money
    backstop: int = 0  # tokens the insurance vault had to buy
    fund_loss: int = 0  # of the insurance vault, its tokens at the twentieth bid; negative: it has earned
    realised: int = 0  # debt that a sale did not bring
    bad_at_floor: int = 0  # unsold debt above the last floor
    bad_at_bids: int = 0  # unsold debt above what the standing bids pay, one after the other
    lenders_loss: int = 0
    lenders_interest: int = 0
    lenders_start: int = 0
    owners_start: int = 0
    owners_end: int = 0
    sale_cost: int = 0  # what forced sales took from owners against the floor of that hour, fees included
    interest: int = 0
    left_open: int = 0  # debt of unhealthy tokens at the end
    stuck_hours: int = 0  # in which lenders waited for money they had asked for
    stuck: int = 0  # what they still waited for at the end
    winners_claim: int = 0
    winners_unpaid: int = 0
    deleveraged: int = 0  # notional of winners closed before they wanted to
    traders_refused: int = 0  # open interest wanted that found nobody on the other side
    series: dict[str, list[int]] = field(default_factory=dict)

    def note(self, **values: int) -> None:
        """Append an hour's values to the series."""
        for name, value in values.items():
            self.series.setdefault(name, []).append(value)


class Loan(Struct):
    """A borrower's debt, and where his token is."""

    borrower: Borrower
    debt: int
    lent: int = 0
    paid_in: int = 0  # by the owner, to save the token
    surplus: int = 0  # of the sale, to the owner
    warned: int = -1  # hour since which it is in the danger zone
    unhealthy: int = -1  # hour since which it may be sold
    was_called: bool = False
    is_sold: bool = False

    @property
    def collection(self) -> str:
        """Return the collection of the token."""
        return self.borrower.collection

    def judge(self, backing: int, hour: int) -> bool:
        """Note the health of the hour, backing / debt; return whether the owner's money is there now."""
        if backing * PPB_ONE >= self.debt * WARNING_PPB:
            self.warned = self.unhealthy = -1
            return False
        self.warned = self.warned if self.warned >= 0 else hour
        is_unhealthy = backing < self.debt
        self.unhealthy = (self.unhealthy if self.unhealthy >= 0 else hour) if is_unhealthy else -1
        return self.borrower.repays and hour - self.warned >= REACTION_HOURS

    def saving(self, backing: int) -> int:
        """Return what the owner pays in: all that exceeds a safe debt."""
        return self.debt - div_down(backing * PPB_ONE, SAVED_PPB)

    def repay(self, amount: int) -> None:
        """Take the owner's money."""
        self.debt -= amount
        self.paid_in += amount
        self.warned = self.unhealthy = -1


class Run:
    """Lenders who take fright: they ask for all they have over two days while a token stays unsold."""

    def __init__(self, claims: int) -> None:
        self.claims = self.start = claims
        self.asked = 0  # and not paid yet
        self.frightened_until = -1

    def hour(self, hour: int, unsold_hours: int) -> None:
        """Let lenders ask."""
        if unsold_hours >= UNSOLD_HOURS:
            self.frightened_until = hour + CALM_HOURS
        if hour < self.frightened_until:
            self.asked = min(self.claims, self.asked + div_down(self.start, RUN_HOURS))

    def pay(self, available: int) -> bool:
        """Pay what can be paid; return whether somebody who asked goes without."""
        paid = max(0, min(self.asked, available))
        self.asked -= paid
        self.claims -= paid
        return self.asked > 0


def at_bids(quotes: dict[str, Quote], unsold: Sequence[Loan]) -> int:
    """Return the debt that selling all these tokens into the standing bids would leave unpaid.

    Each token pays its own debt only; the largest debts get the best bids, which is kind to the lenders.
    """
    missing, sold = 0, dict.fromkeys(quotes, 0)
    for loan in sorted(unsold, key=lambda loan: (-loan.debt, loan.borrower.number)):
        name = loan.borrower.collection
        sold[name] += 1
        missing += max(0, loan.debt - quotes[name].bid(sold[name]))
    return missing


def settle_owners(outcome: Outcome, accounts: Accounts, path: Path, loans: Sequence[Loan]) -> None:
    """Write what owners had and have: the token, the borrowed money, what they paid, what a sale left.

    A debt above the floor is the lenders' problem, not the owner's: he can walk away from the token.
    """
    first = {name: quotes[0].floor for name, quotes in path.quotes.items()}
    last = {name: quotes[-1].floor for name, quotes in path.quotes.items()}
    by_owner = {loan.borrower.number: loan for loan in loans}
    outcome.owners = len(accounts.borrowers)
    for borrower in accounts.borrowers:
        outcome.owners_start += first[borrower.collection]
        loan = by_owner.get(borrower.number)
        if loan is None:
            outcome.owners_end += last[borrower.collection]
            continue
        token = 0 if loan.is_sold else max(0, last[borrower.collection] - loan.debt)
        outcome.owners_end += loan.lent + token + loan.surplus - loan.paid_in


def share_ppb(part: int, whole: int) -> int:
    """Return part / whole [ppb], rounded down; 0 of nothing."""
    return div_down(part * PPB_ONE, whole) if whole else 0
