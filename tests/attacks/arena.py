"""An exchange with honest people and one attacker, who may own as many accounts as he likes.

The index is a fact of the outside world: only an attack that says so moves it.  Honest liquidity is a
market maker with a ladder of 30 ETH a side, renewed around the worse of raw and limited index.  Money is
counted at the end, after the book has been left alone long enough for the mark to be the index again.
"""

from collections.abc import Callable
from typing import Any

from floorbook.core import commands as c
from floorbook.core import invariants
from floorbook.core.engine import queries
from floorbook.core.events import (
    AccountOpened,
    Event,
    IndexUpdated,
    MarkUpdated,
    OrderFilled,
    OrderPlaced,
    Rejected,
    Withdrawn,
)
from floorbook.core.rules import mark
from floorbook.units import ASSETS, E12_ONE, ETH, SECOND_NS, USDC
from tests.core.engine.world import (
    DOLLAR,
    ETH_USD,
    ETH_USD_PRICE,
    ETHER,
    PUNKS,
    PUNKS_PRICE,
    USDC_PRICE_E12,
    World,
)  # fmt: skip

BUY, SELL = 1, -1
MINUTE = 60  # [s]
HOUR = 3_600  # [s]
DAY = 24 * HOUR
FUND_ETH = 100
LADDER = ((5, 4), (10, 6), (20, 10), (40, 10))  # (distance [per mille], depth of one side [ETH])
QUIET = (OrderPlaced, IndexUpdated, MarkUpdated)  # events that move no money and that no test asks for
Act = Callable[[], None]


class Arena(World):
    """The exchange, its honest users and the attacker's accounts."""

    def __init__(self, kernel: Any = None, *, dollars: bool = False, fund: int = FUND_ETH) -> None:
        self.seen: list[Event] = []
        super().__init__()
        if kernel is not None:
            self.rebuild(kernel)
        self.price = {PUNKS: PUNKS_PRICE}
        self.paid_in: dict[int, list[int]] = {}  # account -> deposits of each asset [atoms]
        self.attackers: list[int] = []
        self.honest: list[int] = []
        self.makers: list[int] = []
        self.silent: set[int] = set()  # markets that nobody reports
        self.dollar_e12 = 0
        self.requote_s, self.quoted_at = 10, 0
        self.does(self.list_market())
        if dollars:
            self._list_dollars()
        for market in self.state.markets:
            self.set_status("open", market.id)
        self.fund(self.market().fund.account, ETH, fund * ETHER)
        self.tick()
        self.opened_at, self.start_short, self.start_attacker = PUNKS_PRICE, 0, 0
        self.start_honest, self.start_insurance = 0, self.insurance()

    def rebuild(self, kernel: Any) -> None:
        """Let another kernel take over, before anything but genesis has happened."""
        kernel.load(self.state.kernel.dump())
        self.state.kernel = kernel

    def _list_dollars(self) -> None:
        self.price[ETH_USD] = ETH_USD_PRICE
        self.does(
            self.list_market(
                name="ETH-USD", template="eth-usd", asset=USDC, size_decimals=3, price_decimals=2,
                price_max=2**23, lots_max=2**28, first_price=ETH_USD_PRICE,
            )
        )  # fmt: skip
        self.fund(self.market(ETH_USD).fund.account, USDC, 200_000 * DOLLAR)
        self.dollar_e12 = USDC_PRICE_E12

    # ---- commands ------------------------------------------------------------------------------

    def apply(self, command: c.Command) -> list[Event]:
        events = super().apply(command)
        if not all(isinstance(event, QUIET) for event in events):
            assert not any(invariants.conservation_errors(self.state)), command
        self.seen += [event for event in events if not isinstance(event, QUIET)]
        return events

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().signed(kind, account, **fields)

    def operated(self, kind: type[Any], **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().operated(kind, **fields)

    def fund(self, account: int, asset: int, amount: int) -> None:
        super().fund(account, asset, amount)
        paid = self.paid_in.setdefault(account, [0] * ASSETS)
        paid[asset] += amount

    def dollar(self, price_e12: int) -> None:
        """Report the price of a millionth of a dollar [e12], now and at every tick."""
        self.dollar_e12 = price_e12
        self.does(c.PublishAsset(asset=USDC, price_e12=price_e12, sequence=self.at, observed=self.at))

    # ---- people --------------------------------------------------------------------------------

    def attacker(self, eth: float = 0, usdc: int = 0) -> int:
        """Open an account under a new name of the attacker's: nobody knows that it is his."""
        account = self._person(b"attacker %d" % len(self.attackers), eth, usdc)
        self.attackers.append(account)
        return account

    def sub_account(self, primary: int, eth: float = 0) -> int:
        """Open another account of one of the attacker's names."""
        (event,) = self.does(self.signed(c.OpenSubAccount, primary))
        assert isinstance(event, AccountOpened)
        self.fund(event.account, ETH, int(eth * ETHER))
        self.paid_in.setdefault(event.account, [0] * ASSETS)
        self.attackers.append(event.account)
        return event.account

    def citizen(self, eth: float = 0, usdc: int = 0) -> int:
        """Open an account of an honest user."""
        account = self._person(b"honest %d" % len(self.honest), eth, usdc)
        self.honest.append(account)
        return account

    def _person(self, name: bytes, eth: float, usdc: int) -> int:
        account = self.open_account(name)
        self.fund(account, ETH, int(eth * ETHER))
        self.fund(account, USDC, usdc * DOLLAR)
        return account

    def hire_maker(self) -> None:
        """Let a market maker quote LADDER; the operator has raised its limit."""
        maker = self.citizen(eth=2_000)
        self.makers.append(maker)
        self.does(self.operated(c.RaiseLimit, account=maker, market=PUNKS, limit=2_000 * ETHER))
        self.quote()

    def quote(self) -> None:
        """Let every maker renew its ladder around the worse of raw and limited index."""
        self.quoted_at = self.at
        index = self.market().index
        low, high = sorted((index.raw, index.limited))
        for maker in self.makers:
            self.cancel(maker)
            for per_mille, eth in LADDER:
                lots = self.lots(eth)
                for side, around in ((BUY, low), (SELL, high)):
                    price = around * (1_000 - side * per_mille) // 1_000
                    self.apply(self.order(maker, side, lots, price, tif=c.POST_ONLY))

    # ---- time ----------------------------------------------------------------------------------

    def run(self, seconds: int, each: Act | None = None, step: int = 1) -> None:
        """Let time pass: prices are reported, makers requote, the attacker acts, the clock ticks."""
        for _ in range(0, seconds, step):
            self.at += step * SECOND_NS
            if self.at >= self.quoted_at + self.requote_s * SECOND_NS:
                self.quote()
            if each:
                each()
            self.tick()

    def tick(self) -> list[Event]:
        """Report the index everywhere and let the schedule run."""
        if self.dollar_e12:
            self.dollar(self.dollar_e12)
        for market, price in self.price.items():
            if market not in self.silent:
                self.does(
                    c.PublishVenue(
                        market=market, venue=0, floor=price, top_bid=price, sequence=self.at, observed=self.at
                    )
                )
        events = self.apply(c.Tick())
        assert [check.__doc__ for check in invariants.CHECKS[:-1] if not check(self.state)] == []
        return events

    # ---- trading -------------------------------------------------------------------------------

    def lots(self, eth: float, market: int = PUNKS) -> int:
        """Return how many lots are worth so much of the settle asset at the index."""
        one = 10**9 if market == PUNKS else 10**6
        return int(eth * one) // (self.price[market] * self.market(market).unit)

    def take(self, account: int, side: int, lots: int, price: int = 0, **fields: Any) -> int:
        """Send an immediate order, at market without a price; return the lots filled."""
        if not price:
            fields["at_market"] = True
        events = self.apply(self.order(account, side, lots, price, tif=c.IOC, **fields))
        return filled(events)

    def rest(self, account: int, side: int, lots: int, price: int, **fields: Any) -> bool:
        """Place a resting order; return whether it was accepted."""
        events = self.apply(self.order(account, side, lots, price, **fields))
        return not any(isinstance(event, Rejected) for event in events)

    def cross(self, buyer: int, seller: int, lots: int, price: int, market: int = PUNKS) -> int:
        """Let two accounts trade with each other at a price; return the lots filled between them."""
        if not self.rest(seller, SELL, lots, price, market=market, tif=c.POST_ONLY):
            return 0
        done = self.take(buyer, BUY, lots, price, market=market)
        self.cancel(seller)
        return done

    def cancel(self, account: int) -> None:
        self.apply(self.signed(c.CancelAll, account))

    def size(self, account: int, market: int = PUNKS) -> int:
        return int(self.state.kernel.position(account, market)[0])

    # ---- money ---------------------------------------------------------------------------------

    def insurance(self) -> int:
        """Return what the funds are worth [ETH atoms]."""
        return sum(queries.equity(self.state, market.fund.account) for market in self.state.markets)

    def retire(self) -> None:
        """Take the attacker's orders out of the book and close his positions, first among his own names."""
        for account in self.attackers:
            self.cancel(account)
        for market in self.price:
            self._pair_off(market)
            for account in self.attackers:
                size = self.size(account, market)
                if size:
                    side = SELL if size > 0 else BUY
                    self.take(account, side, abs(size), market=market, reduce_only=True)

    def _pair_off(self, market: int) -> None:
        for seller in self.attackers:
            for buyer in self.attackers:
                lots = min(self.size(seller, market), -self.size(buyer, market))
                if lots > 0:
                    self.cross(buyer, seller, lots, self.market(market).mark, market)

    def leave(self, account: int) -> None:
        """Take everything out of an account that may leave it."""
        owner = queries.owner(self.state, account)
        for asset in range(ASSETS):
            kept = sum(max(0, self.state.kernel.cash(own, asset)) for own in owner.accounts)
            free = kept - queries.held(self.state, owner, asset)
            amount = min(queries.withdrawable(self.state, account, asset), free, self.state.idle(asset))
            if amount > 0:
                events = self.apply(self.signed(c.Withdraw, account, asset=asset, amount=amount))
                self.paid_in[account][asset] -= sum(e.amount for e in events if isinstance(e, Withdrawn))

    def value(self, asset: int, amount: int) -> int:
        return amount * self.state.asset_prices[asset] // E12_ONE

    def profit(self, accounts: list[int], *, walks_away: bool = True) -> int:
        """Return equity + withdrawn - deposited [ETH atoms]; one who owes more than he has walks away."""
        total = 0
        for account in accounts:
            equity = queries.equity(self.state, account)
            paid = sum(self.value(asset, amount) for asset, amount in enumerate(self.paid_in[account]))
            total += (max(0, equity) if walks_away else equity) - paid
        return total

    def grow_up(self) -> None:
        """Let the book become one whose mid counts: 30 minutes of resting quotes; then begin to measure."""
        self.requote_s = MINUTE
        self.run(50 * MINUTE, step=20)
        assert self.market().mark_state.two_sided_ns == mark.RAMP_NS
        self.requote_s = 10
        self.mark_honest()

    def mark_honest(self) -> None:
        """From here on the honest users' equity and the funds are measured."""
        self.start_attacker = self.profit(self.attackers)
        self.start_honest = self.profit(self.honest, walks_away=False)
        self.start_insurance = self.insurance()

    def honest_change(self) -> int:
        return self.profit(self.honest, walks_away=False) - self.start_honest

    def insurance_change(self) -> int:
        return self.insurance() - self.start_insurance

    def profit_of_attacker(self) -> int:
        return self.profit(self.attackers)

    def result(self) -> tuple[bool, int]:
        """Order attempts by what they earned; those in which the attacker could not trade come last."""
        fills = self.events(OrderFilled)
        return any({e.taker, e.maker} & {*self.attackers} for e in fills), self.profit_of_attacker()

    def finish(self, calm_s: int = 900) -> None:
        """Leave the book alone until the mark is the index, close all positions, and take everything out."""
        for account in self.attackers:
            self.cancel(account)
        self.run(calm_s, step=20)
        self.run(200, self.retire, step=20)
        for account in self.attackers:
            self.leave(account)

    def events(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.seen if isinstance(event, kind)]


def filled(events: list[Event]) -> int:
    """Return the lots that the events' fills sum to."""
    return sum(event.lots for event in events if isinstance(event, OrderFilled))
