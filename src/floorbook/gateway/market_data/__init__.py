"""What everybody may see of the markets, as far as it is durable: books, trades, prices.

It follows the exchange's groups.  Built from the kernel at a command whose number it remembers, so what
was applied before that and is published later counts once.  Spec: docs/api.md §8
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from floorbook.core.events import (
    Event,
    MarkUpdated,
    OrderCancelled,
    OrderFilled,
    OrderPlaced,
    OrderReduced,
)
from floorbook.core.kernel import rows
from floorbook.gateway.exchange import Exchange, Group
from floorbook.gateway.market_data.book import BookMirror
from floorbook.journal.machine import AppliedBatch
from floorbook.projections.moment import number_of

Steps = Iterable[tuple[int, int, Iterable[Event]]]


class Trade(NamedTuple):
    """A fill in the book; `side` is the taker's, `id` the projections'."""

    id: int
    seq: int
    at: int  # [ns]
    market: int
    side: int
    price: int
    lots: int
    taker: int
    maker: int


class Moves(NamedTuple):
    """What a group moved: markets whose book or mark changed, its trades, and the group itself."""

    at: int  # [ns] of its last command
    books: list[int]
    marks: list[int]
    trades: list[Trade]
    group: Group


Follower = Callable[[Moves], None]


class MarketData:
    """The durable side of every market."""

    def __init__(self, exchange: Exchange) -> None:
        self._state = exchange.state
        self.built = self.seq = exchange.sequencer.seq
        self.at = exchange.sequencer.at  # [ns] of the last durable command
        self.marks = {market.id: market.mark for market in self._state.markets}
        self._books: dict[int, BookMirror] = {}
        self._followers: list[Follower] = []
        self._moved_books: dict[int, None] = {}
        self._moved_marks: dict[int, None] = {}
        self._trades: list[Trade] = []
        self._handlers: dict[type, Callable[[Any, int, int, int], None]] = {
            OrderPlaced: self._placed,
            OrderFilled: self._filled,
            OrderReduced: self._reduced,
            OrderCancelled: self._cancelled,
            MarkUpdated: self._marked,
        }
        self._load_books()
        exchange.subscribe(self._take)

    def book(self, market: int) -> BookMirror:
        """Return the book of a market."""
        if market not in self._books:
            self._books[market] = BookMirror(market, self.built)
        return self._books[market]

    def follow(self, follower: Follower) -> None:
        """Call `follower` after each durable group, books and prices being up to it."""
        self._followers.append(follower)

    def _load_books(self) -> None:
        kernel = self._state.kernel
        for account in range(len(self._state.owner_of)):
            for order, _, market, side, price, lots, *_ in kernel.open_orders(account):
                self.book(market).place(order, side, price, lots)
        for book in self._books.values():
            book.changes()

    def _take(self, group: Group) -> None:
        for item in group:
            if item.seq <= self.built:
                continue
            events = _of_rows(item.events) if isinstance(item, AppliedBatch) else item.events
            self._take_events(item.seq, item.at, events)
            self.seq, self.at = item.seq, item.at
        moves = Moves(self.at, list(self._moved_books), list(self._moved_marks), self._trades, group)
        self._moved_books, self._moved_marks, self._trades = {}, {}, []
        for follower in self._followers:
            follower(moves)

    def _take_events(self, seq: int, at: int, events: Iterable[Event]) -> None:
        for place, event in enumerate(events):
            if handler := self._handlers.get(type(event)):
                handler(event, seq, at, place)

    def _touched(self, market: int, seq: int) -> BookMirror:
        self._moved_books[market] = None
        book = self.book(market)
        book.seq = seq
        return book

    def _placed(self, event: OrderPlaced, seq: int, at: int, place: int) -> None:
        self._touched(event.market, seq).place(event.order, event.side, event.price, event.lots)

    def _filled(self, event: OrderFilled, seq: int, at: int, place: int) -> None:
        book = self._touched(event.market, seq)
        book.fill(event.maker_order, event.lots)
        book.fill(event.taker_order, event.lots)
        self._trades.append(
            Trade(
                number_of(seq, place), seq, at, event.market, event.side, event.price, event.lots,
                event.taker, event.maker,
            )
        )  # fmt: skip

    def _reduced(self, event: OrderReduced, seq: int, at: int, place: int) -> None:
        self._touched(event.market, seq).reduce(event.order, event.lots)

    def _cancelled(self, event: OrderCancelled, seq: int, at: int, place: int) -> None:
        self._touched(event.market, seq).cancel(event.order)

    def _marked(self, event: MarkUpdated, seq: int, at: int, place: int) -> None:
        self.marks[event.market] = event.mark
        self._moved_marks[event.market] = None


def _of_rows(data: bytes) -> list[Event]:
    """Return the order events of a batch's event rows (core/kernel/rows.py), in order."""
    return [made for row in rows.EVENT.iter_unpack(data) if (made := _of_row(row))]


def _of_row(row: tuple[int, ...]) -> Event | None:
    kind, reason, side, market, _, order, maker_order, account, maker, price, lots, fee, maker_fee = row
    named: dict[str, Any] = {"market": market, "price": price, "lots": lots}
    if kind == rows.FILLED:
        return OrderFilled(
            side=side, taker=account, maker=maker, taker_order=order, maker_order=maker_order,
            taker_fee=fee, maker_fee=maker_fee, liquidation=bool(reason), **named,
        )  # fmt: skip
    if kind == rows.PLACED:
        return OrderPlaced(account=account, order=order, side=side, **named)
    if kind == rows.CANCELLED:
        return OrderCancelled(account=account, order=order, side=side, reason=reason, **named)
    if kind == rows.REDUCED:
        return OrderReduced(account=account, order=order, **named)
    return None
