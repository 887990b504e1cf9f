"""Floorbook's loans against tokens, played by the engine itself: reports, pledges, credit, auctions, vaults.

The same owners, bidders and prices as in the hourly simulation of our rules (`floorbook`), which it checks.
The clock ticks every hour, and every quarter of one while a token is for sale.  Lenders stay: in no run of
the page has a token been for sale long enough to frighten them.  All amounts are ETH atoms.
"""

from msgspec import Struct

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import credit
from floorbook.core.engine.custody import find_token
from floorbook.core.events import (
    AuctionStarted,
    AuctionWon,
    Event,
    InterestCharged,
    NftShortfall,
    Rejected,
)  # fmt: skip
from floorbook.core.rules.reports import INDEX
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.lab.compare.accounts import Accounts, Borrower
from floorbook.lab.compare.demand import Bidder, Demand
from floorbook.lab.compare.driver import Driver
from floorbook.lab.compare.floorbook import ADMISSION_DAYS
from floorbook.lab.compare.outcome import Loan, Outcome, at_bids, settle_owners
from floorbook.lab.paths import DAY, ETHER, Path, Quote
from floorbook.units import ETH, HOUR_NS, MINUTE_NS, div_down

REPORTERS = tuple(b"reporter %d" % number for number in range(3))
QUORUM = 2
CLAIMS_MAX = 9_000 * ETHER  # a vault holds no more shares
ROOM = 120  # commitment [%] of the loan: interest needs room
QUARTER = 15 * MINUTE_NS
UNIQUE_OWNERS = 5_000


class Desk(Struct):
    """What a borrower has on the exchange."""

    loan: Loan
    account: int
    collection: int


class Lending:
    """The exchange on a path."""

    def __init__(self, accounts: Accounts, path: Path, seed: int) -> None:
        self.path, self.accounts = path, accounts
        self.driver = Driver(path.start)
        self.outcome = Outcome(rules="Floorbook")
        self.names = list(path.quotes)
        self.demand = {name: Demand(path, name, seed) for name in self.names}
        self.round = 0
        self._list()
        self._fill_vaults()
        self.desks = [self._desk(borrower) for borrower in accounts.borrowers]
        self.by_account = {desk.account: desk for desk in self.desks}
        self.dealer = self.driver.open(b"arbitrageur", 10_000 * ETHER)
        self.seats: dict[tuple[str, int], int] = {}  # bidder -> account
        self.bidders: dict[int, tuple[str, Bidder]] = {}  # and back

    def play(self) -> Outcome:
        """Return the outcome of the whole path."""
        for hour in range(self.path.hours):
            quotes = {name: demand.hour(hour) for name, demand in self.demand.items()}
            at = self.path.start + hour * HOUR_NS + 20 * MINUTE_NS
            self.driver.at = at
            self._report(quotes)
            self._note(self.driver.tick(at), quotes)
            if hour % DAY == 1 and hour <= ADMISSION_DAYS * DAY:
                self._admit()
            self._save(hour)
            if self._sells():
                self._bid(quotes)
                for part in (1, 2):
                    self._note(self.driver.tick(at + part * QUARTER), quotes)
        return self._result(quotes)

    # ---- the opening -----------------------------------------------------------------------------

    def _list(self) -> None:
        driver = self.driver
        driver.does(driver.operated(c.SetReporters, reporters=REPORTERS, quorum=QUORUM))
        for number, name in enumerate(self.names):
            listed = driver.operated(
                c.ListCollection, name=name, market=-1, tier="blue", group=number,
                supply=self.path.shapes[name].supply, unique_owners=UNIQUE_OWNERS,
            )  # fmt: skip
            driver.does(listed)
            line = driver.operated(
                c.SetCollateral, collection=number, key="line_max", value=self.accounts.claims
            )
            driver.does(line)

    def _fill_vaults(self) -> None:
        claims = min(self.accounts.claims, CLAIMS_MAX)
        for name, vault, amount in (
            (b"lender", LENDING, claims), (b"insurer", INSURANCE, self.accounts.treasury)
        ):  # fmt: skip
            if amount:
                account = self.driver.open(name, amount)
                self.driver.does(self.driver.signed(c.EnterVault, account, vault=vault, amount=amount))
        self.outcome.lenders_start = claims

    def _desk(self, borrower: Borrower) -> Desk:
        number = self.names.index(borrower.collection)
        account = self.driver.open(b"owner %d" % borrower.number)
        token = c.DepositToken(
            account=account, collection=number, token=borrower.number, reference=b"token %d" % borrower.number
        )
        self.driver.does(token)
        return Desk(Loan(borrower, 0), account, number)

    # ---- an hour -----------------------------------------------------------------------------------

    def _report(self, quotes: dict[str, Quote]) -> None:
        self.round += 1
        for number, quote in enumerate(quotes.values()):
            values = (quote.floor, *quote.bids, quote.sales_week, quote.sigma_day_ppb)
            for reporter in REPORTERS:
                report = c.PublishReport(
                    reporter=reporter, collection=number, token=-1, kind=INDEX, values=values,
                    sampled_from=self.driver.at, sampled_to=self.driver.at, round=self.round,
                )  # fmt: skip
                self.driver.does(report)

    def _admit(self) -> None:
        """Let owners pledge and borrow as far as the exchange lets them; it says what it refuses."""
        for desk in self.desks:
            if desk.loan.lent or desk.loan.is_sold:
                continue
            token = {"collection": desk.collection, "token": desk.loan.borrower.number}
            if not self._passes(self.driver.signed(c.PledgeToken, desk.account, **token)):
                continue
            worth = credit.worth(self.driver.state, desk.account)
            wanted = min(desk.loan.borrower.loan, worth.loan)
            room = min(worth.backing, div_down(wanted * ROOM, 100))
            is_lent = (
                wanted > 0
                and self._passes(self.driver.signed(c.OpenCredit, desk.account, commitment=room))
                and self._passes(self.driver.signed(c.Borrow, desk.account, amount=wanted))
            )
            if is_lent:
                desk.loan.lent = desk.loan.debt = wanted
            else:
                self._passes(self.driver.signed(c.ReleaseToken, desk.account, **token))

    def _passes(self, command: c.AnyCommand) -> bool:
        return not any(isinstance(event, Rejected) for event in self.driver.asks(command))

    def _save(self, hour: int) -> None:
        """Let owners who have found the money pay it in, and stop the sale if it has begun."""
        for desk in self._open():
            loan = desk.loan
            if not loan.borrower.repays:
                continue
            worth = credit.worth(self.driver.state, desk.account)
            loan.debt = credit.debt(self.driver.state, desk.account)
            backing = worth.backing or self._backing_on_sale(desk)
            if loan.debt and loan.judge(backing, hour):
                amount = max(loan.saving(backing), loan.debt - worth.loan)
                self.driver.pay_in(desk.account, amount)
                loan.repay(amount)
                self.outcome.saved += 1
                for auction in self._sales_of(desk.account):
                    self._passes(self.driver.signed(c.RedeemAuction, desk.account, auction=auction))

    def _backing_on_sale(self, desk: Desk) -> int:
        """Return what a token that is for sale would back: it has left the account's collateral."""
        collection = self.driver.state.collections[desk.collection]
        threshold = collection.lt_open.after if collection.lt_open else collection.lt
        return div_down(collection.liquidation_price * threshold, 10**9)

    def _bid(self, quotes: dict[str, Quote]) -> None:
        """Place everybody's bids anew at the prices of the hour."""
        state, driver = self.driver.state, self.driver
        for bid in list(state.bids.values()):
            driver.does(driver.signed(c.CancelBid, bid.account, bid=bid.id))
        for number, (name, quote) in enumerate(quotes.items()):
            demand = self.demand[name]
            for bidder in list(demand.bidders):
                self._place(self._seat(name, bidder), number, bidder.pays(quote, 0), quotes)
            for place in range(min(10, len(state.auctions))):
                self._place(self.dealer, number, demand.resale(quote, 0, after=place), quotes)

    def _place(self, account: int, collection: int, price: int, quotes: dict[str, Quote]) -> None:
        driver = self.driver
        driver.pay_in(account, price - driver.state.kernel.cash(account, ETH))
        self._note(
            driver.asks(driver.signed(c.PlaceBid, account, collection=collection, price=price)), quotes
        )

    def _seat(self, name: str, bidder: Bidder) -> int:
        key = name, bidder.number
        if key not in self.seats:
            account = self.driver.open(f"bidder {name} {bidder.number}".encode())
            self.seats[key] = account
            self.bidders[account] = name, bidder
        return self.seats[key]

    # ---- what came of it -----------------------------------------------------------------------------

    def _note(self, events: list[Event], quotes: dict[str, Quote]) -> None:
        outcome = self.outcome
        for event in events:
            if isinstance(event, AuctionStarted) and event.account in self.by_account:
                loan = self.by_account[event.account].loan
                outcome.called += not loan.was_called
                loan.was_called = True
            elif isinstance(event, AuctionWon):
                self._won(event, quotes)
            elif isinstance(event, NftShortfall):
                outcome.realised += event.amount
                outcome.lenders_loss += event.from_lenders
            elif isinstance(event, InterestCharged):
                outcome.interest += event.interest + event.fee

    def _won(self, event: AuctionWon, quotes: dict[str, Quote]) -> None:
        """Note who bought: a bidder, the arbitrageur, or the insurance vault."""
        outcome = self.outcome
        if event.winner in self.bidders:
            name, bidder = self.bidders[event.winner]
            if bidder in self.demand[name].bidders:
                self.demand[name].take(bidder)
        desk = self.by_account.get(event.account)
        if desk is None:
            return  # the vault sells what it had bought
        name = desk.loan.collection
        if event.winner == self.dealer:
            self.demand[name].take(None)
        is_backstop = event.winner == self.driver.state.vaults[INSURANCE].account
        outcome.backstop += is_backstop
        outcome.with_bid += not is_backstop
        outcome.bids += not is_backstop
        outcome.sold += 1
        outcome.sale_cost += max(0, quotes[name].floor - event.to_debt - event.to_owner)
        desk.loan.surplus += event.to_owner
        desk.loan.is_sold = True

    def _open(self) -> list[Desk]:
        return [desk for desk in self.desks if desk.loan.lent and not desk.loan.is_sold]

    def _sells(self) -> bool:
        return bool(self.driver.state.auctions)

    def _sales_of(self, account: int) -> list[int]:
        return [a.id for a in self.driver.state.auctions.values() if a.account == account]

    def _result(self, quotes: dict[str, Quote]) -> Outcome:
        state, outcome = self.driver.state, self.outcome
        for desk in self._open():
            desk.loan.debt = credit.debt(state, desk.account)
        lent = [desk.loan for desk in self.desks if desk.loan.lent]
        unsold = [desk.loan for desk in self._open() if not credit.health_is_met(state, desk.account)]
        outcome.served, outcome.lent = len(lent), sum(loan.lent for loan in lent)
        outcome.left_open = sum(loan.debt for loan in unsold)
        outcome.bad_at_floor = sum(max(0, loan.debt - quotes[loan.collection].floor) for loan in unsold)
        outcome.bad_at_bids = at_bids(quotes, unsold)
        outcome.lenders_loss += outcome.bad_at_bids
        outcome.lenders_interest = state.vaults[LENDING].income
        outcome.fund_loss = self.accounts.treasury - self._vault_worth(quotes)
        settle_owners(outcome, self.accounts, self.path, lent)
        return outcome

    def _vault_worth(self, quotes: dict[str, Quote]) -> int:
        """Return the insurance vault's money, and its tokens at the twentieth bid."""
        state = self.driver.state
        vault = state.vaults[INSURANCE].account
        held = [
            borrower.collection
            for borrower in self.accounts.borrowers
            if (token := find_token(state, self.names.index(borrower.collection), borrower.number))
            and token.custody == Custody.ACCOUNT
            and token.holder == vault
        ]
        return state.kernel.cash(vault, ETH) + sum(quotes[name].bids[-1] for name in held)
