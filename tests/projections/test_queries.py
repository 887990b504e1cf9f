"""What is asked of the rows: ranges, limits, pages, days."""

import pytest
from sqlalchemy import Connection

from floorbook.core import events as e
from floorbook.projections import Database, queries
from floorbook.projections import records as r
from floorbook.projections import tables as t
from floorbook.projections.queries import DayStatistics
from floorbook.units import DAY_NS, MINUTE_NS
from tests.projections.conftest import START, Played


@pytest.fixture
def connection(rebuilt: Database):
    with rebuilt.engine.connect() as connected:
        yield connected


@pytest.fixture
def trader(played: Played) -> int:
    """The account with the most fills."""
    filled = [event for applied in played.published for event in applied.events]
    takers = [event.taker for event in filled if isinstance(event, e.OrderFilled)]
    return max(set(takers), key=takers.count)


@pytest.mark.parametrize("query", [queries.fills, queries.orders])
def test_pages_are_the_whole(connection: Connection, trader: int, query) -> None:
    whole = query(connection, trader)
    assert len(whole) > 20
    paged, before = [], {}
    while page := query(connection, trader, limit=7, **before):
        assert len(page) <= 7
        paged += page
        last = page[-1]
        before = {"before": last.number if isinstance(last, r.Order) else last.id}
    assert paged == whole
    assert [row.seq for row in whole if isinstance(row, r.Fill)] == sorted(
        (row.seq for row in whole if isinstance(row, r.Fill)), reverse=True
    )


def test_a_range_is_half_open(connection: Connection, trader: int) -> None:
    whole = queries.fills(connection, trader)
    middle = whole[len(whole) // 2].at
    early, late = (
        queries.fills(connection, trader, end=middle),
        queries.fills(connection, trader, start=middle),
    )
    assert late + early == whole
    assert all(fill.at >= middle for fill in late)
    assert all(fill.at < middle for fill in early)


@pytest.mark.parametrize("limit", [-1, 0])
def test_a_limit_may_be_nothing(connection: Connection, trader: int, limit: int) -> None:
    assert queries.fills(connection, trader, limit=limit) == []


def test_candles_are_the_last_and_in_order(connection: Connection) -> None:
    whole = queries.candles(connection, 0, "5m")
    assert [candle.start for candle in whole] == sorted(candle.start for candle in whole)
    assert queries.candles(connection, 0, "5m", limit=3) == whole[-3:]
    first, second = whole[0].start, whole[1].start
    assert queries.candles(connection, 0, "5m", start=first, end=second) == whole[:1]
    with pytest.raises(KeyError):
        queries.candles(connection, 0, "7m")


def test_trades_are_takers(connection: Connection) -> None:
    trades = queries.trades(connection, 0, limit=50)
    assert len(trades) == 50
    assert all(trade.crossed and trade.market == 0 for trade in trades)
    assert [trade.id for trade in trades] == sorted((trade.id for trade in trades), reverse=True)


def test_orders_by_name(connection: Connection, trader: int) -> None:
    for order in queries.orders(connection, trader, limit=20):
        if order.id:
            assert queries.order(connection, order.id, order.kind) == order
        if order.client_id:
            found = queries.order_by_client_id(connection, trader, order.client_id)
            assert found is not None
            assert found.number >= order.number
    assert queries.order(connection, 1) is None
    assert queries.order_by_client_id(connection, trader, b"nothing") is None


def test_the_day_is_its_minutes(connection: Connection, played: Played) -> None:
    now = played.state.now
    day = queries.day_statistics(connection, 0, now)
    minutes = [minute for minute in queries.minutes(connection, 0) if minute.start > now - DAY_NS]
    assert day.lots == sum(minute.lots for minute in minutes)
    assert day.notional == sum(minute.notional for minute in minutes)
    assert day.mark == played.state.markets[0].mark
    assert day.open_interest == played.state.kernel.open_interest(0)
    assert day.mark_before == minutes[0].mark_close  # the run is shorter than a day
    # An hour after a minute that had trades, a day ends that holds it; a day and a minute later it does not.
    busy = next(minute for minute in minutes if minute.trades)
    later = queries.day_statistics(connection, 0, busy.start + DAY_NS - MINUTE_NS)
    gone = queries.day_statistics(connection, 0, busy.start + DAY_NS)
    assert later.trades - gone.trades == busy.trades
    assert gone.mark_before == busy.mark_close


def test_a_market_without_rows_has_an_empty_day(connection: Connection) -> None:
    assert queries.day_statistics(connection, 31, START) == DayStatistics(31, 0, 0, 0, 0, 0, 0, 0, 0)
    assert queries.open_interest(connection, 31) == queries.trades(connection, 31) == []


def test_funding_sums_to_the_dust(connection: Connection, played: Played) -> None:
    paid: dict[tuple[int, int], int] = {}
    for account in range(len(played.state.owner_of)):
        for payment in queries.funding_payments(connection, account):
            key = payment.market, payment.at
            paid[key] = paid.get(key, 0) + payment.payment
    settled = {(f.market, f.at): f for m in played.state.markets for f in queries.funding(connection, m.id)}
    assert len(settled) == 9 * len(played.state.markets)  # the tenth hour ends with the run
    assert paid == {key: settled[key].dust for key in paid}
    assert {f.rate for f in settled.values() if f.market == 0} >= {played.state.markets[0].funding.last_rate}


def test_reports_say_who_and_what(connection: Connection, played: Played) -> None:
    reports = queries.reports(connection, limit=10)
    assert [row.id for row in reports] == sorted((row.id for row in reports), reverse=True)
    latest = queries.latest_reports(connection)
    assert {row.reporter for row in latest} == set(played.state.reporters.addresses)
    assert queries.reports(connection, only_refused=True) == []


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT * FROM fills WHERE account = 1 AND at >= 0 ORDER BY at DESC, id DESC", "fills_of_account"),
        (f"SELECT * FROM fills WHERE market = 0 AND {t.IS_TRADE} ORDER BY at DESC, id DESC", "fills_trades"),
        ("SELECT * FROM orders WHERE account = 1 ORDER BY number DESC", "orders_of_account"),
        ("SELECT * FROM orders WHERE kind = 0 AND id = 7", "orders_by_id"),
        (
            f"SELECT * FROM orders WHERE account = 1 AND client_id = x'00' AND {t.IS_NAMED}",
            "orders_by_client_id",
        ),
        ("SELECT * FROM ledger WHERE account = 1 ORDER BY at DESC, id DESC", "ledger_of_account"),
        (f"SELECT * FROM reports WHERE {t.IS_REFUSED} ORDER BY id DESC", "reports_refused"),
    ],
)
def test_reads_use_their_index(connection: Connection, statement: str, index: str) -> None:
    plan = " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}"))
    assert index in plan
    assert "TEMP B-TREE" not in plan
