"""Collateral in the demo: which collections are lent against, who reports on them, who pledges and bids.

Five reporters sign what they see of each collection; two of them say a tenth too much, which the median and
the exchange's caps have to bear.  Tokens that lie in the vault are appraised as well.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from floorbook.bots import pledgers
from floorbook.bots.population import Member
from floorbook.core.commands import AnyCommand, ListCollection, PublishReport, SetCollateral, SetReporters
from floorbook.core.state import State
from floorbook.demo import listing, scenarios
from floorbook.demo.scenarios import ScenarioSampler
from floorbook.demo.settings import Settings
from floorbook.feeds.history import History
from floorbook.feeds.recorded import Quote
from floorbook.feeds.reporter import SLOT_NS, Habits, Reporter, Source, panel
from floorbook.feeds.retimed import Pace, RetimedSource
from floorbook.feeds.sampler import ATOMS_PER_TICK, Sampler, packaged_of
from floorbook.lab.paths import AZUKI
from floorbook.pricing.eip712 import Domain
from floorbook.pricing.reports import LOCAL
from floorbook.units import MINUTE_NS, SECOND_NS, div_down

REPORTERS, QUORUM, LIARS = 5, 3, 2
LIE_PPB = 1_100_000_000
SUPPLY = 10_000
LINE_MAX = 10_000 * 10**9  # [ETH atoms] a twentieth of it is open on the first day
CIRCULATING = 400  # tokens that the bots may own, per collection
TIERS = {"PUNKS": "blue", "BAYC": "blue"}  # others are mid
GROUPS = {"PUNKS": 1, "BAYC": 1}  # one issuer held both by 2022; others fall alone
OTHER_GROUP = 2
LOOK_EVERY_NS = 5 * MINUTE_NS
# Whoever brings a token to the live world is watching, and so is whoever waits for an answer meanwhile.
LOOK_EVERY_LIVE_NS, TOKENS_A_LOOK_LIVE = 5 * SECOND_NS, 4


class Shelf(NamedTuple):
    """A collection of the demo: its market, its reporters, and the tokens that bots own."""

    name: str
    market: int
    reporters: list[Reporter]
    tokens: tuple[int, ...]


class Pledging:
    """The collections of a world and what is said of them; none where no market is a collection's."""

    def __init__(
        self,
        settings: Settings,
        history: History | None,
        markets: tuple[listing.Terms, ...],
        pace: Pace | None = None,
        domain: Domain = LOCAL,
    ) -> None:
        """`domain` is the contract that the reports are signed for."""
        self._settings = settings
        self.look_every_ns = LOOK_EVERY_NS if pace is None else LOOK_EVERY_LIVE_NS
        self._looked_at = 0  # [ns]
        self._slot = -1  # the last one in which markets were reported
        # Without known traits there is nothing to appraise: a token then counts at its collection's floor.
        self._is_appraised = history is None or bool(packaged_of(history))
        self.shelves = [
            Shelf(
                name=terms.name,
                market=number,
                reporters=_reporters(settings, history, terms.name, pace, domain),
                tokens=_tokens(settings, terms.name),
            )
            for number, terms in enumerate(markets)
            if terms.source == listing.COLLECTION
        ]

    def opening(self, nonce: int) -> Iterator[AnyCommand]:
        """Name the reporters and admit the collections; nonces begin after this one."""
        if not self.shelves:
            return
        addresses = tuple(reporter.address for reporter in self.shelves[0].reporters)
        yield SetReporters(signer=listing.OPERATOR, nonce=nonce + 1, reporters=addresses, quorum=QUORUM)
        for number, shelf in enumerate(self.shelves):
            yield ListCollection(
                signer=listing.OPERATOR, nonce=nonce + 2 + 2 * number, name=shelf.name, market=shelf.market,
                tier=TIERS.get(shelf.name, "mid"), group=GROUPS.get(shelf.name, OTHER_GROUP), supply=SUPPLY,
                unique_owners=listing.UNIQUE_OWNERS,
            )  # fmt: skip
            yield SetCollateral(
                signer=listing.OPERATOR, nonce=nonce + 3 + 2 * number, collection=number, key="line_max",
                value=LINE_MAX,
            )  # fmt: skip

    def reports(self, state: State, quote: Quote) -> Iterator[PublishReport]:
        """Yield what the reporters have to say at a quote; now and then they look."""
        if quote.at - self._looked_at < self.look_every_ns:
            return
        self._looked_at = quote.at
        held: list[list[int]] = [[] for _ in self.shelves]
        for token in state.tokens.values():
            held[token.collection].append(token.number)
        for number, shelf in enumerate(self.shelves):
            for reporter in shelf.reporters:
                yield from reporter.reports(quote, number, held[number] if self._is_appraised else ())

    def market_reports(self, prices: Sequence[int], at: int) -> Iterator[PublishReport]:
        """Yield what the reporters say of all markets for the contracts, once in a quarter of an hour.

        `prices` are by market [ticks]; 0: nobody sees one.
        """
        slot = div_down(at, SLOT_NS)
        if not self.shelves or slot == self._slot:
            return
        self._slot = slot
        for reporter in self.shelves[0].reporters:
            said = (reporter.market(market, ticks, at) for market, ticks in enumerate(prices))
            yield from (report for report in said if report is not None)

    def members(self, prices: list[int]) -> list[Member]:
        """Return holders, lenders and bidders; `prices` are the collections' floors [ticks of a quote]."""
        shelves = [
            pledgers.Shelf(number, shelf.market, price * ATOMS_PER_TICK, shelf.tokens)
            for number, (shelf, price) in enumerate(zip(self.shelves, prices, strict=True))
        ]
        is_falling_in = self._settings.scenario == AZUKI
        return pledgers.members(self._settings.seed, self._settings.bots, shelves, is_falling_in)


def _reporters(
    settings: Settings, history: History | None, name: str, pace: Pace | None, domain: Domain
) -> list[Reporter]:
    sampler: Source
    if settings.scenario:
        sampler = ScenarioSampler(scenarios.story(settings.scenario, settings.seed), name)
    else:
        assert history is not None
        sampler = Sampler(history, packaged_of(history))
    if pace is None:
        return panel(sampler, REPORTERS, LIARS, LIE_PPB, domain=domain)
    habits = Habits(tokens_a_look=TOKENS_A_LOOK_LIVE)
    return panel(RetimedSource(sampler, pace), REPORTERS, LIARS, LIE_PPB, habits, domain)


def _tokens(settings: Settings, name: str) -> tuple[int, ...]:
    return tuple(Random(f"{settings.seed}/tokens/{name}").sample(range(SUPPLY), CIRCULATING))
