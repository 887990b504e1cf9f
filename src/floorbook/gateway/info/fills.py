"""Trades: an account's fills, a market's trades, candles.

Spec: docs/api.md, "Info"; docs/spec/projections.md
"""

from itertools import groupby

import msgspec

from floorbook.gateway.accounts import to_hex
from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past, wire
from floorbook.gateway.info.requests import (
    Candles,
    OfCoin,
    Refused,
    UserSpan,
    account_of,
    coin_of,
    echo,
    span_of,
    to_ms,
)
from floorbook.projections import INTERVALS, queries
from floorbook.projections import records as r
from floorbook.units import MINUTE_NS

TRADES = 100


class LiquidationMark(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """That a fill closed the position of an account in liquidation: in the book, or outside it."""

    liquidated_user: str
    mark_px: str
    method: str  # market, backstop


class Fill(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One side of a trade."""

    coin: str
    px: str
    sz: str
    side: str
    time: int
    start_position: str
    dir: str
    closed_pnl: str
    hash: str
    oid: int
    crossed: bool
    fee: str
    tid: int
    fee_token: str
    cloid: str | None = None
    liquidation: LiquidationMark | None = None


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade in the book; `side` is the taker's, `users` are buyer and seller."""

    coin: str
    side: str
    px: str
    sz: str
    time: int
    hash: str
    tid: int
    users: tuple[str, str]


class Candle(msgspec.Struct, frozen=True, kw_only=True):
    """What traded in one interval: first and last ms, name, interval, prices, volume, number of trades."""

    start: int = msgspec.field(name="t")
    end: int = msgspec.field(name="T")
    coin: str = msgspec.field(name="s")
    interval: str = msgspec.field(name="i")
    open: str = msgspec.field(name="o")
    close: str = msgspec.field(name="c")
    high: str = msgspec.field(name="h")
    low: str = msgspec.field(name="l")
    volume: str = msgspec.field(name="v")
    trades: int = msgspec.field(name="n")


# ---- answers -----------------------------------------------------------------------------------


async def user_fills(gateway: Gateway, request: UserSpan) -> list[Fill]:
    """Return the account's last fills of a span of time, the newest first, at most 2,000."""
    account = account_of(gateway, request.user)
    if account is None:
        return []
    start, end = span_of(request.start_time, request.end_time)
    rows = await past.ask(gateway, queries.fills, account, start, end + 1)
    if request.aggregate_by_time:
        rows = [_together(list(same)) for _, same in groupby(rows, _moment_of)]
    return [fill_of(gateway, row) for row in rows]


async def recent_trades(gateway: Gateway, request: OfCoin) -> list[Trade]:
    """Return a market's last 100 trades, the newest first."""
    coin = coin_of(gateway, request.coin)
    rows = await past.ask(gateway, queries.trades, coin.market.id, TRADES)
    return [_trade_of(gateway, coin, row) for row in rows]


async def candles(gateway: Gateway, request: Candles) -> list[Candle]:
    """Return the last candles that begin in a span of time, the oldest first, at most 5,000."""
    asked = request.req
    coin = coin_of(gateway, asked.coin)
    if asked.interval not in INTERVALS:
        raise Refused(f"Unknown interval {echo(asked.interval)}. There are {', '.join(INTERVALS)}.")
    start, end = span_of(asked.start_time, asked.end_time)
    rows = await past.ask(gateway, queries.candles, coin.market.id, asked.interval, start, end + 1)
    return [candle_of(coin, row, asked.interval) for row in rows]


# ---- rows on the wire --------------------------------------------------------------------------


def fill_of(gateway: Gateway, row: r.Fill) -> Fill:
    """Return a fill as the wire writes it."""
    coin = gateway.coins.of_market(row.market)
    market = coin.market
    return Fill(
        coin=coin.name,
        px=wire.average_price(market, row.notional, row.lots),
        sz=wire.size(market, row.lots),
        side=wire.side(row.side),
        time=to_ms(row.at),
        start_position=wire.size(market, row.start_lots),
        dir=row.direction,
        closed_pnl=wire.atoms(market, row.closed_pnl),
        hash=past.hash_of(row.seq),
        oid=row.order,
        crossed=bool(row.crossed),
        fee=wire.show_atoms(row.fee, row.fee_asset),
        tid=row.trade,
        fee_token=wire.name_of(row.fee_asset),
        cloid=wire.cloid(row.client_id),
        liquidation=_liquidation(gateway, coin, row),
    )


def candle_of(coin: Coin, row: r.Candle, interval: str) -> Candle:
    """Return a candle as the wire writes it."""
    market = coin.market
    prices = [wire.price(market, ticks) for ticks in (row.open, row.close, row.high, row.low)]
    return Candle(
        start=to_ms(row.start), end=to_ms(row.start + row.minutes * MINUTE_NS) - 1, coin=coin.name,
        interval=interval, open=prices[0], close=prices[1], high=prices[2], low=prices[3],
        volume=wire.size(market, row.lots), trades=row.trades,
    )  # fmt: skip


def _trade_of(gateway: Gateway, coin: Coin, row: r.Fill) -> Trade:
    taker, maker = (to_hex(gateway.accounts.address(each)) for each in (row.account, row.counterparty))
    return Trade(
        coin=coin.name, side=wire.side(row.side), px=wire.price(coin.market, row.price),
        sz=wire.size(coin.market, row.lots), time=to_ms(row.at), hash=past.hash_of(row.seq), tid=row.trade,
        users=(taker, maker) if row.side > 0 else (maker, taker),
    )  # fmt: skip


def _liquidation(gateway: Gateway, coin: Coin, row: r.Fill) -> LiquidationMark | None:
    if row.liquidated < 0:
        return None
    return LiquidationMark(
        liquidated_user=to_hex(gateway.accounts.address(row.liquidated)),
        mark_px=wire.price(coin.market, row.mark),
        method="market" if row.in_book else "backstop",
    )


def _moment_of(row: r.Fill) -> tuple[int, int, int, int]:
    """Return what the parts of one order that traded at once have in common."""
    return row.seq, row.order, row.market, row.crossed if row.crossed else -row.id


def _together(rows: list[r.Fill]) -> r.Fill:
    """Return the fills of one taking order, the newest first, as one at their average price."""
    first = rows[-1]
    return msgspec.structs.replace(
        first,
        lots=sum(row.lots for row in rows),
        notional=sum(row.notional for row in rows),
        fee=sum(row.fee for row in rows),
        closed_pnl=sum(row.closed_pnl for row in rows),
        direction=rows[0].direction,
    )
