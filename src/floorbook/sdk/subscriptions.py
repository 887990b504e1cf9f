"""What a stream may listen to.

    with client.stream(book("PUNKS"), trades("PUNKS"), fills()) as stream:
        for update in stream: ...

A subscription without a user means the client's own account.
"""

from typing import Any, Literal

import msgspec

Interval = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"]
_OF_USER = ("userFills", "orderUpdates", "userFundings", "account")


class Subscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription in the wire's words; two that are equal are one."""

    type: str
    coin: str | None = None
    user: str | None = None
    interval: str | None = None
    dex: str | None = None

    @property
    def needs_user(self) -> bool:
        """Whether it is about an account and names none."""
        return self.type in _OF_USER and self.user is None

    def words(self, **more: Any) -> dict[str, Any]:
        """Return what is sent."""
        words: dict[str, Any] = msgspec.to_builtins(self)
        return words | more


def book(coin: str) -> Subscription:
    """Every change of a book, kept as a `Book`."""
    return Subscription(type="l2Diff", coin=coin)


def trades(coin: str) -> Subscription:
    """Every trade."""
    return Subscription(type="trades", coin=coin)


def candles(coin: str, interval: Interval) -> Subscription:
    """The running candle."""
    return Subscription(type="candle", coin=coin, interval=interval)


def mark(coin: str) -> Subscription:
    """Mark and index, whenever they move."""
    return Subscription(type="mark", coin=coin)


def mids(dex: str = "") -> Subscription:
    """The middle of every book of a dex: "" or "nft"."""
    return Subscription(type="allMids", dex=dex)


def liquidations() -> Subscription:
    """What happens in liquidations, anybody's."""
    return Subscription(type="liquidations")


def auctions() -> Subscription:
    """The sales that run."""
    return Subscription(type="auctions")


def fills(user: str | None = None) -> Subscription:
    """The account's fills."""
    return Subscription(type="userFills", user=user)


def order_updates(user: str | None = None) -> Subscription:
    """What becomes of the account's orders."""
    return Subscription(type="orderUpdates", user=user)


def account(user: str | None = None) -> Subscription:
    """The account's statement, whenever it changes."""
    return Subscription(type="account", user=user)
