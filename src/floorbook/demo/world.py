"""A world: the engine behind its sequencer, the oracle, and the bots, one market minute after the other.

The live world (demo/live.py) opens in the same way, plays its past so, and then goes on by the second.

    second 0       the oracle speaks, the clock ticks (index, mark, funding, liquidations)
    seconds 1..50  the bots decide in turn; who begins changes every minute
    then           the group becomes durable

Quotes of one minute have therefore stood for ten seconds when the next mark looks at them.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from floorbook.bots import Bot, Population, View, pledgers
from floorbook.bots.population import Member
from floorbook.core import commands
from floorbook.core.commands import (
    AnyCommand,
    Deposit,
    OpenAccount,
    PublishAsset,
    PublishReport,
    PublishVenue,
    SetStatus,
    Tick,
)
from floorbook.core.engine import Engine
from floorbook.core.events import AccountOpened, Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.demo import listing
from floorbook.demo.pledging import Pledging
from floorbook.demo.recorder import Recorder
from floorbook.demo.settings import Settings
from floorbook.demo.tally import Tally
from floorbook.errors import ConfigError
from floorbook.feeds.history import History
from floorbook.feeds.recorded import Quote
from floorbook.feeds.retimed import Pace
from floorbook.gateway.exchange import Exchange
from floorbook.pricing.eip712 import Domain
from floorbook.pricing.reports import LOCAL
from floorbook.sequencer import Sequencer
from floorbook.units import MINUTE_NS, SECOND_NS, USDC

BASKET_INSURANCE_COINS = 150
BOTS_BEGIN_NS = SECOND_NS
BOTS_SPAN_NS = 49 * SECOND_NS


class World:
    """An exchange with its bots, open until `close`; in a journal that has begun it goes on."""

    def __init__(
        self,
        home: Path | Exchange,
        settings: Settings,
        history: History | None,
        first: Quote,
        markets: tuple[listing.Terms, ...] | None = None,
        pace: Pace | None = None,
        domain: Domain = LOCAL,
    ) -> None:
        """Open the journal in a directory, or take over an exchange that is live: then `pace` says what its
        reporters see, and nothing is tallied.  `domain` is what reports are signed for.
        """
        self.settings = settings
        self.engine: Engine = Engine() if isinstance(home, Path) else home.engine
        self.state = self.engine.state
        self.sequencer: Sequencer[AnyCommand, Event] = (
            Sequencer(home, self.engine, commands) if isinstance(home, Path) else home.sequencer
        )
        self.say: Callable[[AnyCommand, int], Sequence[Event]] = self.sequencer.submit
        self.commit: Callable[[], object] = self.sequencer.commit
        self.is_resumed = self.sequencer.seq > 0
        self.tally = Tally(self.state)
        self._note = _unheard if pace else self.tally.note
        self.minutes = 0
        self._at = max(first.at, self.sequencer.at)
        self._quote = first
        self._volume = listing.busiest_month(history)
        self._terms = self._by_market(listing.priced(markets or settings.markets(), first))
        self._references = self._published_at = 0
        self._pledging = Pledging(settings, history, self._terms, pace, domain)
        if not self.is_resumed:
            self._open_markets(history, first)
            self._publish(first)
            self._open_basket()
        self.members, self.bots = self._open_accounts()
        self.view = View(self.state)
        self.recorder = Recorder(self.state, self.tally, self.kinds())

    def kinds(self) -> dict[int, str]:
        """Return every bot's account and kind."""
        return {bot.trader.account: bot.kind for bot in self.bots}

    def spoken_for(self) -> tuple[int, ...]:
        """Return the tokens of the first collection that bots may bring."""
        return self._pledging.shelves[0].tokens if self._pledging.shelves else ()

    def minute(self, quote: Quote) -> None:
        """Play one market minute."""
        self._at, self._quote = quote.at, quote
        if quote.at > self._published_at:
            self._publish(quote)
        self._note(self.say(Tick(), quote.at), is_tick=True)
        self.view.refresh()
        self._ask_bots(quote.at)
        self.minutes += 1
        if self.minutes % self.settings.commit_minutes == 0:
            self.sequencer.commit()
        if self.minutes % 60 == 0:
            self.tally.check()

    def prelude(self, quote: Quote) -> None:
        """Play one hour before the run: who pledges, lends and bids acts, the traders do not yet."""
        self._at, self._quote = quote.at, quote
        if quote.at > self._published_at:
            self._publish(quote)
        self._note(self.say(Tick(), quote.at), is_tick=True)
        self.view.refresh()
        self._ask([bot for bot in self.bots if bot.kind in pledgers.KINDS], quote.at)

    def operate(self, make: Callable[[int], AnyCommand]) -> list[Event]:
        """Submit one command of the operator, made with a fresh nonce, and make it durable."""
        self._at = max(self._at, self.sequencer.at)
        used = self.state.nonces.get(listing.OPERATOR, [0])
        command = make(max(used[-1] + 1, self.sequencer.at // 10**6))
        events = list(self.say(command, self.sequencer.at))
        self._note(events)
        self.commit()
        return events

    def list_market(self, terms: listing.Terms) -> list[Event]:
        """List another market and give it its prices from the next minute on; it opens by SetStatus."""
        listed = listing.priced((terms,), self._quote)
        if not listed:
            raise ConfigError(f"the feed has no price for {terms.name} now")
        events = self.operate(lambda nonce: listing.list_market(terms, self._quote, self._volume, nonce))
        if not isinstance(events[0], Rejected):
            self._terms = (*self._terms, terms)
            if not self.state.settlement.is_open:  # else only the vault brings money: fees fill the fund
                self._fund(self.state.markets[-1].fund.account, terms.asset, terms.insurance)
            self.commit()
        return events

    def close(self) -> None:
        """Make everything durable and seal the journal."""
        self.tally.check()
        self.sequencer.close()

    def _ask_bots(self, at: int) -> None:
        """Let every bot decide; whoever comes first in this minute comes last in a later one."""
        if self.bots:
            begin = self.minutes * 37 % len(self.bots)
            self._ask([*self.bots[begin:], *self.bots[:begin]], at)

    def _ask(self, bots: Sequence[Bot], at: int) -> None:
        view, submit, note, state = self.view, self.say, self._note, self.state
        step = BOTS_SPAN_NS // max(1, len(bots))
        at += BOTS_BEGIN_NS
        for bot in bots:
            at += step
            bot.trader.now = view.now = at
            for command in bot.decide(view):
                note(submit(command, at))
        assert state.now <= at

    # ---- the oracle --------------------------------------------------------------------------

    def oracle(self, quote: Quote, sequence: int) -> Iterator[AnyCommand]:
        """Yield what is said of the world outside at a quote; the sequence rises with every quote."""
        self._quote = quote
        for market, terms in enumerate(self._terms):
            floor, top_bid = terms.prices(quote)
            if floor:
                yield PublishVenue(
                    market=market, venue=listing.VENUE, floor=floor, top_bid=top_bid, sequence=sequence,
                    observed=quote.at,
                )  # fmt: skip
        if self.state.collections:
            yield from self._pledging.reports(self.state, quote)
        if quote.eth_usd:
            price = listing.usdc_price_e12(quote.eth_usd)
            yield PublishAsset(asset=USDC, price_e12=price, sequence=sequence, observed=quote.at)

    def market_reports(self, quote: Quote) -> Iterator[PublishReport]:
        """Yield what reporters sign of the markets' prices for the contracts alone.

        A basket has no price outside the exchange: its index stands for it.
        """
        prices = [
            terms.prices(quote)[0] or market.index.raw
            for terms, market in zip(self._terms, self.state.markets, strict=True)
        ]
        yield from self._pledging.market_reports(prices, quote.at)

    def _publish(self, quote: Quote) -> None:
        self._published_at = quote.at
        for command in self.oracle(quote, quote.at // MINUTE_NS):
            self._submit(command)

    # ---- the opening -------------------------------------------------------------------------

    def _by_market(self, named: tuple[listing.Terms, ...]) -> tuple[listing.Terms, ...]:
        """Return the terms in the order of the journal's markets, those listed since it began included."""
        if not self.is_resumed:
            return named
        known = {terms.name: terms for terms in named}
        listed = {market.name for market in self.state.markets}
        strangers = ", ".join(name for name in known if name not in listed)
        if strangers:
            raise ConfigError(f"the journal has no market {strangers}; list it: floorbook operate list FILE")
        return tuple(known.get(m.name) or listing.terms_of(m) for m in self.state.markets)

    def _open_markets(self, history: History | None, first: Quote) -> None:
        operator = listing.Operator(self.settings.seed, first.at // 10**6)
        for command in operator.opening(self._terms, first, history):
            self._must(command)
        for market, terms in zip(self.state.markets, self._terms, strict=True):
            self._fund(market.fund.account, terms.asset, terms.insurance)
        for asset, amount in listing.DESK:
            self._fund(self.state.desk_account, asset, amount)
        for admission in self._pledging.opening(self.state.nonces[listing.OPERATOR][-1]):
            self._must(admission)

    def _open_basket(self) -> None:
        """List a perpetual on all collections, where there are several; its components need a price first."""
        terms = listing.basket(self._terms, BASKET_INSURANCE_COINS)
        if terms is None:
            return
        self._submit(Tick())
        market, components = len(self._terms), [shelf.market for shelf in self._pledging.shelves]
        for make in (
            lambda nonce: listing.list_market(terms, self._quote, self._volume, nonce),
            lambda nonce: listing.list_basket(market, components, nonce),
            lambda nonce: SetStatus(signer=listing.OPERATOR, nonce=nonce, market=market, action="open"),
        ):
            self._must(make(self.state.nonces[listing.OPERATOR][-1] + 1))
        self._fund(self.state.markets[market].fund.account, terms.asset, terms.insurance)
        self._terms = (*self._terms, terms)

    def _open_accounts(self) -> tuple[list[Member], list[Bot]]:
        places = [terms.place(market) for market, terms in enumerate(self._terms)]
        population = Population(self.settings.seed, self.settings.bots, places, self.state.asset_prices)
        prices = [self._terms[shelf.market].prices(self._quote)[0] for shelf in self._pledging.shelves]
        members = [*population.members, *self._pledging.members(prices)]
        return members, [self._join(member) for member in members]

    def _join(self, member: Member) -> Bot:
        if owner := self.state.owners.get(member.owner):
            return member.join(owner.accounts[0])
        (opened,) = self._must(OpenAccount(owner=member.owner))
        assert isinstance(opened, AccountOpened)
        for asset, amount in member.deposits:
            self._fund(opened.account, asset, amount)
        return member.join(opened.account)

    def _fund(self, account: int, asset: int, amount: int) -> None:
        self._references += 1
        reference = b"opening %d %d" % (self._at, self._references)
        self._must(Deposit(account=account, asset=asset, amount=amount, reference=reference))

    def _must(self, command: AnyCommand) -> Sequence[Event]:
        """Submit a command of the opening; one that is refused means that the world cannot be."""
        events = self._submit(command)
        for event in events:
            if isinstance(event, Rejected):
                reason = Reject(event.reason).name
                raise ConfigError(f"the exchange refuses {type(command).__name__} of the opening: {reason}")
        return events

    def _submit(self, command: AnyCommand) -> Sequence[Event]:
        events = self.say(command, self._at)
        self._note(events)
        return events


def _unheard(events: Sequence[Event], *, is_tick: bool = False) -> None:
    """Count nothing: in the live world others trade as well."""
