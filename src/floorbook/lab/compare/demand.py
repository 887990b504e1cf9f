"""Who buys a token that must be sold: one model of bidders for every rule set.

    pays = floor * (1 - discount) * (1 - CARRY * sigma * sqrt(days the money is locked))

Bidders come at a rate of a quarter of the collection's sales.  One in four is a collector (discount 0): he
would have bought at the floor anyway.  The others want what a standing bid gets: the discount of one of
the first twenty bids, each as likely.  A bidder looks for a day, buys one token, and goes.  Behind them
stands the arbitrageur, who sells at once into the bids of the marketplaces: he pays the next free bid less
its fee, and each token he takes uses one bid up, which comes back at the rate of the arrivals.

With these numbers 14 to 22 % of BendDAO's sales find a bid in August 2022 (recorded: 4 of 17 MAYC).
Nobody's money is locked by a sale that is over at once.  All prices are ETH atoms.
"""

from math import isqrt
from random import Random

from msgspec import Struct

from floorbook.lab.paths import PERCENT, WEEK, Path, Quote
from floorbook.units import PPB_ONE, div_down

INTEREST_PPB = 25 * PERCENT  # of the sales: who looks at auctions, too
COLLECTOR_PPB = 25 * PERCENT  # of the bidders
CARRY_PPB = 30 * PERCENT  # of a standard deviation, asked for locked money
MARKET_FEE_PPB = 25 * PERCENT // 10  # of a resale
STAY_HOURS = 24
DEPTH = 20  # bids a discount is drawn from


class Bidder(Struct):
    """Somebody who wants one token; `discount` below the floor."""

    number: int
    until: int  # hour
    discount_ppb: int

    def pays(self, quote: Quote, locked_hours: int) -> int:
        """Return the most he pays when his money is locked for so long."""
        return _locked(quote.floor - div_down(quote.floor * self.discount_ppb, PPB_ONE), quote, locked_hours)


class Demand:
    """The bidders for a collection, hour by hour; every rule set meets the same ones."""

    def __init__(self, path: Path, collection: str, seed: int) -> None:
        self.quotes = path.quotes[collection]
        self.bidders: list[Bidder] = []
        self.used_ppb = 0  # bids of the marketplaces that the arbitrageur has used up, times 1e9
        self._random = Random(f"{seed} bidders {collection}")
        self._owed_ppb = 0
        self._count = 0

    def hour(self, hour: int) -> Quote:
        """Go to this hour: bidders leave and come; return its quote."""
        quote = self.quotes[hour]
        self.bidders = [bidder for bidder in self.bidders if bidder.until > hour]
        rate_ppb = quote.sales_week * INTEREST_PPB // WEEK
        self.used_ppb = max(0, self.used_ppb - rate_ppb)
        self._owed_ppb += rate_ppb
        while self._owed_ppb >= PPB_ONE:
            self._owed_ppb -= PPB_ONE
            self.bidders.append(self._arrive(quote, hour))
        return quote

    def best(self, quote: Quote, locked_hours: int) -> tuple[int, Bidder | None]:
        """Return the most that anybody pays now, and who; None is the arbitrageur."""
        offer, bidder = self.resale(quote, locked_hours), None
        for candidate in self.bidders:
            pays = candidate.pays(quote, locked_hours)
            if pays > offer:
                offer, bidder = pays, candidate
        return offer, bidder

    def resale(self, quote: Quote, locked_hours: int, after: int = 0) -> int:
        """Return what the arbitrageur pays for the next token, or for the one `after` so many more: the next
        free bid less the marketplace's fee.
        """
        bid = quote.bid(1 + after + self.used_ppb // PPB_ONE)
        return _locked(bid - div_down(bid * MARKET_FEE_PPB, PPB_ONE), quote, locked_hours)

    def take(self, bidder: Bidder | None) -> None:
        """Note that the bidder has bought."""
        if bidder is None:
            self.used_ppb += PPB_ONE
        else:
            self.bidders.remove(bidder)

    def _arrive(self, quote: Quote, hour: int) -> Bidder:
        self._count += 1
        place, kind = self._random.randrange(DEPTH), self._random.randrange(PPB_ONE)
        gap_ppb = div_down((quote.floor - quote.bid(place + 1)) * PPB_ONE, quote.floor)
        return Bidder(self._count, hour + STAY_HOURS, 0 if kind < COLLECTOR_PPB else gap_ppb)


def _locked(price: int, quote: Quote, hours: int) -> int:
    """Return the price less what locked money asks for: CARRY standard deviations."""
    asked_ppb = CARRY_PPB * quote.sigma_day_ppb // PPB_ONE * isqrt(hours * PPB_ONE * PPB_ONE // 24) // PPB_ONE
    return max(0, price - div_down(price * asked_ppb, PPB_ONE))
