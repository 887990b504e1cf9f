"""Recorded prices on the wall clock: history goes on from a moment of its own, faster than it happened.

    recorded(t) = begun + (t - opened) * speed      t >= opened
                = begun - (opened - t)              t <  opened: the past had the pace of the history

At the end of the range prices run backwards, at its beginning forwards again, so there is never a jump; a
scripted crisis stays where it ends.
A reporter who looks at a wall time sees what was recorded then; a sale keeps its age.
"""

from typing import Protocol

import msgspec

from floorbook.feeds.recorded import Quote
from floorbook.feeds.reporter import Source
from floorbook.units import SECOND_NS, Ns


class Prices(Protocol):
    """History or a scenario: what was quoted at any second of it."""

    def quote(self, at: int) -> Quote:
        """Return the quote of a recorded second."""
        ...


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the recorded range [first, last] a wall time lies; all times ns."""

    opened: int  # the wall time from which prices run `speed` times as fast
    begun: int  # the recorded time of that moment
    is_backward: bool = False  # which way prices ran at that moment
    speed: int  # recorded seconds a second
    first: int
    last: int
    is_final: bool = False  # whether prices stay at the last one instead of turning round

    def recorded(self, at: int) -> int:
        """Return the recorded time of a wall time, a whole second."""
        if at < self.opened:
            return whole(self.begun - (self.opened - at))
        return whole(self._turned(at)[0])

    def resumed(self, at: int, now: int, speed: int) -> "Pace":
        """Return the pace of an exchange that stopped at `at` and opens again `now`: no price jumps."""
        begun, is_backward = self._turned(max(at, self.opened))
        return msgspec.structs.replace(self, opened=now, begun=begun, is_backward=is_backward, speed=speed)

    def _turned(self, at: int) -> tuple[int, bool]:
        """Return the recorded time, and whether time runs backwards there."""
        span = self.last - self.first
        place = self.begun - self.first
        way = (2 * span - place if self.is_backward else place) + (at - self.opened) * self.speed
        way = min(way, span) if self.is_final else way % (2 * span)
        return (self.first + way, False) if way <= span else (self.last - (way - span), True)


class Retimed:
    """Prices on the wall clock."""

    def __init__(self, prices: Prices, pace: Pace) -> None:
        self.pace = pace
        self._prices = prices

    def quote(self, at: int) -> Quote:
        """Return the quote of a wall time [ns], stamped with it."""
        return msgspec.structs.replace(self._prices.quote(self.pace.recorded(at)), at=Ns(at))


class RetimedSource:
    """What a reporter sees on the wall clock."""

    def __init__(self, source: Source, pace: Pace) -> None:
        self.source = source.source
        self._seen = source
        self._pace = pace

    def index(self, quote: Quote) -> tuple[int, ...]:
        """Return the values of an INDEX report at a quote of `Retimed`."""
        return self._seen.index(msgspec.structs.replace(quote, at=Ns(self._pace.recorded(quote.at))))

    def appraisal(self, token: int, at: int) -> tuple[int, ...]:
        """Return the values of an APPRAISAL report; the last sale is as long ago as it was then."""
        recorded = self._pace.recorded(at)
        *prices, sold = self._seen.appraisal(token, recorded)
        return (*prices, sold + at - recorded if sold else 0)


def whole(at: int) -> int:
    """Return the second that holds a time [ns]."""
    return at - at % SECOND_NS
