"""One schema for SQLite and PostgreSQL, made of the records.

Every number is a BIGINT, so both databases hold the same rows.  Indices are in the order in which the
queries read: an account's rows by time, the newest first.
"""

from typing import Any, get_type_hints

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

from floorbook.projections import records as r

VERSION = 1

_TYPES: dict[Any, type[BigInteger] | type[Text] | type[LargeBinary]] = {
    int: BigInteger,
    str: Text,
    bytes: LargeBinary,
}

# SQLite makes a key its row id only where the type is spelled INTEGER; its integers have 64 bits anyhow.
_KEY = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()


def _table(name: str, record: type[msgspec.Struct], *keys: str) -> Table:
    """Return a table with a column for each field; SQLite keeps a key of one number as its row id."""
    hints = get_type_hints(record)
    columns = []
    for field in record.__struct_fields__:
        kind = _KEY if keys == (field,) else _TYPES[hints[field]]()
        columns.append(Column(field, kind, primary_key=field in keys, nullable=False, autoincrement=False))
    return Table(name, metadata, *columns, sqlite_with_rowid=len(keys) == 1)


def _index(table: Table, name: str, *columns: str, where: str = "") -> None:
    """Index columns; `where` makes it partial, and a query must say the same words to use it."""
    condition = text(where) if where else None
    parts = [table.c[column] for column in columns]
    Index(f"{table.name}_{name}", *parts, sqlite_where=condition, postgresql_where=condition)


markets = _table("markets", r.Market, "market")
accounts = _table("accounts", r.Account, "account")
positions = _table("positions", r.Position, "account", "market")
candles = _table("candles", r.Candle, "market", "minutes", "start")
minutes = _table("minutes", r.Minute, "market", "start")
fills = _table("fills", r.Fill, "id")
orders = _table("orders", r.Order, "number")
funding = _table("funding", r.Funding, "market", "at")
funding_payments = _table("funding_payments", r.FundingPayment, "id")
ledger = _table("ledger", r.LedgerEntry, "id")
liquidations = _table("liquidations", r.Liquidation, "id")
auctions = _table("auctions", r.Auction, "auction")
reports = _table("reports", r.Report, "id")
progress = _table("progress", r.Progress, "id")

IS_TRADE = "crossed = 1"
IS_OPEN = "is_open = 1"
IS_NAMED = "length(client_id) > 0"
IS_REFUSED = "reason > 0"
_index(fills, "of_account", "account", "at", "id")
_index(fills, "trades", "market", "at", "id", where=IS_TRADE)
_index(orders, "of_account", "account", "number")
_index(orders, "by_id", "kind", "id")
_index(orders, "open", "account", where=IS_OPEN)
_index(orders, "by_client_id", "account", "client_id", where=IS_NAMED)
_index(funding_payments, "of_account", "account", "at", "id")
_index(ledger, "of_account", "account", "at", "id")
_index(ledger, "of_kind", "kind", "id")
_index(liquidations, "of_account", "account", "id")
_index(auctions, "of_account", "account", "auction")
_index(reports, "refused", "id", where=IS_REFUSED)
_index(reports, "of_reporter", "reporter", "id")

OF_RECORD: dict[type[msgspec.Struct], Table] = {
    r.Market: markets,
    r.Account: accounts,
    r.Position: positions,
    r.Candle: candles,
    r.Minute: minutes,
    r.Fill: fills,
    r.Order: orders,
    r.Funding: funding,
    r.FundingPayment: funding_payments,
    r.LedgerEntry: ledger,
    r.Liquidation: liquidations,
    r.Auction: auctions,
    r.Report: reports,
    r.Progress: progress,
}
# Rows that are written once: their inserts need not look for an earlier one.
WRITTEN_ONCE = (r.Fill, r.FundingPayment, r.LedgerEntry, r.Report)
# What a later row of the same key may say anew; of the other records everything.  An update leaves those
# indices alone of which it names no column.
CHANGING: dict[type[msgspec.Struct], tuple[str, ...]] = {
    r.Order: (
        "lots", "left", "filled", "filled_notional", "status", "reason", "status_at", "is_open", "slices",
    ),
    r.Liquidation: ("ended_at",),
}  # fmt: skip
