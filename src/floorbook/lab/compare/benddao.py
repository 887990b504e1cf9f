"""BendDAO as of August 2022: one loan a token, liquidated at 90 %, sold in an English auction of 48 hours.

    health    = floor * 90 % / debt               floor: its time-weighted average over 6 hours
    first bid >= max(debt, 95 % of the floor)     and it starts the auction: without a bid nothing happens
    next bid  >= bid + 1 % of the debt
    redeem    the owner pays half the debt and a fine of max(5 % of it, 0.2 ETH) to the first bidder

Nothing in the rules says who bears a debt that no bid covers; the loan stays open and the lenders wait.
Sources: BendDAO's contracts and documentation, governance thread BIP#9.  All amounts are ETH atoms.
"""

from msgspec import Struct

from floorbook.core.rules import credit
from floorbook.lab.compare.accounts import Accounts
from floorbook.lab.compare.demand import Bidder, Demand
from floorbook.lab.compare.outcome import ACCRUE_HOURS, Loan, Outcome, Run, at_bids, settle_owners
from floorbook.lab.paths import ETHER, PERCENT, Path, Quote
from floorbook.units import HOUR_NS, PPB_ONE, div_down, div_up

LTV_PPB = 40 * PERCENT
LT_PPB = 90 * PERCENT
FIRST_BID_PPB = 95 * PERCENT
STEP_PPB = PERCENT
REDEEMED_PPB = 50 * PERCENT  # of the debt, at least
FINE_PPB, FINE_MIN = 5 * PERCENT, ETHER // 5
AUCTION_HOURS = 48
TWAP_HOURS = 6
# The curve of 7 September 2022 with the base rate from before BIP#9, which raised it to 20 %: the base of
# the repository's own tests stands in for it.
RATES = credit.Curve(base=3 * PERCENT, slope=16 * PERCENT, steep=200 * PERCENT, optimum=45 * PERCENT)
RESERVE_PPB = 30 * PERCENT


class English(Struct):
    """An auction: it lives from its first bid."""

    loan: Loan
    ends: int  # hour
    bid: int
    bidder: Bidder | None
    floor: int  # when it was won


def health_ppb(floor: int, debt: int, lt_ppb: int = LT_PPB) -> int:
    """Return floor * LT / debt [ppb], rounded down."""
    return div_down(floor * lt_ppb, debt)


def may_borrow(floor: int, debt: int, ltv_ppb: int = LTV_PPB) -> int:
    """Return max(floor * LTV - debt, 0)."""
    return max(0, div_down(floor * ltv_ppb, PPB_ONE) - debt)


def first_bid_min(floor: int, debt: int, share_ppb: int = FIRST_BID_PPB) -> int:
    """Return the least first bid: max(debt, 95 % of the floor), rounded up."""
    return max(debt, div_up(floor * share_ppb, PPB_ONE))


def next_bid_min(bid: int, debt: int) -> int:
    """Return the least next bid: 1 % of the debt more, rounded up."""
    return bid + div_up(debt * STEP_PPB, PPB_ONE)


def fine(debt: int) -> int:
    """Return what the first bidder gets when the owner redeems: max(5 % of the debt, 0.2 ETH)."""
    return max(div_up(debt * FINE_PPB, PPB_ONE), FINE_MIN)


class BendDAO:
    """The venue on a path, an hour after the other."""

    def __init__(self, accounts: Accounts, path: Path, seed: int) -> None:
        self.path, self.accounts = path, accounts
        self.outcome = Outcome(rules="BendDAO")
        self.demand = {name: Demand(path, name, seed) for name in path.quotes}
        self.loans = [
            Loan(b, b.loan, b.loan) for b in accounts.borrowers if b.loan <= self._may_borrow(b.collection)
        ]
        self.auctions: list[English] = []
        self.run = Run(accounts.claims)
        self.outcome.served = len(self.loans)
        self.outcome.lent = sum(loan.debt for loan in self.loans)
        self.outcome.lenders_start = accounts.claims

    def play(self) -> Outcome:
        """Return the outcome of the whole path."""
        for hour in range(self.path.hours):
            quotes = {name: demand.hour(hour) for name, demand in self.demand.items()}
            oracle = {name: self._twap(name, hour) for name in quotes}
            if hour % ACCRUE_HOURS == 0:
                self._accrue()
            self._close_auctions(hour)
            self._warn(hour, oracle)
            for name, quote in quotes.items():
                self._bid(hour, name, quote, oracle[name])
            self._lenders(hour, quotes, oracle)
        return self._result(quotes, oracle)

    # ---- an hour ---------------------------------------------------------------------------------

    def _accrue(self) -> None:
        rate = credit.rate_year(credit.utilisation(self._debts(), self.run.claims), RATES)
        paid = 0
        for loan in self.loans:
            if not loan.is_sold:
                due = credit.interest(loan.debt, rate, ACCRUE_HOURS * HOUR_NS)
                loan.debt += due
                paid += due
        earned = div_down(paid * (PPB_ONE - RESERVE_PPB), PPB_ONE)
        self.run.claims += earned
        self.outcome.interest += paid
        self.outcome.lenders_interest += earned

    def _warn(self, hour: int, oracle: dict[str, int]) -> None:
        """Note who is unhealthy; owners who found the money pay, with the fine after a bid."""
        backings = {name: div_down(floor * LT_PPB, PPB_ONE) for name, floor in oracle.items()}
        for loan in self.loans:
            if loan.is_sold:
                continue
            backing = backings[loan.collection]
            has_money = loan.judge(backing, hour)
            if loan.unhealthy == hour and not loan.was_called:
                loan.was_called = True
                self.outcome.called += 1
            if has_money and oracle[loan.collection] > loan.debt:
                self._repay(loan, loan.saving(backing))

    def _repay(self, loan: Loan, amount: int) -> None:
        if auction := self._auction(loan):
            loan.paid_in += fine(loan.debt)
            self.outcome.sale_cost += fine(loan.debt)
            amount = max(amount, div_up(loan.debt * REDEEMED_PPB, PPB_ONE))
            self.auctions.remove(auction)
        loan.repay(amount)
        self.outcome.saved += 1

    def _bid(self, hour: int, name: str, quote: Quote, floor: int) -> None:
        """Let each bidder take the cheapest admissible place, the keenest first."""
        demand = self.demand[name]
        for_sale = [
            loan
            for loan in self.loans
            if not loan.is_sold and loan.collection == name and (loan.unhealthy >= 0 or self._auction(loan))
        ]
        while for_sale:
            offer, bidder = demand.best(quote, AUCTION_HOURS)
            choices = self._choices(for_sale, floor, offer)
            if not choices:
                return
            least, _, loan = min(choices, key=lambda choice: choice[:2])
            demand.take(bidder)
            self._place(hour, loan, least, bidder, quote.floor)

    def _choices(self, for_sale: list[Loan], floor: int, offer: int) -> list[tuple[int, int, Loan]]:
        """Return (least bid, number, loan) of everything that somebody who pays `offer` may bid for."""
        places = []
        for loan in for_sale:
            auction = self._auction(loan)
            least = next_bid_min(auction.bid, loan.debt) if auction else first_bid_min(floor, loan.debt)
            if least <= offer:
                places.append((least, loan.borrower.number, loan))
        return places

    def _place(self, hour: int, loan: Loan, bid: int, bidder: Bidder | None, floor: int) -> None:
        self.outcome.bids += 1
        if auction := self._auction(loan):
            auction.bid, auction.bidder, auction.floor = bid, bidder, floor
            return
        self.outcome.with_bid += 1
        self.auctions.append(English(loan, hour + AUCTION_HOURS, bid, bidder, floor))

    def _close_auctions(self, hour: int) -> None:
        """Give the token to the winner, who tops up what interest has added to the debt since his bid."""
        for auction in [a for a in self.auctions if a.ends <= hour]:
            loan = auction.loan
            price = max(auction.bid, loan.debt)
            loan.surplus, loan.is_sold = price - loan.debt, True
            loan.debt = 0
            self.outcome.sold += 1
            self.outcome.sale_cost += max(0, auction.floor - price)
            self.auctions.remove(auction)

    def _lenders(self, hour: int, quotes: dict[str, Quote], oracle: dict[str, int]) -> None:
        waiting = [hour - loan.unhealthy for loan in self._unhealthy() if not self._auction(loan)]
        self.run.hour(hour, max(waiting, default=0))
        debts = self._debts()
        self.outcome.stuck_hours += self.run.pay(self.run.claims - debts)
        self.outcome.note(
            bad_at_bids=at_bids(quotes, self._unhealthy()),
            claims=self.run.claims,
            free=max(0, self.run.claims - debts),
            unhealthy=len(self._unhealthy()),
        )

    # ---- what is -----------------------------------------------------------------------------------

    def _debts(self) -> int:
        return sum(loan.debt for loan in self.loans if not loan.is_sold)

    def _unhealthy(self) -> list[Loan]:
        return [loan for loan in self.loans if not loan.is_sold and loan.unhealthy >= 0]

    def _auction(self, loan: Loan) -> English | None:
        return next((auction for auction in self.auctions if auction.loan is loan), None)

    def _twap(self, name: str, hour: int) -> int:
        quotes = self.path.quotes[name][max(0, hour - TWAP_HOURS + 1) : hour + 1]
        return div_down(sum(quote.floor for quote in quotes), len(quotes))

    def _may_borrow(self, name: str) -> int:
        return may_borrow(self.path.quotes[name][0].floor, 0)

    def _result(self, quotes: dict[str, Quote], oracle: dict[str, int]) -> Outcome:
        unsold = self._unhealthy()
        outcome = self.outcome
        outcome.left_open = sum(loan.debt for loan in unsold)
        outcome.bad_at_floor = sum(max(0, loan.debt - quotes[loan.collection].floor) for loan in unsold)
        outcome.bad_at_bids = at_bids(quotes, unsold)
        outcome.stuck = self.run.asked
        outcome.lenders_loss = outcome.realised + outcome.bad_at_bids
        settle_owners(outcome, self.accounts, self.path, self.loans)
        return outcome
