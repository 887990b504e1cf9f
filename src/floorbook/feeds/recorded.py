"""The recorded feed: hourly history as one quote a market minute.

    row of hour t:   floor(t) = floor_clean          top_bid(t) = min(top_bid, floor_clean)
    second s of it:  x(t + s) = (x(t) * (3600 - s) + x(t + 1 h) * s) / 3600, rounded down, s = 0 .. 3599

So a quote on the hour is the row itself, and between two rows the price moves in a straight line.  After the
last row its values hold for an hour.  A USD price is absent where one of the two rows it needs has none.
The bid never passes the floor: it does not at the rows, and both are rounded the same way.
"""

from collections.abc import Iterator

import msgspec

from floorbook.errors import HistoryError
from floorbook.feeds.history import History, Row
from floorbook.feeds.table import stamp
from floorbook.units import HOUR_NS, MINUTE_NS, SECOND_NS, Ns, Ticks, div_down, div_up

SECONDS_PER_HOUR = 3_600


class Quote(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the oracle reports at one market minute; floor >= top_bid > 0."""

    at: Ns
    floor: Ticks
    top_bid: Ticks
    eth_usd: int | None  # [cents]
    btc_usd: int | None  # [cents]
    others: tuple[tuple[Ticks, Ticks], ...] = ()  # (floor, top bid) of further collections


class RecordedFeed:
    """The quotes of [start, end), one a minute; every iteration starts again from the first.

    Raises HistoryError if the range is empty, not covered, or does not start on a whole minute.
    """

    def __init__(self, history: History, start: int, end: int) -> None:
        if start % MINUTE_NS:
            raise HistoryError(f"the start {stamp(start)} plus a fraction is not a whole minute; name one")
        self.start = Ns(start)
        self.end = Ns(end)
        self._rows = history.between(start, end).rows

    def __len__(self) -> int:
        return div_up(self.end - self.start, MINUTE_NS)

    def __iter__(self) -> Iterator[Quote]:
        return (quote_at(self._rows, at) for at in range(self.start, self.end, MINUTE_NS))

    def quote(self, at: int) -> Quote:
        """Return the quote of any second of the range."""
        return quote_at(self._rows, at)


def quote_at(rows: tuple[Row, ...], at: int) -> Quote:
    """Return the quote of a whole second within the rows, or within the hour after the last."""
    hour, rest = divmod(at - rows[0].at, HOUR_NS)
    row, following = rows[hour], rows[min(hour + 1, len(rows) - 1)]
    second = rest // SECOND_NS
    return Quote(
        at=Ns(at),
        floor=Ticks(_between(row.floor_clean, following.floor_clean, second)),
        top_bid=Ticks(_between(_capped_bid(row), _capped_bid(following), second)),
        eth_usd=_between_known(row.eth_usd, following.eth_usd, second),
        btc_usd=_between_known(row.btc_usd, following.btc_usd, second),
    )


def _capped_bid(row: Row) -> Ticks:
    return min(row.top_bid, row.floor_clean)


def _between(value: int, following: int, second: int) -> int:
    return div_down(value * (SECONDS_PER_HOUR - second) + following * second, SECONDS_PER_HOUR)


def _between_known(value: int | None, following: int | None, second: int) -> int | None:
    if second == 0 or value is None:
        return value
    return None if following is None else _between(value, following, second)
