"""nftperp v1: a virtual market maker that pays profits from whatever money is there.  A simple model.

    quote * base = k      a trade moves along the curve, rounded one unit against the trader
    repeg                 |mark - index| >= 5 % in three hours in a row: the curve is moved to the index

There is no limit to the open interest of one side, so what the winners are owed is not what the losers
have: it is paid out of everybody's collateral and the insurance fund until these are gone.  At the end of
the path every position is settled at the index, as the venue did when it closed.  NFTs are no collateral
there.  Funding is left out: its 241 ETH are already out of the fund's balance.

Perp v1's curve, Tribe3's repeg and maintenance margin, nftperp's fund.  Amounts are ETH atoms.
"""

from math import isqrt

from msgspec import Struct

from floorbook.lab.compare.accounts import Accounts, Trader
from floorbook.lab.compare.outcome import Outcome
from floorbook.lab.paths import ETHER, PERCENT, WEEK, Path
from floorbook.units import PPB_ONE, div_down, div_up

MAINTENANCE_PPB = 75 * PERCENT // 10
REPEG_PPB = 5 * PERCENT
REPEG_HOURS = 3
TWAP_HOURS = 6
BASE = 10**9  # units of one NFT
DEPTH = 40  # the base reserve, in all the base that traders want: all of them move the mark by 5 %


class Curve(Struct):
    """Virtual reserves: nobody has them."""

    quote: int  # [atoms]
    base: int  # [1e-9]

    def price(self) -> int:
        """Return the mark [atoms an NFT], rounded down."""
        return div_down(self.quote * BASE, self.base)

    def trade_quote(self, amount: int) -> int:
        """Pay `amount` of quote into the curve (take, if negative); return the base that left it."""
        product, base = self.quote * self.base, self.base
        self.quote += amount
        self.base = div_up(product, self.quote)
        return base - self.base

    def trade_base(self, amount: int) -> int:
        """Pay `amount` of base into the curve (take, if negative); return the quote that left it."""
        product, quote = self.quote * self.base, self.quote
        self.base += amount
        self.quote = div_up(product, self.base)
        return quote - self.quote

    def worth(self, size: int) -> int:
        """Return what closing `size` gives (a short: a negative sum, what it pays); the curve stays."""
        return Curve(self.quote, self.base).trade_base(size)

    def repeg(self, target: int) -> None:
        """Move the curve to a price [atoms an NFT] and keep k."""
        product = self.quote * self.base
        self.base = isqrt(product * BASE // target)
        self.quote = div_up(product, self.base)


class Position(Struct):
    """A trader's position: signed base, signed cost, and the margin behind it."""

    trader: Trader
    size: int = 0
    cost: int = 0
    margin: int = 0
    is_open: bool = False


def margin_ratio_ppb(margin: int, cost: int, exit_value: int) -> int:
    """Return (margin + exit value - cost) / |exit value| [ppb], rounded down; all signed as the position."""
    return div_down((margin + exit_value - cost) * PPB_ONE, max(1, abs(exit_value)))


class Nftperp:
    """The venue on a path, an hour after the other."""

    def __init__(self, accounts: Accounts, path: Path) -> None:
        self.path, self.fund = path, accounts.insurance
        self.cash = accounts.insurance  # all the money there is
        self.outcome = Outcome(rules="nftperp")
        self.positions = [Position(trader) for trader in accounts.traders]
        self.curves = {name: self._open_curve(name) for name in path.quotes}
        self.apart = dict.fromkeys(path.quotes, 0)

    def play(self) -> Outcome:
        """Return the outcome of the whole path."""
        for hour in range(self.path.hours):
            index = {name: self._twap(name, hour) for name in self.curves}
            for position in self.positions:
                if not position.is_open and entry_hour(position.trader) == hour:
                    self._enter(position)
            for name, curve in self.curves.items():
                self._repeg(name, curve, index[name])
            self._liquidate()
            self.outcome.note(owed=self._owed(index), cash=max(0, self.cash), open_interest=self._shorts())
        return self._settle(index)

    def _open_curve(self, name: str) -> Curve:
        floor = self.path.quotes[name][0].floor
        wanted = sum(p.trader.notional for p in self.positions if p.trader.collection == name)
        base = max(BASE, div_down(DEPTH * wanted * BASE, floor))
        return Curve(div_down(base * floor, BASE), base)

    def _enter(self, position: Position) -> None:
        trader = position.trader
        position.cost = trader.side * trader.notional
        position.size = self.curves[trader.collection].trade_quote(position.cost)
        position.margin = div_up(trader.notional, trader.leverage)
        position.is_open = True
        self.cash += position.margin

    def _repeg(self, name: str, curve: Curve, index: int) -> None:
        mark = curve.price()
        self.apart[name] = self.apart[name] + 1 if abs(mark - index) * PPB_ONE >= REPEG_PPB * index else 0
        if self.apart[name] >= REPEG_HOURS:
            curve.repeg(index)
            self.apart[name] = 0

    def _liquidate(self) -> None:
        """Close what has too little margin left; what remains goes to the fund, and so does the loss."""
        for position in self.positions:
            curve = self.curves[position.trader.collection]
            if not position.is_open:
                continue
            ratio = margin_ratio_ppb(position.margin, position.cost, curve.worth(position.size))
            if ratio < MAINTENANCE_PPB:
                left = position.margin + curve.trade_base(position.size) - position.cost
                self.outcome.realised += max(0, -left)
                self.outcome.called += 1
                self.fund += left
                position.is_open, position.margin = False, 0

    def _settle(self, index: dict[str, int]) -> Outcome:
        """Pay everybody at the index, pro rata of what there is."""
        owed = self._owed(index)
        profits = [self._profit(position, index) for position in self.positions if position.is_open]
        outcome = self.outcome
        outcome.winners_claim = sum(profit for profit in profits if profit > 0)
        outcome.winners_unpaid = min(outcome.winners_claim, max(0, owed - self.cash))
        outcome.bad_at_floor = max(0, owed - self.cash)
        outcome.lent = self._shorts()
        return outcome

    def _owed(self, index: dict[str, int]) -> int:
        return sum(max(0, p.margin + self._profit(p, index)) for p in self.positions if p.is_open)

    def _profit(self, position: Position, index: dict[str, int]) -> int:
        return div_down(position.size * index[position.trader.collection], BASE) - position.cost

    def _shorts(self) -> int:
        return -sum(p.cost for p in self.positions if p.is_open and p.size < 0)

    def _twap(self, name: str, hour: int) -> int:
        quotes = self.path.quotes[name][max(0, hour - TWAP_HOURS + 1) : hour + 1]
        return div_down(sum(quote.floor for quote in quotes), len(quotes))


def entry_hour(trader: Trader) -> int:
    """Return when a trader enters: they come one after the other over the first six days."""
    return trader.number * 37 % (WEEK - 24)


assert ETHER == BASE
