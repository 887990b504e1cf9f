"""The database behind the projections: opening it, writing rows, reading back a projector's memory.

SQLite (a file, WAL) or PostgreSQL (psycopg), one schema.  Rows go in by `executemany` of statements compiled
once; a row that may exist is replaced.  Everything of one `write` is one transaction with its progress.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    and_,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from floorbook.errors import ProjectionsError
from floorbook.projections import records as r
from floorbook.projections import tables as t
from floorbook.projections.money import BUYOUTS
from floorbook.projections.projector import Memory, Rows

SQLITE_SUFFIX = ".sqlite"
BUSY_MS = 30_000
CACHE_KIB = 65_536


def url_beside(journal: Path) -> str:
    """Return the default database of a journal: a SQLite file beside its directory."""
    return f"sqlite:///{journal.resolve().with_name(journal.name + SQLITE_SUFFIX)}"


class Database:
    """An open database with the schema in it."""

    def __init__(self, url: str, *, fresh: bool = False) -> None:
        """Open or create, `fresh` without the rows that are there; raises ProjectionsError."""
        self.engine = _open(url)
        self._statements: dict[type[msgspec.Struct], str] = {}
        try:
            if fresh:
                t.metadata.drop_all(self.engine)
            self._check_version()
            t.metadata.create_all(self.engine)
        except SQLAlchemyError as fault:
            self.engine.dispose()
            raise self.fault(fault) from fault
        self._statements = {record: self._statement(record) for record in t.OF_RECORD}

    def write(self, rows: Rows, progress: r.Progress) -> None:
        """Write rows and how far they go, all or nothing; raises ProjectionsError."""
        try:
            with self.engine.begin() as connection:
                for record, of_record in rows.items():
                    self._put(connection, record, of_record)
                self._put(connection, r.Progress, [progress])
        except SQLAlchemyError as fault:
            raise self.fault(fault) from fault

    def progress(self) -> r.Progress | None:
        """Return how far the rows go; None in an empty database."""
        with self.engine.connect() as connection:
            found = _all(connection, r.Progress, select(t.progress))
        return found[0] if found else None

    def memory(self) -> Memory:
        """Read back what a projector must know to go on behind the last row."""
        orders, ledger = t.orders.c, t.ledger.c
        with self.engine.connect() as connection:
            return Memory(
                markets=_all(connection, r.Market, select(t.markets).order_by(t.markets.c.market)),
                positions=_all(connection, r.Position, select(t.positions)),
                candles=_all(connection, r.Candle, _latest(t.candles, "market", "minutes")),
                minutes=_all(connection, r.Minute, _latest(t.minutes, "market")),
                orders=_all(
                    connection, r.Order, select(t.orders).where(text(t.IS_OPEN)).order_by(orders.number)
                ),
                liquidations=_all(
                    connection, r.Liquidation, select(t.liquidations).where(t.liquidations.c.ended_at == 0)
                ),
                auctions=_all(connection, r.Auction, select(t.auctions).where(t.auctions.c.ended_at == 0)),
                buyouts=_all(
                    connection,
                    r.LedgerEntry,
                    select(t.ledger).where(ledger.kind.in_(BUYOUTS)).order_by(ledger.id),
                ),
            )

    @property
    def name(self) -> str:
        """The database's address without its password."""
        return self.engine.url.render_as_string()

    def close(self) -> None:
        self.engine.dispose()

    def fault(self, fault: SQLAlchemyError) -> ProjectionsError:
        """Return our error of the database's, without the statement and its rows."""
        said = getattr(fault, "orig", None) or fault
        return ProjectionsError(f"{self.name}: {' '.join(str(said).split())}")

    def _check_version(self) -> None:
        """Make room for our schema where an earlier version's stands: the rows can be rebuilt."""
        if not inspect(self.engine).has_table(t.progress.name):
            return
        with self.engine.connect() as connection:
            version = connection.execute(select(t.progress.c.version)).scalar()
        if version is not None and version != t.VERSION:
            raise ProjectionsError(
                f"{self.name}: rows of version {version}, this program writes {t.VERSION};"
                " run `floorbook projections rebuild`"
            )

    def _put(
        self, connection: Connection, record: type[msgspec.Struct], rows: Sequence[msgspec.Struct]
    ) -> None:
        values = [msgspec.structs.astuple(row) for row in rows]
        connection.exec_driver_sql(self._statements[record], values)

    def _statement(self, record: type[msgspec.Struct]) -> str:
        """Return the insert of a row in the driver's own words, its values in the order of the columns."""
        table = t.OF_RECORD[record]
        keys = [column.name for column in table.primary_key]
        changing = t.CHANGING.get(record) or [c.name for c in table.c if c.name not in keys]
        dialect = self.engine.dialect
        insert = (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
        if record not in t.WRITTEN_ONCE:
            new = {name: insert.excluded[name] for name in changing}
            insert = insert.on_conflict_do_update(index_elements=keys, set_=new)
        return str(insert.compile(dialect=dialect))


def _open(url: str) -> Engine:
    """Return an engine; a plain `postgresql://` means psycopg."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, paramstyle="format", pool_pre_ping=True)
        if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
            raise ProjectionsError(f"{url!r}: write sqlite:///FILE or postgresql://USER@HOST/NAME")
        Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    except (ArgumentError, NoSuchModuleError, ImportError, OSError) as fault:
        raise ProjectionsError(f"{url!r}: {fault}") from fault


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Readers never wait for the writer (WAL); a crash may lose the last rows, which the journal has."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={BUSY_MS}",
        f"cache_size=-{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _latest(table: Table, *named: str) -> Select[Any]:
    """Return the query for the newest row of everything that those columns name."""
    newest = select(*(table.c[name] for name in named), func.max(table.c.start).label("start"))
    newest_of = newest.group_by(*(table.c[name] for name in named)).subquery()
    same = [table.c[name] == newest_of.c[name] for name in (*named, "start")]
    return select(table).join(newest_of, and_(*same))


def _all(connection: Connection, record: Any, query: Select[Any]) -> list[Any]:
    return [record(*row) for row in connection.execute(query)]
