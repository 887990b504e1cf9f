"""What is asked of the rows.  Every function takes a connection first: `Store.ask` and `Store.read` give one.

Times are ns; a range is half open, [start, end).  Lists of an account come newest first and are paged by
`before`: the id (of orders the number) of the last row the caller has.
"""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Select, Table, func, select, text

from floorbook.projections import records as r
from floorbook.projections import tables as t
from floorbook.projections.candles import INTERVALS
from floorbook.projections.moment import INT64_MAX
from floorbook.units import DAY_NS, MINUTE_NS

Record = TypeVar("Record", bound=msgspec.Struct)

CANDLES_MAX = 5_000
ROWS_MAX = 2_000
DAY_MINUTES = DAY_NS // MINUTE_NS


class DayStatistics(msgspec.Struct, frozen=True):
    """A market's last 24 hours, whole minutes."""

    market: int
    lots: int
    notional: int  # [atoms]
    trades: int
    open_interest: int  # [lots] now
    mark: int  # [ticks] now, 0 before the first
    mark_before: int  # [ticks] 24 hours ago, or the first since
    high: int  # of the trades, 0 without one
    low: int


# ---- markets -----------------------------------------------------------------------------------


def candles(
    connection: Connection,
    market: int,
    interval: str,
    start: int = 0,
    end: int = INT64_MAX,
    limit: int = CANDLES_MAX,
) -> list[r.Candle]:
    """Return the last `limit` candles that begin in the range, the oldest first; only those with trades."""
    c = t.candles.c
    query = (
        select(t.candles)
        .where(c.market == market, c.minutes == INTERVALS[interval], c.start >= start, c.start < end)
        .order_by(c.start.desc())
    )
    return _all(connection, r.Candle, query, limit, CANDLES_MAX)[::-1]


def minutes(
    connection: Connection, market: int, start: int = 0, end: int = INT64_MAX, limit: int = CANDLES_MAX
) -> list[r.Minute]:
    """Return mark, index, open interest and volume by the minute: the last `limit`, the oldest first."""
    c = t.minutes.c
    query = (
        select(t.minutes).where(c.market == market, c.start >= start, c.start < end).order_by(c.start.desc())
    )
    return _all(connection, r.Minute, query, limit, CANDLES_MAX)[::-1]


def day_statistics(connection: Connection, market: int, now: int) -> DayStatistics:
    """Return the figures of the 24 hours up to `now`."""
    c, k = t.minutes.c, t.candles.c
    since = now - now % MINUTE_NS - DAY_NS
    within = (c.market == market, c.start > since, c.start <= now)
    sums = select(func.sum(c.lots), func.sum(c.notional), func.sum(c.trades)).where(*within)
    lots, notional, trades = connection.execute(sums).one()
    ends = select(func.max(k.high), func.min(k.low)).where(
        k.market == market, k.minutes == 1, k.start > since, k.start <= now
    )
    high, low = connection.execute(ends).one()
    last = _minute_at(connection, market, now)
    before = _minute_at(connection, market, since) or _first_minute(connection, market, since)
    return DayStatistics(
        market, int(lots or 0), int(notional or 0), int(trades or 0), last.open_interest if last else 0,
        last.mark_close if last else 0, before.mark_close if before else 0, high or 0, low or 0,
    )  # fmt: skip


def open_interest(
    connection: Connection, market: int, start: int = 0, end: int = INT64_MAX, limit: int = CANDLES_MAX
) -> list[tuple[int, int, int]]:
    """Return (minute, open interest [lots], mark [ticks]): the last `limit`, the oldest first."""
    found = minutes(connection, market, start, end, limit)
    return [(minute.start, minute.open_interest, minute.mark_close) for minute in found]


def trades(connection: Connection, market: int, limit: int = 100) -> list[r.Fill]:
    """Return the market's last trades in the book, the newest first, as their takers' fills."""
    c = t.fills.c
    query = select(t.fills).where(c.market == market, text(t.IS_TRADE)).order_by(c.at.desc(), c.id.desc())
    return _all(connection, r.Fill, query, limit)


def funding(
    connection: Connection, market: int, start: int = 0, end: int = INT64_MAX, limit: int = ROWS_MAX
) -> list[r.Funding]:
    """Return a market's hourly funding from `start` on, the oldest first."""
    c = t.funding.c
    query = select(t.funding).where(c.market == market, c.at >= start, c.at < end).order_by(c.at)
    return _all(connection, r.Funding, query, limit)


# ---- accounts ----------------------------------------------------------------------------------


def fills(
    connection: Connection,
    account: int,
    start: int = 0,
    end: int = INT64_MAX,
    limit: int = ROWS_MAX,
    before: int = INT64_MAX,
) -> list[r.Fill]:
    """Return an account's fills, the newest first."""
    return _all(connection, r.Fill, _of_account(t.fills, account, start, end, before), limit)


def funding_payments(
    connection: Connection,
    account: int,
    start: int = 0,
    end: int = INT64_MAX,
    limit: int = ROWS_MAX,
    before: int = INT64_MAX,
) -> list[r.FundingPayment]:
    """Return what an account paid and received for funding, the newest first."""
    query = _of_account(t.funding_payments, account, start, end, before)
    return _all(connection, r.FundingPayment, query, limit)


def ledger(
    connection: Connection,
    account: int,
    start: int = 0,
    end: int = INT64_MAX,
    limit: int = ROWS_MAX,
    before: int = INT64_MAX,
) -> list[r.LedgerEntry]:
    """Return an account's other money and notes, the newest first."""
    return _all(connection, r.LedgerEntry, _of_account(t.ledger, account, start, end, before), limit)


def orders(
    connection: Connection, account: int, limit: int = ROWS_MAX, before: int = INT64_MAX
) -> list[r.Order]:
    """Return an account's orders, triggers and TWAPs, the newest first; `before` is an order's number."""
    c = t.orders.c
    query = select(t.orders).where(c.account == account, c.number < before).order_by(c.number.desc())
    return _all(connection, r.Order, query, limit)


def order(connection: Connection, number: int, kind: int = r.ORDER) -> r.Order | None:
    """Return the order, trigger or TWAP with the engine's id, whoever it is of."""
    c = t.orders.c
    found = _all(connection, r.Order, select(t.orders).where(c.kind == kind, c.id == number), 1)
    return found[0] if found else None


def order_by_client_id(connection: Connection, account: int, client_id: bytes) -> r.Order | None:
    """Return the account's latest order of that name: a name is free again when its order is gone."""
    c = t.orders.c
    query = (
        select(t.orders)
        .where(c.account == account, c.client_id == client_id, text(t.IS_NAMED))
        .order_by(c.number.desc())
    )
    found = _all(connection, r.Order, query, 1)
    return found[0] if found else None


def accounts(connection: Connection) -> list[r.Account]:
    """Return every account, the oldest first."""
    return _records(connection, r.Account, select(t.accounts).order_by(t.accounts.c.account))


# ---- risk --------------------------------------------------------------------------------------


def reports(
    connection: Connection, limit: int = 200, before: int = INT64_MAX, *, only_refused: bool = False
) -> list[r.Report]:
    """Return the reporters' reports, the newest first."""
    c = t.reports.c
    query = select(t.reports).where(c.id < before).order_by(c.id.desc())
    if only_refused:
        query = query.where(text(t.IS_REFUSED))
    return _all(connection, r.Report, query, limit)


def latest_reports(connection: Connection) -> list[r.Report]:
    """Return each reporter's latest report, by reporter."""
    c = t.reports.c
    newest = select(func.max(c.id)).group_by(c.reporter)
    return _records(connection, r.Report, select(t.reports).where(c.id.in_(newest)).order_by(c.reporter))


def auctions(
    connection: Connection, account: int | None = None, limit: int = 200, before: int = INT64_MAX
) -> list[r.Auction]:
    """Return the sales of collateral, of all or of one debtor, the newest first."""
    c = t.auctions.c
    query = select(t.auctions).where(c.auction < before).order_by(c.auction.desc())
    if account is not None:
        query = query.where(c.account == account)
    return _all(connection, r.Auction, query, limit)


def liquidations(
    connection: Connection, account: int | None = None, limit: int = 200, before: int = INT64_MAX
) -> list[r.Liquidation]:
    """Return the liquidations, of all or of one account, the newest first."""
    c = t.liquidations.c
    query = select(t.liquidations).where(c.id < before).order_by(c.id.desc())
    if account is not None:
        query = query.where(c.account == account)
    return _all(connection, r.Liquidation, query, limit)


def ledger_of_kind(
    connection: Connection, kind: str, limit: int = 200, before: int = INT64_MAX
) -> list[r.LedgerEntry]:
    """Return entries of one kind of all accounts ("insurancePaid", "deleveraged", ...), the newest first."""
    c = t.ledger.c
    query = select(t.ledger).where(c.kind == kind, c.id < before).order_by(c.id.desc())
    return _all(connection, r.LedgerEntry, query, limit)


# ---- how they ask ------------------------------------------------------------------------------


def _of_account(table: Table, account: int, start: int, end: int, before: int) -> Select[Any]:
    """Rows rise with time, so paging by id inside a range of times reads one piece of the index."""
    c = table.c
    return (
        select(table)
        .where(c.account == account, c.at >= start, c.at < end, c.id < before)
        .order_by(c.at.desc(), c.id.desc())
    )


def _minute_at(connection: Connection, market: int, at: int) -> r.Minute | None:
    """Return the last minute that began by then."""
    c = t.minutes.c
    query = select(t.minutes).where(c.market == market, c.start <= at).order_by(c.start.desc())
    found = _all(connection, r.Minute, query, 1)
    return found[0] if found else None


def _first_minute(connection: Connection, market: int, since: int) -> r.Minute | None:
    c = t.minutes.c
    query = select(t.minutes).where(c.market == market, c.start > since).order_by(c.start)
    found = _all(connection, r.Minute, query, 1)
    return found[0] if found else None


def _all(
    connection: Connection, record: type[Record], query: Select[Any], limit: int, most: int = ROWS_MAX
) -> list[Record]:
    return _records(connection, record, query.limit(max(0, min(limit, most))))


def _records(connection: Connection, record: type[Record], query: Select[Any]) -> list[Record]:
    return [record(*row) for row in connection.execute(query)]
