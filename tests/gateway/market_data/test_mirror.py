"""The mirror of a book is the kernel's book after every command of a random life."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from floorbook.core.commands import AnyCommand
from floorbook.core.events import Event
from floorbook.core.kernel import rows
from floorbook.core.state import State
from floorbook.gateway.exchange import Group
from floorbook.gateway.market_data import MarketData
from floorbook.gateway.market_data.book import BUY, SELL, BookMirror
from floorbook.journal.machine import Applied, AppliedBatch
from tests.stateful import machine
from tests.traces.world import World

LIVES = 20
LATER = 60  # [commands] before the second mirror begins


class Published:
    """Just as much of an exchange as market data needs."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.sequencer = self
        self.seq, self.at = state.seq, state.now

    def subscribe(self, follower: Callable[[Group], None]) -> None:
        self.publish = follower


class MirroredWorld(World):
    """A world that is followed from its first command, and by another mirror that comes in later.

    The invariants are checked elsewhere, so here lives are quick.
    """

    def __init__(self, dump_every: int = 1) -> None:
        super().__init__(dump_every)
        self.exchanges: list[Published] = []
        self.mirrors: list[MarketData] = []

    def apply(self, command: AnyCommand) -> list[Event]:
        if len(self.log) in (0, LATER):
            self.begin_mirror()
        events = super().apply(command)
        for exchange, mirror in zip(self.exchanges, self.mirrors, strict=True):
            exchange.publish([Applied(self.state.seq, self.state.now, command, events)])
            assert_equal(mirror, self.state)
        return events

    def begin_mirror(self) -> None:
        exchange: Any = Published(self.state)
        self.exchanges.append(exchange)
        self.mirrors.append(MarketData(exchange))

    def broken(self) -> list[str]:
        return []

    def _untouchable(self) -> bytes:
        return b""


def assert_equal(mirror: MarketData, state: State) -> None:
    for market in state.markets:
        for side in (BUY, SELL):
            levels = mirror.book(market.id).levels(side)
            assert levels == state.kernel.depth(market.id, side, rows.LADDER)
            assert mirror.book(market.id).best(side) == (levels[0] if levels else None)
        assert mirror.marks.get(market.id, 0) == market.mark


def test_the_mirror_is_the_kernels_book_in_every_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "World", MirroredWorld)
    lives = settings(max_examples=LIVES, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine.ExchangeMachine, settings=lives)


def test_changes_applied_one_after_the_other_give_the_book() -> None:
    """A client that applies every diff has every level."""
    book, copy = BookMirror(0), BookMirror(0)
    seen: dict[int, dict[int, tuple[int, int]]] = {BUY: {}, SELL: {}}
    steps: list[tuple[str, tuple[int, ...]]] = [
        ("place", (1, BUY, 100, 5)), ("place", (2, BUY, 100, 7)), ("place", (3, SELL, 110, 4)),
        ("fill", (3, 1)), ("reduce", (2, 6)), ("cancel", (1,)), ("place", (4, BUY, 110, 1)), ("cancel", (4,)),
        ("fill", (3, 3)), ("cancel", (2,)),
    ]  # fmt: skip
    for name, arguments in steps:
        getattr(book, name)(*arguments)
        getattr(copy, name)(*arguments)
        for side, levels in zip((BUY, SELL), book.changes(), strict=True):
            for price, lots, orders in levels:
                seen[side][price] = (lots, orders)
                if not orders:
                    del seen[side][price]
            assert [(*level,) for level in copy.levels(side)] == [
                (price, *seen[side][price]) for price in sorted(seen[side], reverse=side == BUY)
            ]


def test_rows_of_a_batch_count_like_events() -> None:
    """Batches speak the kernel's binary rows."""
    state = State()
    exchange: Any = Published(state)
    mirror = MarketData(exchange)
    events = [
        rows.EVENT.pack(rows.PLACED, 0, SELL, 0, 0, 7, 0, 1, 0, 100, 5, 0, 0),
        rows.EVENT.pack(rows.PLACED, 0, BUY, 0, 1, 8, 0, 2, 0, 100, 2, 0, 0),
        rows.EVENT.pack(rows.FILLED, 0, BUY, 0, 1, 8, 7, 2, 1, 100, 2, 9, -3),
        rows.EVENT.pack(rows.REDUCED, 0, SELL, 0, 2, 7, 0, 1, 0, 100, 1, 0, 0),
        rows.EVENT.pack(rows.REJECTED, 9, BUY, 0, 3, 0, 0, 2, 0, 100, 1, 0, 0),
    ]
    exchange.publish([AppliedBatch(1, 10, b"", b"".join(events))])
    assert mirror.book(0).levels(SELL) == [(100, 1, 1)]
    assert mirror.book(0).levels(BUY) == []
    cancelled = rows.EVENT.pack(rows.CANCELLED, 1, SELL, 0, 0, 7, 0, 1, 0, 100, 1, 0, 0)
    exchange.publish([AppliedBatch(5, 10, b"", cancelled)])
    assert mirror.book(0).levels(SELL) == []
