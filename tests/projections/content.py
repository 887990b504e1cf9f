"""Everything a database holds, to compare two."""

from sqlalchemy import select

from floorbook.projections import Database
from floorbook.projections import tables as t

Content = dict[str, list[tuple]]


def content(database: Database) -> Content:
    """Return every table's rows, by key."""
    found: Content = {}
    with database.engine.connect() as connection:
        for table in t.metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in connection.execute(query)]
    return found


def content_of(url: str) -> Content:
    database = Database(url)
    try:
        return content(database)
    finally:
        database.close()
