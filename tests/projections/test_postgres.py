"""PostgreSQL for real: the same rows as in SQLite, the same answers, the same going on after a stop."""

from collections.abc import Iterator

import pytest

from floorbook import projections
from floorbook.errors import ProjectionsError
from floorbook.projections import Database, Store, queries
from floorbook.projections.writer import Writer
from tests.projections import postgres
from tests.projections.conftest import Played
from tests.projections.content import content, content_of

pytestmark = pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing() or "runs")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres.server() as address:
        yield address


def test_rows_are_those_of_sqlite(url: str, played: Played, rebuilt: Database) -> None:
    projections.rebuild(played.journal, url)
    assert content_of(url) == content(rebuilt)


def test_it_goes_on_after_a_stop(url: str, played: Played, rebuilt: Database) -> None:
    half = len(played.published) // 2
    database = Database(url, fresh=True)
    Writer(database).write(played.published[:half])
    Writer(database).write(played.published[half : half + 100])
    database.close()
    assert projections.catch_up(played.journal, url) == played.published[-1].seq
    assert content_of(url) == content(rebuilt)


def test_queries_answer_alike(url: str, played: Played, rebuilt: Database) -> None:
    projections.catch_up(played.journal, url)
    store = Store(url)
    now = played.state.now
    account = next(iter(played.state.owners.values())).accounts[0]
    with rebuilt.engine.connect() as connection:
        for query, arguments in (
            (queries.candles, (0, "5m")),
            (queries.minutes, (0,)),
            (queries.day_statistics, (0, now)),
            (queries.trades, (0,)),
            (queries.funding, (0,)),
            (queries.fills, (account,)),
            (queries.orders, (account,)),
            (queries.ledger, (account,)),
            (queries.funding_payments, (account,)),
            (queries.reports, ()),
            (queries.latest_reports, ()),
            (queries.auctions, ()),
            (queries.liquidations, ()),
        ):
            assert store.read(query, *arguments) == query(connection, *arguments)
    store.close()


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(ProjectionsError) as caught:
        Database("postgresql://somebody:hidden@127.0.0.1:1/none")
    assert "hidden" not in str(caught.value)
