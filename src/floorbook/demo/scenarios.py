"""Scripted crises as a feed: `demo --scenario NAME` plays them instead of recorded history.

The paths and their sources are in lab/paths.py; between two hours prices go in a straight line, as in the
recorded feed.  Every collection of a scenario has a perpetual of its own and lends against its tokens.
"""

from collections.abc import Iterator

from floorbook.core.rules.reports import DEPTH_AT
from floorbook.demo.listing import COLLECTION, Terms
from floorbook.errors import ConfigError
from floorbook.feeds.recorded import SECONDS_PER_HOUR, Quote
from floorbook.feeds.sampler import ATOMS_PER_TICK
from floorbook.feeds.table import stamp
from floorbook.lab import paths
from floorbook.pricing.eip712 import keccak256
from floorbook.units import DAY_NS, ETH, HOUR_NS, MINUTE_NS, SECOND_NS, Ns, Ticks, div_down

FEED_DECIMALS = 4
INSURANCE_FLOORS = 3  # of a market, when it opens
PRELUDES = {paths.BENDDAO: paths.SUMMER}
NAMES = tuple(sorted(name for name in paths.SCENARIOS if name not in PRELUDES.values()))

assert len(DEPTH_AT) == 5


class ScenarioFeed:
    """The quotes of a scenario, one a minute; every iteration starts again from the first.

    Where the path begins earlier than the scenario there is a *prelude*: whoever is in debt in August
    borrowed in spring, at spring's prices.
    """

    def __init__(self, path: paths.Path, start: int, end: int) -> None:
        self.path = path
        self.start, self.end = Ns(start), Ns(end)

    def __len__(self) -> int:
        return (self.end - self.start) // MINUTE_NS

    def __iter__(self) -> Iterator[Quote]:
        return (self.quote(at) for at in range(self.start, self.end, MINUTE_NS))

    def prelude(self) -> Iterator[Quote]:
        """Yield the quotes before the first, one an hour."""
        return (self.quote(at) for at in range(self.path.start, self.start, HOUR_NS))

    def quote(self, at: int) -> Quote:
        """Return the quote of any second of the path."""
        first, *others = (self._prices(name, at) for name in self.path.quotes)
        return Quote(
            at=Ns(at), floor=first[0], top_bid=first[1], eth_usd=None, btc_usd=None, others=tuple(others)
        )

    def _prices(self, name: str, at: int) -> tuple[Ticks, Ticks]:
        now, later = self.path.at(at)[name], self.path.at(at + HOUR_NS)[name]
        after = at % HOUR_NS // SECOND_NS
        before = SECONDS_PER_HOUR - after
        scale = SECONDS_PER_HOUR * ATOMS_PER_TICK
        floor = div_down(now.floor * before + later.floor * after, scale)
        bid = div_down(now.top_bid * before + later.top_bid * after, scale)
        return Ticks(floor), Ticks(max(1, min(bid, floor)))


class ScenarioSampler:
    """What a reporter sees of one of a scenario's collections; its tokens are worth their floor and a trait.

    The premium of a token is its number's: three in four have none, one in sixty-four half a floor.
    """

    def __init__(self, path: paths.Path, name: str) -> None:
        self.source = keccak256(f"{path.name} {name}".encode())
        self._path, self._name = path, name

    def index(self, quote: Quote) -> tuple[int, ...]:
        """Return the values of an INDEX report."""
        seen = self._path.at(quote.at)[self._name]
        return (seen.floor, *(min(bid, seen.floor) for bid in seen.bids), seen.sales_week, seen.sigma_day_ppb)

    def appraisal(self, token: int, at: int) -> tuple[int, ...]:
        """Return the values of an APPRAISAL report: 10 % to either side, the trait sold a week ago."""
        floor = self._path.at(at)[self._name].floor
        zeros = (token & -token).bit_length() - 1 if token else 6
        p50 = floor + floor * (0, 0, 5, 10, 20, 35, 50)[min(zeros, 6)] // 100
        return (p50 * 9 // 10, p50, p50 * 11 // 10, at - 7 * DAY_NS)


def load(name: str, seed: int, start: int = 0, end: int = 0) -> ScenarioFeed:
    """Return the feed of a scenario, whole or between two times [ns]; raises ConfigError for other names."""
    played = paths.path(name, seed)
    last = played.start + played.hours * HOUR_NS
    begin, until = max(played.start, start), min(last, end) if end else last
    if begin >= until:
        whole = f"{stamp(played.start)} to {stamp(last)}"
        raise ConfigError(f"{name} runs from {whole}; nothing of it is in the range")
    return ScenarioFeed(story(name, seed), begin, until)


def story(name: str, seed: int) -> paths.Path:
    """Return a scenario's path from where its debts were made."""
    return paths.path(PRELUDES.get(name, name), seed)


def markets(path: paths.Path) -> tuple[Terms, ...]:
    """Return the perpetuals of a scenario's collections, each with an insurance of three floors."""
    return tuple(
        Terms(
            name, "nft", COLLECTION, ETH, 2, FEED_DECIMALS, 10**7, 10**6,
            INSURANCE_FLOORS * quotes[0].floor // 10**9 + 1, number,
        )
        for number, (name, quotes) in enumerate(path.quotes.items())
    )  # fmt: skip
