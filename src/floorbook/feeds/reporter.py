"""A reporter: looks at recorded data, decides whether there is news, and signs what it says.

    heartbeat    30 min; an appraisal 12 h
    news         the floor or the best bid moved by 0.5 % since it spoke; an appraisal by 3 %, read every 3 h
    markets      each quarter of an hour, for the contracts alone: what settles them if the exchange freezes

`lie_ppb` is for tests and the demo: it multiplies every price the reporter says.
Spec: docs/spec/reports.md §7
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from floorbook.core.commands import PublishReport
from floorbook.core.rules.reports import APPRAISAL, DEPTH_AT, INDEX, SHARE, VALUE_MAX, deviates, feed_key
from floorbook.feeds.recorded import Quote
from floorbook.pricing.eip712 import Domain, Key, keccak256
from floorbook.pricing.reports import LOCAL, MARKET, SLOT_S, TICKS_MAX, sign
from floorbook.units import HOUR_NS, MINUTE_NS, PPB_ONE, SECOND_NS, div_down

PRICES = {INDEX: 1 + len(DEPTH_AT), APPRAISAL: 3, SHARE: 1, MARKET: 1}  # how many of the values are prices
SLOT_NS = SLOT_S * SECOND_NS
WATCHED = 2  # of them, whose moves are news


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """When a reporter speaks again."""

    heartbeat_ns: int = 30 * MINUTE_NS
    deviation_ppb: int = 5_000_000
    appraisal_every_ns: int = 3 * HOUR_NS  # how often it looks at a token
    appraisal_heartbeat_ns: int = 12 * HOUR_NS
    appraisal_deviation_ppb: int = 30_000_000
    tokens_a_look: int = 0  # at most so many, those first that were read the longest ago; 0: all


class Spoken(msgspec.Struct):
    """What a reporter saw when it last spoke on a feed."""

    values: tuple[int, ...]
    at: int
    round: int


class Source(Protocol):
    """What a reporter sees: recorded history (`Sampler`) or a scripted path."""

    source: bytes  # 32 bytes that name the data

    def index(self, quote: Quote) -> tuple[int, ...]:
        """Return the values of an INDEX report."""
        ...

    def appraisal(self, token: int, at: int) -> tuple[int, ...]:
        """Return the values of an APPRAISAL report."""
        ...


class Reporter:
    """One reporter and what it said last on each feed."""

    def __init__(
        self, key: Key, sampler: Source, *, domain: Domain = LOCAL, habits: Habits | None = None,
        lie_ppb: int = PPB_ONE,
    ) -> None:  # fmt: skip
        self.key, self.sampler, self.domain, self.lie_ppb = key, sampler, domain, lie_ppb
        self.habits = habits or Habits()
        self._spoken: dict[int, Spoken] = {}
        self._read: dict[tuple[int, int], int] = {}  # (collection, token) -> span in which it was read last

    @property
    def address(self) -> bytes:
        """The 20 bytes under which the exchange knows the reporter."""
        return self.key.address

    def reports(self, quote: Quote, collection: int, tokens: Iterable[int] = ()) -> list[PublishReport]:
        """Return what there is to say at a quote about a collection and some of its tokens, signed."""
        said = [self.say(INDEX, collection, self.sampler.index(quote), quote.at)]
        said += [
            self.say(APPRAISAL, collection, self.sampler.appraisal(token, quote.at), quote.at, token)
            for token in self._unread(collection, tokens, quote.at)
        ]
        return [report for report in said if report is not None]

    def market(self, number: int, ticks: int, at: int) -> PublishReport | None:
        """Return the signed report of a market's price, once in a slot of the contract; else None.

        A price that the contract would not take is none.  Spec: docs/spec/frozen-exit.md §2
        """
        return self.say(MARKET, number, (ticks,), at) if 0 < ticks <= TICKS_MAX else None

    def say(
        self, kind: int, collection: int, values: Sequence[int], at: int, token: int = -1
    ) -> PublishReport | None:
        """Return the signed report of values seen at a time [ns]; None: there is no news."""
        feed = feed_key(kind, collection, token)
        before = self._spoken.get(feed)
        if before and not self._is_news(kind, before, values, at):
            return None
        # Seconds as rounds: they rise over a restart without being remembered.
        number = max(div_down(at, SECOND_NS), before.round + 1 if before else 1)
        self._spoken[feed] = Spoken(tuple(values), at, number)
        report = PublishReport(
            reporter=self.address, collection=collection, token=token, kind=kind,
            values=self._told(kind, values),
            sampled_from=before.at if before else at, sampled_to=at, round=number,
            source=self.sampler.source,
        )  # fmt: skip
        return msgspec.structs.replace(report, signature=sign(report, self.key, self.domain))

    def _unread(self, collection: int, tokens: Iterable[int], at: int) -> list[int]:
        """Return the tokens not looked at in this span of time; a new one is looked at right away."""
        span, most, read = div_down(at, self.habits.appraisal_every_ns), self.habits.tokens_a_look, self._read
        fresh = [token for token in tokens if read.get((collection, token)) != span]
        if most:
            fresh = sorted(fresh, key=lambda token: read.get((collection, token), -1))[:most]
        read.update(((collection, token), span) for token in fresh)
        return fresh

    def _is_news(self, kind: int, before: Spoken, values: Sequence[int], at: int) -> bool:
        habits = self.habits
        if kind == MARKET:
            return div_down(at, SLOT_NS) > div_down(before.at, SLOT_NS)
        heartbeat, least = (
            (habits.appraisal_heartbeat_ns, habits.appraisal_deviation_ppb)
            if kind == APPRAISAL
            else (habits.heartbeat_ns, habits.deviation_ppb)
        )
        if at - before.at >= heartbeat:
            return True
        count = min(WATCHED, PRICES[kind])
        pairs = zip(before.values[:count], values[:count], strict=True)
        return any(then != now and deviates(then, now, least) for then, now in pairs)

    def _told(self, kind: int, values: Sequence[int]) -> tuple[int, ...]:
        if self.lie_ppb == PPB_ONE:
            return tuple(values)
        count, most = PRICES[kind], TICKS_MAX if kind == MARKET else VALUE_MAX - 1
        lies = (min(most, div_down(price * self.lie_ppb, PPB_ONE)) for price in values[:count])
        # What was a price stays one, however small the lie makes it.
        kept = (max(lie, min(1, price)) for lie, price in zip(lies, values, strict=False))
        return (*kept, *values[count:])


def demo_key(number: int) -> Key:
    """Return the key of the demo's reporter of that number: known to everybody, good for no real report."""
    return Key(keccak256(b"floorbook demo reporter %d" % number))


def panel(
    sampler: Source,
    count: int = 5,
    liars: int = 0,
    lie_ppb: int = PPB_ONE,
    habits: Habits | None = None,
    domain: Domain = LOCAL,
) -> list[Reporter]:
    """Return the demo's reporters, the last ones of them lying by a factor."""
    return [
        Reporter(
            demo_key(number),
            sampler,
            domain=domain,
            habits=habits,
            lie_ppb=PPB_ONE if number < count - liars else lie_ppb,
        )
        for number in range(count)
    ]
