"""Floorbook's perpetuals, played by the engine itself: the same traders as the virtual market maker has.

A position needs somebody on the other side who has the money, so shorts are filled as far as there are
longs.  A trader quotes at the index, half a per cent in the other side's favour, and again every hour
until he is filled.  Liquidations meet a dealer who quotes the marketplaces' bids, and asks as far above the
floor; the insurance is the virtual market maker's, shared out by open interest.  All amounts are ETH atoms.
"""

from msgspec import Struct

from floorbook.core import commands as c
from floorbook.core.events import (
    Deleveraged,
    Event,
    GainHaircut,
    InsurancePaid,
    LiquidationStarted,
    ShortfallRecorded,
)  # fmt: skip
from floorbook.core.kernel.rows import GTC, POST_ONLY
from floorbook.core.rules.reports import DEPTH_AT
from floorbook.lab.compare.accounts import Accounts, Trader
from floorbook.lab.compare.driver import Driver
from floorbook.lab.compare.nftperp import entry_hour
from floorbook.lab.compare.outcome import Outcome
from floorbook.lab.paths import ETHER, WEEK, Path, Quote
from floorbook.units import ETH, HOUR_NS, MINUTE_NS, div_down, div_up

TICK = 10**5  # [atoms] 0.0001 ETH
LOTS = 100  # of one NFT
TICKS_AN_HOUR = 4
DEALER = 20_000 * ETHER
POSITION_LIMIT = 10_000 * ETHER


class Seat(Struct):
    """A trader's account on the exchange."""

    trader: Trader
    account: int
    market: int
    paid_in: int
    quoted: tuple[int, int] = (0, 0)  # index and lots of the resting order


class Perpetuals:
    """The exchange on a path."""

    def __init__(self, accounts: Accounts, path: Path) -> None:
        self.path, self.accounts = path, accounts
        self.driver = Driver(path.start)
        self.outcome = Outcome(rules="Floorbook")
        self.names = list(path.quotes)
        for name in self.names:
            self._list(name)
        self.dealer = self.driver.open(b"dealer", DEALER)
        for market, _ in enumerate(self.names):
            raised = self.driver.operated(
                c.RaiseLimit, account=self.dealer, market=market, limit=POSITION_LIMIT
            )
            self.driver.does(raised)
        self.seats = [self._seat(trader) for trader in accounts.traders]

    def play(self) -> Outcome:
        """Return the outcome of the whole path."""
        for hour in range(self.path.hours):
            quotes = {name: quotes[hour] for name, quotes in self.path.quotes.items()}
            for part in range(TICKS_AN_HOUR):
                at = self.path.start + hour * HOUR_NS + part * HOUR_NS // TICKS_AN_HOUR + MINUTE_NS
                self._publish(quotes, at)
                self._note(self.driver.tick(at))
                if part == 0:
                    self._deal(quotes)
                    self._trade(quotes, hour)
            self.outcome.note(open_interest=self._open_interest())
        return self._result()

    # ---- the opening -----------------------------------------------------------------------------

    def _list(self, name: str) -> None:
        first = self.path.quotes[name][0]
        listed = self.driver.operated(
            c.ListMarket, name=name, template="nft", asset=ETH, size_decimals=2, price_decimals=4,
            price_max=10**7, lots_max=10**6, lots_min=1, first_price=div_down(first.floor, TICK),
            volume_30d=10_000 * ETHER, floor=first.floor, unique_owners=5_000,
        )  # fmt: skip
        self.driver.does(listed)
        market = self.driver.state.markets[-1]
        self.driver.does(self.driver.operated(c.SetStatus, market=market.id, action="open"))
        wanted = sum(t.notional for t in self.accounts.traders if t.collection == name)
        total = max(1, sum(t.notional for t in self.accounts.traders))
        self.driver.pay_in(market.fund.account, div_down(self.accounts.insurance * wanted, total))

    def _seat(self, trader: Trader) -> Seat:
        margin = div_up(trader.notional, trader.leverage)
        account = self.driver.open(b"trader %d" % trader.number, margin)
        return Seat(trader, account, self.names.index(trader.collection), margin)

    # ---- an hour -----------------------------------------------------------------------------------

    def _publish(self, quotes: dict[str, Quote], at: int) -> None:
        for market, quote in enumerate(quotes.values()):
            self.driver.at = at
            report = c.PublishVenue(
                market=market, venue=0, floor=div_down(quote.floor, TICK),
                top_bid=div_down(quote.top_bid, TICK), sequence=at // MINUTE_NS, observed=at,
            )  # fmt: skip
            self.driver.does(report)

    def _deal(self, quotes: dict[str, Quote]) -> None:
        """Quote both sides anew: what stands between two reported depths stands at the deeper one."""
        self.driver.does(self.driver.signed(c.CancelAll, self.dealer))
        for market, quote in enumerate(quotes.values()):
            shown = 0
            for depth, bid in zip(DEPTH_AT, quote.bids, strict=True):
                lots = (depth - shown) * LOTS
                shown = depth
                self._order(self.dealer, market, 1, lots, div_down(bid, TICK), POST_ONLY)
                self._order(self.dealer, market, -1, lots, div_up(2 * quote.floor - bid, TICK), POST_ONLY)

    def _trade(self, quotes: dict[str, Quote], hour: int) -> None:
        """Let who has come and is not filled yet quote at the index."""
        if hour >= WEEK:
            return
        for seat in self.seats:
            if entry_hour(seat.trader) <= hour < WEEK:
                self._quote(seat, quotes[seat.trader.collection], is_last=hour == WEEK - 1)

    def _quote(self, seat: Seat, quote: Quote, *, is_last: bool) -> None:
        size = self.driver.state.kernel.position(seat.account, seat.market)[0]
        index = div_down(quote.floor + quote.top_bid, 2)
        missing = div_down(seat.trader.notional * LOTS, quote.floor) - abs(size)
        if seat.quoted == (index, missing) and not is_last:
            return
        seat.quoted = index, missing
        self.driver.does(self.driver.signed(c.CancelAll, seat.account))
        if missing > 0 and not is_last:
            side = seat.trader.side
            price = div_down(index * (1_000 + 5 * side), 1_000 * TICK)
            self._order(seat.account, seat.market, side, missing, price, GTC)

    def _order(self, account: int, market: int, side: int, lots: int, price: int, tif: int) -> None:
        """Place an order; whoever has not the margin for it goes without, as on any venue."""
        fields = {"market": market, "side": side, "lots": lots, "price": price, "tif": tif}
        self._note(self.driver.asks(self.driver.signed(c.PlaceOrder, account, **fields)))

    # ---- what came of it -----------------------------------------------------------------------------

    def _note(self, events: list[Event]) -> None:
        outcome = self.outcome
        for event in events:
            if isinstance(event, LiquidationStarted):
                outcome.called += 1
            elif isinstance(event, InsurancePaid):
                outcome.fund_loss += event.amount
            elif isinstance(event, GainHaircut):
                outcome.winners_unpaid += event.amount
            elif isinstance(event, ShortfallRecorded):
                outcome.realised += event.amount
            elif isinstance(event, Deleveraged):
                outcome.deleveraged += event.notional

    def _open_interest(self) -> int:
        """Return the open interest at the mark."""
        state = self.driver.state
        return sum(
            size * market.mark * market.unit
            for market in state.markets
            for _, size, _ in state.kernel.positions(market.id)
            if size > 0
        )

    def _result(self) -> Outcome:
        outcome, kernel = self.outcome, self.driver.state.kernel
        for seat in self.seats:
            _, _, free, need = kernel.risk(seat.account)
            outcome.winners_claim += max(0, free + need - seat.paid_in)
        outcome.winners_claim += outcome.winners_unpaid
        outcome.lent = max(outcome.series["open_interest"])
        wanted = sum(t.notional for t in self.accounts.traders if t.side < 0)
        outcome.traders_refused = max(0, wanted - outcome.lent)
        return outcome
