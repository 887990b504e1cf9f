"""Mark and index as they were: the lines over a chart's candles.

Spec: docs/api.md, "Info"; docs/spec/projections.md
"""

import msgspec

from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past, wire
from floorbook.gateway.info.requests import Candles, Refused, coin_of, echo, span_of, to_ms
from floorbook.projections import INTERVALS, queries
from floorbook.projections import records as r
from floorbook.units import MINUTE_NS


class MarkPoint(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The last mark and index of an interval that begins at `t` [ms]; an index of 0: there was none yet."""

    start: int = msgspec.field(name="t")
    mark: str
    index: str
    open_interest: str


async def mark_history(gateway: Gateway, request: Candles) -> list[MarkPoint]:
    """Return the points that begin in a span of time, the oldest first, of at most 5,000 minutes."""
    asked = request.req
    coin = coin_of(gateway, asked.coin)
    if asked.interval not in INTERVALS:
        raise Refused(f"Unknown interval {echo(asked.interval)}. There are {', '.join(INTERVALS)}.")
    start, end = span_of(asked.start_time, asked.end_time)
    rows = await past.ask(gateway, queries.minutes, coin.market.id, start, end + 1)
    length = INTERVALS[asked.interval] * MINUTE_NS
    last = {row.start - row.start % length: row for row in rows if row.mark_close}
    return [_point(coin, at, row) for at, row in last.items()]


def _point(coin: Coin, at: int, row: r.Minute) -> MarkPoint:
    market = coin.market
    return MarkPoint(
        start=to_ms(at), mark=wire.price(market, row.mark_close), index=wire.price(market, row.index_close),
        open_interest=wire.size(market, row.open_interest),
    )  # fmt: skip
