"""What is said over a WebSocket, without the socket: frames in, updates and frames out.

After a reconnect everything is subscribed again, each book from the sequence number up to which it is
known: the exchange sends what was missed, or a snapshot where it has forgotten that far.  All other
channels begin anew; `Reconnected` tells that something may have been missed.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from floorbook.sdk.answers import Candle, Fill, OrderState, Trade
from floorbook.sdk.book import Book, Diff, Gap
from floorbook.sdk.errors import BadAnswer, BadRequest
from floorbook.sdk.statement import Account, Auction
from floorbook.sdk.subscriptions import Subscription


class BookChanged(NamedTuple):
    """A book has moved; it is the same object each time."""

    book: Book


class Traded(NamedTuple):
    """Trades, the oldest first."""

    trades: list[Trade]


class CandleChanged(NamedTuple):
    """The running candle of a market and interval."""

    candle: Candle


class MarkChanged(msgspec.Struct, frozen=True):
    """Mark and index of a market at a time [ms]."""

    coin: str
    mark: Decimal
    index: Decimal
    time: int = 0


class MidsChanged(NamedTuple):
    """The middle of every book of a dex."""

    mids: dict[str, Decimal]


class Filled(NamedTuple):
    """Fills of the account; the first time its last ones."""

    fills: list[Fill]
    is_snapshot: bool


class OrdersChanged(NamedTuple):
    """Orders of the account and what has become of them."""

    orders: list[OrderState]


class AccountChanged(NamedTuple):
    """The account as it is now."""

    account: Account


class AuctionsChanged(NamedTuple):
    """The sales that run now."""

    auctions: list[Auction]


class Heard(NamedTuple):
    """A message of a channel without a type of its own."""

    channel: str
    data: Any


class Reconnected(NamedTuple):
    """The connection was lost and is back; books are complete, other channels may have missed something."""

    times: int


Update = (
    BookChanged
    | Traded
    | CandleChanged
    | MarkChanged
    | MidsChanged
    | Filled
    | OrdersChanged
    | AccountChanged
    | AuctionsChanged
    | Heard
    | Reconnected
)  # fmt: skip


class _Frame(msgspec.Struct, frozen=True):
    channel: str
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Mids(msgspec.Struct, frozen=True):
    mids: dict[str, Decimal]


class _Fills(msgspec.Struct, frozen=True, rename="camel"):
    fills: list[Fill]
    is_snapshot: bool = False


class _Account(msgspec.Struct, frozen=True):
    account: Account


class Session:
    """One stream's subscriptions and the books it keeps."""

    def __init__(self, *subscriptions: Subscription) -> None:
        self.wanted = dict.fromkeys(subscriptions)
        self.books: dict[str, Book] = {}
        for each in subscriptions:
            self._keep(each)
        self._openings = 0

    def opened(self) -> list[str]:
        """Return what to say on a new connection."""
        self._openings += 1
        return [self._subscribe(each) for each in self.wanted]

    @property
    def reconnected(self) -> Reconnected | None:
        """The update after a connection that was not the first; None after the first."""
        return Reconnected(self._openings - 1) if self._openings > 1 else None

    def add(self, subscription: Subscription) -> list[str]:
        """Return what to say to listen to something more."""
        if subscription in self.wanted:
            return []
        self.wanted[subscription] = None
        self._keep(subscription)
        return [self._subscribe(subscription)]

    def remove(self, subscription: Subscription) -> list[str]:
        """Return what to say to listen no longer."""
        if subscription not in self.wanted:
            return []
        del self.wanted[subscription]
        if subscription.type == "l2Diff":
            del self.books[subscription.coin or ""]
        return [_message("unsubscribe", subscription.words())]

    def received(self, text: str | bytes) -> tuple[Update | None, list[str]]:
        """Take in a message; return the update in it, if any, and what to say in turn.

        Raises BadRequest for a subscription that the exchange refuses, BadAnswer for no message of ours.
        """
        try:
            frame = msgspec.json.decode(text, type=_Frame)
            if frame.channel == "l2Diff":
                return self._diff(msgspec.json.decode(frame.data, type=Diff))
            return _read(frame), []
        except msgspec.MsgspecError as fault:
            raise BadAnswer(f"no message of an exchange: {fault}; it begins {str(text[:120])!r}") from fault

    def _keep(self, subscription: Subscription) -> None:
        if subscription.type == "l2Diff":
            assert subscription.coin is not None
            self.books[subscription.coin] = Book(subscription.coin)

    def _diff(self, diff: Diff) -> tuple[Update | None, list[str]]:
        book = self.books.get(diff.coin)
        if book is None:  # on its way when it was unsubscribed
            return None, []
        try:
            return (BookChanged(book), []) if book.apply(diff) else (None, [])
        except Gap:
            again = Subscription(type="l2Diff", coin=diff.coin)
            return None, [_message("unsubscribe", again.words()), self._subscribe(again)]

    def _subscribe(self, subscription: Subscription) -> str:
        book = self.books.get(subscription.coin or "") if subscription.type == "l2Diff" else None
        since = {"from": book.seq} if book is not None and book.seq else {}
        return _message("subscribe", subscription.words(**since))


_READERS: dict[str, Callable[[msgspec.Raw], Update]] = {
    "trades": lambda data: Traded(msgspec.json.decode(data, type=list[Trade])),
    "candle": lambda data: CandleChanged(msgspec.json.decode(data, type=Candle)),
    "mark": lambda data: msgspec.json.decode(data, type=MarkChanged),
    "allMids": lambda data: MidsChanged(msgspec.json.decode(data, type=_Mids).mids),
    "userFills": lambda data: _fills(msgspec.json.decode(data, type=_Fills)),
    "orderUpdates": lambda data: OrdersChanged(msgspec.json.decode(data, type=list[OrderState])),
    "account": lambda data: AccountChanged(msgspec.json.decode(data, type=_Account).account),
    "auctions": lambda data: AuctionsChanged(msgspec.json.decode(data, type=list[Auction])),
}  # fmt: skip


def _read(frame: _Frame) -> Update | None:
    if frame.channel in ("subscriptionResponse", "pong"):
        return None
    if frame.channel == "error":
        raise BadRequest(str(msgspec.json.decode(frame.data)))
    reader = _READERS.get(frame.channel)
    return reader(frame.data) if reader else Heard(frame.channel, msgspec.json.decode(frame.data))


def _fills(data: _Fills) -> Filled:
    return Filled(data.fills, data.is_snapshot)


def _message(method: str, words: dict[str, Any]) -> str:
    return msgspec.json.encode({"method": method, "subscription": words}).decode()
