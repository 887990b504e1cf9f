"""The rows of a run against the engine that wrote the journal."""

from sqlalchemy import func, select

from floorbook.core import events as e
from floorbook.projections import Database
from floorbook.projections import tables as t
from tests.projections.conftest import Played


def events(played: Played, kind: type) -> list:
    return [event for applied in played.published for event in applied.events if isinstance(event, kind)]


def total(database: Database, column, *where) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(select(func.sum(column)).where(*where)).scalar() or 0)


def test_positions_are_the_kernels(played: Played, rebuilt: Database) -> None:
    with rebuilt.engine.connect() as connection:
        rows = connection.execute(select(t.positions)).all()
    tracked = {(account, market): (lots, entry) for account, market, lots, entry in rows if lots}
    kernel = {
        (account, market.id): (lots, entry)
        for market in played.state.markets
        for account, lots, entry in played.state.kernel.positions(market.id)
    }
    assert kernel
    assert tracked == kernel


def test_open_orders_are_the_kernels(played: Played, rebuilt: Database) -> None:
    live = {}
    for account in range(len(played.state.owner_of)):
        for order in played.state.kernel.open_orders(account):
            live[order[0]] = order[1:6]
    c = t.orders.c
    query = select(c.id, c.account, c.market, c.side, c.price, c.left).where(c.kind == 0, c.is_open == 1)
    with rebuilt.engine.connect() as connection:
        rows = {row[0]: tuple(row[1:]) for row in connection.execute(query)}
    assert live
    assert rows == live


def test_every_fill_has_two_sides_and_its_fees(played: Played, rebuilt: Database) -> None:
    filled = events(played, e.OrderFilled)
    assert filled
    c = t.fills.c
    assert total(rebuilt, c.in_book) == 2 * len(filled)
    assert total(rebuilt, c.fee) == sum(event.taker_fee + event.maker_fee for event in filled)
    assert total(rebuilt, c.side * c.lots) == 0


def test_volume_stands_in_fills_candles_and_minutes(played: Played, rebuilt: Database) -> None:
    lots = sum(event.lots for event in events(played, e.OrderFilled))
    assert total(rebuilt, t.fills.c.lots, t.fills.c.crossed == 1) == lots
    assert total(rebuilt, t.minutes.c.lots) == lots
    for minutes in (1, 3, 60, 1440):
        assert total(rebuilt, t.candles.c.lots, t.candles.c.minutes == minutes) == lots
