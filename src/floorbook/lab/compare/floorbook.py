"""Floorbook's rules for loans against tokens, hour by hour, with the core's own pure functions.

Values, thresholds, credit, the auction's price, the split of its money and of its loss are
`floorbook.core.rules`; what an hour leaves out is what the engine does between two hours.  `is_capped`
says whether the caps on a collection hold (docs/spec/collateral.md, section 7).  Without them the tier's
own thresholds stand, so that all owners of a comparison can be served; with them most are turned away.
Of the caps the operator's is set to the whole pool.
All amounts are ETH atoms.
"""

from collections import deque

from msgspec import Struct

from floorbook.core.rules import auction as sales
from floorbook.core.rules import collateral, credit, vault
from floorbook.lab.compare.accounts import Accounts, Borrower
from floorbook.lab.compare.demand import Demand
from floorbook.lab.compare.outcome import ACCRUE_HOURS, Loan, Outcome, Run, at_bids, settle_owners
from floorbook.lab.paths import DAY, WEEK, Path, Quote
from floorbook.units import HOUR_NS, PPB_ONE, div_down

LIQUIDATION_HOURS = 6
DEPTH_BID = 2  # place of the fifth bid in a quote
ADMISSION_DAYS = 14  # how long owners who were turned away come again every day
EXIT_HOURS = vault.EXIT_DELAY_NS // HOUR_NS


class Values(Struct, frozen=True):
    """What a collection's first token counts in an hour, and the thresholds."""

    borrow: int
    liquidation: int
    ltv: int  # [ppb]
    lt: int  # [ppb] of open credit


class Ramp(Struct):
    """The threshold of open credit on its way."""

    before: int
    after: int
    started: int  # [ns]
    until: int

    def turn(self, after: int, now: int) -> int:
        """Aim at another threshold; return the one of now [ppb]."""
        value = collateral.ramp_at(self.before, self.after, self.started, self.until, now)
        if after != self.after:
            runs = now < self.until
            pace = (self.after - self.before, self.until - self.started) if runs else (0, 0)
            self.until = collateral.ramp_end(value, after, now, pace)
            self.before, self.after, self.started = value, after, now
        return value


class Sale(Struct):
    """A falling price for a loan's token."""

    loan: Loan
    curve: sales.Curve
    started: int  # hour
    resets: int = 0
    age: int = 0  # hours since the first start


class Floorbook:
    """The venue on a path, an hour after the other."""

    def __init__(self, accounts: Accounts, path: Path, seed: int, *, is_capped: bool) -> None:
        self.path, self.accounts, self.is_capped = path, accounts, is_capped
        self.outcome = Outcome(rules="Floorbook")
        self.demand = {name: Demand(path, name, seed) for name in path.quotes}
        self.tier = collateral.starting_parameters("blue") | {"line_max": accounts.claims}
        self.ramps = {name: Ramp(self.tier["lt"], self.tier["lt"], 0, 0) for name in path.quotes}
        self.lines = dict.fromkeys(path.quotes, (0, 0))
        self.waiting = list(accounts.borrowers)
        self.loans: list[Loan] = []
        self.sales: list[Sale] = []
        self.run = Run(accounts.claims)
        self.exits: deque[tuple[int, int]] = deque()  # (hour, amount)
        self.fund, self.reserve = accounts.treasury, 0
        self.held: list[str] = []  # collections of the insurance vault's tokens
        self.outcome.lenders_start = accounts.claims

    def play(self) -> Outcome:
        """Return the outcome of the whole path."""
        for hour in range(self.path.hours):
            quotes = {name: demand.hour(hour) for name, demand in self.demand.items()}
            values = {name: self._values(name, quote, hour) for name, quote in quotes.items()}
            if hour == 0 or (self.is_capped and hour % DAY == 0 and hour <= ADMISSION_DAYS * DAY):
                self._admit(hour, values)
            if hour % ACCRUE_HOURS == 0:
                self._accrue()
            self._judge(hour, values)
            self._start(hour, quotes, values)
            for sale in list(self.sales):
                self._step(sale, hour, quotes[sale.loan.collection], values[sale.loan.collection])
            self._lenders(hour, quotes)
        return self._result(quotes)

    # ---- values ----------------------------------------------------------------------------------

    def _values(self, name: str, quote: Quote, hour: int) -> Values:
        history = self.path.quotes[name]
        week = history[max(0, hour - WEEK + 1) : hour + 1]
        recent = week[-LIQUIDATION_HOURS:]
        index_then = div_down(sum(q.floor + q.top_bid for q in recent), 2 * len(recent))
        average = div_down(sum(q.floor for q in recent), len(recent))
        index = div_down(quote.floor + quote.top_bid, 2)
        lt = self._threshold(name, quote, hour)
        return Values(
            borrow=min(quote.floor, div_down(sum(q.floor for q in week), len(week)), quote.top_bid),
            liquidation=min(average, collateral.referred(average, index_then, index)),
            ltv=collateral.loan_share(self.tier["ltv"], lt[0], lt[1]),
            lt=lt[1],
        )

    def _threshold(self, name: str, quote: Quote, hour: int) -> tuple[int, int]:
        """Return LT for new and for open credit [ppb]."""
        if not self.is_capped:
            return self.tier["lt"], self.tier["lt"]
        conditions = collateral.Conditions(
            sigma_day=quote.sigma_day_ppb,
            depth=div_down(quote.bids[DEPTH_BID] * PPB_ONE, quote.floor),
            age_ns=0,
            sales_week=quote.sales_week,
            pledged=self._pledged(name),
            pledged_max=self._pledged_max(name, quote),
        )
        new = collateral.threshold(self.tier, conditions)
        return new, self.ramps[name].turn(new, hour * HOUR_NS)

    # ---- credit ----------------------------------------------------------------------------------

    def _admit(self, hour: int, values: dict[str, Values]) -> None:
        """Lend to whom the caps let in, in the order of their numbers."""
        for name in self.lines:
            line, line_at = self.lines[name]
            self.lines[name] = collateral.next_line(
                line, line_at, self._carried(name, values), self.tier["line_max"], hour * HOUR_NS
            )
        for borrower in list(self.waiting):
            worth = values[borrower.collection]
            loan = min(borrower.loan, div_down(min(worth.borrow, worth.liquidation) * worth.ltv, PPB_ONE))
            if loan > 0 and self._has_room(borrower, loan, values):
                self.waiting.remove(borrower)
                self.loans.append(Loan(borrower, loan, loan))

    def _has_room(self, borrower: Borrower, loan: int, values: dict[str, Values]) -> bool:
        """Return whether the pool's promise and, if they hold, the caps leave room."""
        if self._debts() + loan > credit.promise_limit(self.run.claims):
            return False
        if not self.is_capped:
            return True
        name = borrower.collection
        worth, quote = values[name], self.demand[name].quotes[0]
        each = div_down(worth.liquidation * worth.ltv, PPB_ONE)
        carried = self._carried(name, values)
        carried_by_all = sum(self._carried(other, values) for other in values)
        total = max(each + carried_by_all, credit.promise_limit(self.run.claims))
        return (
            self._pledged(name) < self._pledged_max(name, quote)
            and each + carried <= self.lines[name][0]
            and each <= collateral.share_max(total, collateral.OWNER_SHARE_PPB)
            and each + carried <= collateral.share_max(total, collateral.GROUP_SHARE_PPB)
        )

    def _accrue(self) -> None:
        debts = self._debts()
        rate = credit.rate_year(credit.utilisation(debts, self.run.claims))
        paid = 0
        for loan in self._open():
            due = credit.interest(loan.debt, rate, ACCRUE_HOURS * HOUR_NS)
            loan.debt += due
            paid += due
        earned = credit.lenders_part(paid)
        self.run.claims += earned
        self.reserve += paid - earned
        self.outcome.interest += paid
        self.outcome.lenders_interest += earned

    def _judge(self, hour: int, values: dict[str, Values]) -> None:
        """Note who is unhealthy; owners pay if the money is there and nobody has bought."""
        backings = {name: div_down(v.liquidation * v.lt, PPB_ONE) for name, v in values.items()}
        for loan in self._open():
            worth, backing = values[loan.collection], backings[loan.collection]
            if loan.judge(backing, hour):
                safe = div_down(min(worth.liquidation, worth.borrow) * worth.ltv, PPB_ONE)
                loan.repay(max(loan.saving(backing), loan.debt - safe))
                self.outcome.saved += 1
        # Whoever has been healthy for an hour keeps the token.
        self.sales = [sale for sale in self.sales if sale.loan.unhealthy >= 0]

    # ---- sales -----------------------------------------------------------------------------------

    def _start(self, hour: int, quotes: dict[str, Quote], values: dict[str, Values]) -> None:
        """Begin sales, the largest debt first, as many as the queue has places."""
        on_sale = {id(sale.loan) for sale in self.sales}
        queue = [loan for loan in self._open() if loan.unhealthy >= 0 and id(loan) not in on_sale]
        for loan in sorted(queue, key=lambda loan: (-loan.debt, loan.borrower.number)):
            name = loan.collection
            busy = sum(sale.loan.collection == name for sale in self.sales)
            if busy < sales.queue_capacity(quotes[name].sales_week):
                self.outcome.called += not loan.was_called
                loan.was_called = True
                self.sales.append(Sale(loan, self._curve(name, quotes[name], values[name]), hour))

    def _curve(self, name: str, quote: Quote, worth: Values) -> sales.Curve:
        best, _ = self.demand[name].best(quote, 0)
        return sales.curve(quote.floor, worth.liquidation, best)

    def _step(self, sale: Sale, hour: int, quote: Quote, worth: Values) -> None:
        """Sell to the best bidder if the price has come down to him; after six hours begin anew or end."""
        elapsed = (hour - sale.started) * HOUR_NS
        price = sales.price_at(sale.curve, elapsed)
        offer, bidder = self.demand[sale.loan.collection].best(quote, 0)
        self.outcome.bids += offer >= price
        if offer >= price:
            before = sales.price_at(sale.curve, max(0, elapsed - HOUR_NS))
            self.demand[sale.loan.collection].take(bidder)
            self.outcome.with_bid += 1
            self._sell(sale, min(offer, before), quote)
        elif elapsed >= sales.DURATION_NS:
            self._end_run(sale, hour, quote, worth)

    def _end_run(self, sale: Sale, hour: int, quote: Quote, worth: Values) -> None:
        if sale.resets < sales.RESETS_MAX:
            sale.curve = self._curve(sale.loan.collection, quote, worth)
            sale.started, sale.resets = hour, sale.resets + 1
            return
        price = sales.backstop(sale.curve.end, self.fund, -1)
        self.fund -= price
        self.held.append(sale.loan.collection)
        self.outcome.backstop += 1
        self._sell(sale, price, quote)

    def _sell(self, sale: Sale, price: int, quote: Quote) -> None:
        loan = sale.loan
        parts = sales.split(price, loan.debt, has_keeper=True)
        self.sales.remove(sale)
        shortfall = loan.debt - parts.to_debt
        losses = vault.split_loss(shortfall, self.fund, self.reserve, self.run.claims)
        self.fund += parts.to_insurance - losses.from_fund
        self.reserve -= losses.from_reserve
        self.run.claims -= losses.from_lenders
        self.outcome.lenders_loss += losses.from_lenders
        self.outcome.realised += shortfall
        self.outcome.sold += 1
        self.outcome.sale_cost += max(0, quote.floor - parts.to_debt - parts.to_owner)
        loan.surplus, loan.is_sold, loan.debt = parts.to_owner, True, 0

    # ---- lenders ---------------------------------------------------------------------------------

    def _lenders(self, hour: int, quotes: dict[str, Quote]) -> None:
        """Let frightened lenders announce their exit and pay those whose 48 hours are over."""
        waited = [hour - sale.loan.unhealthy for sale in self.sales]
        before = self.run.asked
        self.run.hour(hour, max(waited, default=0))
        if self.run.asked > before:
            self.exits.append((hour + EXIT_HOURS, self.run.asked - before))
        due = sum(amount for at, amount in self.exits if at <= hour)
        free = max(0, self.run.claims - self._debts())
        paid = min(due, free)
        self.run.pay(paid)
        self._forget(paid)
        self.outcome.stuck_hours += self.run.asked > 0
        unhealthy = [loan for loan in self._open() if loan.unhealthy >= 0]
        self.outcome.note(
            bad_at_bids=at_bids(quotes, unhealthy),
            claims=self.run.claims,
            free=free,
            unhealthy=len(unhealthy),
        )

    def _forget(self, paid: int) -> None:
        while paid and self.exits:
            at, amount = self.exits.popleft()
            if amount > paid:
                self.exits.appendleft((at, amount - paid))
            paid -= min(paid, amount)

    # ---- what is -----------------------------------------------------------------------------------

    def _open(self) -> list[Loan]:
        return [loan for loan in self.loans if not loan.is_sold]

    def _debts(self) -> int:
        return sum(loan.debt for loan in self._open())

    def _pledged(self, name: str) -> int:
        return sum(loan.collection == name for loan in self._open())

    def _pledged_max(self, name: str, quote: Quote) -> int:
        return collateral.pledged_max(self.path.shapes[name].supply, quote.sales_week)

    def _carried(self, name: str, values: dict[str, Values]) -> int:
        """Return the credit that a collection's pledged tokens carry at most."""
        worth = values[name]
        return self._pledged(name) * div_down(worth.liquidation * worth.ltv, PPB_ONE)

    def _result(self, quotes: dict[str, Quote]) -> Outcome:
        outcome, unsold = self.outcome, [loan for loan in self._open() if loan.unhealthy >= 0]
        outcome.served, outcome.lent = len(self.loans), sum(loan.lent for loan in self.loans)
        outcome.left_open = sum(loan.debt for loan in unsold)
        outcome.bad_at_floor = sum(max(0, loan.debt - quotes[loan.collection].floor) for loan in unsold)
        outcome.bad_at_bids = at_bids(quotes, unsold)
        outcome.lenders_loss += outcome.bad_at_bids
        outcome.fund_loss = self.accounts.treasury - self.fund - sum(quotes[n].bids[-1] for n in self.held)
        outcome.stuck = self.run.asked
        settle_owners(outcome, self.accounts, self.path, self.loans)
        return outcome
