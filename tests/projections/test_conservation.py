"""Rows that miss nothing: positions, orders and every owner's cash follow from them, to the atom.

The traces play what a quiet run never sees: deleveraging, haircuts, wind-downs, sales, buyouts, claims.
"""

from pathlib import Path

import pytest

from floorbook.core.engine import Engine
from floorbook.core.state import State
from floorbook.projections import records as r
from floorbook.units import ASSETS
from tests.projections.books import Rows, applied_by, engine_cash
from tests.projections.conftest import Played
from tests.traces.runner import Trace, traces

# A receipt's price leaves no figure in an event: who mints pays what the position behind it is worth.
WITHOUT_CASH = {"receipt"}


@pytest.fixture(scope="module", params=traces(), ids=lambda path: path.stem)
def trace(request: pytest.FixtureRequest) -> tuple[str, State, Rows]:
    path: Path = request.param
    played = Trace()
    played.world.broken = list  # the traces' own tests check the invariants
    for line in path.read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            played.line(line)
    engine = Engine()
    return path.stem, engine.state, Rows(applied_by(engine, played.world.log))


def test_trace_positions_and_open_interest(trace: tuple[str, State, Rows]) -> None:
    _, state, rows = trace
    assert_positions(state, rows)


def test_trace_open_orders(trace: tuple[str, State, Rows]) -> None:
    _, state, rows = trace
    assert_orders(state, rows)


def test_trace_cash(trace: tuple[str, State, Rows]) -> None:
    name, state, rows = trace
    if name not in WITHOUT_CASH:
        assert_cash(state, rows)


def test_run(played: Played) -> None:
    rows = Rows(played.published)
    assert_positions(played.state, rows)
    assert_orders(played.state, rows)
    assert_cash(played.state, rows)


def assert_positions(state: State, rows: Rows) -> None:
    tracked = {(row.account, row.market): (row.lots, row.entry) for row in rows.of(r.Position) if row.lots}
    kernel = {
        (account, market.id): (lots, entry)
        for market in state.markets
        for account, lots, entry in state.kernel.positions(market.id)
    }
    assert tracked == kernel
    for market in state.markets:
        assert rows.projector.tracker.open_interest.get(market.id, 0) == state.kernel.open_interest(market.id)


def assert_orders(state: State, rows: Rows) -> None:
    open_rows = {row.id: row for row in rows.of(r.Order) if row.is_open and row.kind == r.ORDER}
    live = {
        order[0]: order
        for account in range(len(state.owner_of))
        for order in state.kernel.open_orders(account)
    }
    assert open_rows.keys() == live.keys()
    for number, (_, account, market, side, price, lots, flags, expires, placed) in live.items():
        row = open_rows[number]
        assert (row.account, row.market, row.side, row.price, row.left) == (
            account,
            market,
            side,
            price,
            lots,
        )
        assert (row.reduce_only, row.expires, row.placed_at) == (flags & 1, expires, placed)
        assert row.client_id == state.order_clients.get(number, (0, b""))[1]
    waiting = {row.id: row.filled for row in rows.of(r.Order) if row.is_open and row.kind != r.ORDER}
    assert waiting.keys() == {*state.triggers, *state.twaps}
    assert all(waiting[number] == twap.filled for number, twap in state.twaps.items())


def assert_cash(state: State, rows: Rows) -> None:
    cash = rows.cash()
    owned = [account for owner in state.owners.values() for account in owner.accounts]
    assert {(a, s): cash[a, s] for a in owned for s in range(ASSETS)} == {
        (a, s): engine_cash(state, a, s) for a in owned for s in range(ASSETS)
    }
