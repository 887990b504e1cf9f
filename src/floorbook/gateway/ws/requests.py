"""What a client may say over the socket, and what it may subscribe to.

    {"method": "subscribe" | "unsubscribe", "subscription": {"type": ..., ...}}
    {"method": "ping"}
    {"method": "post", "id": 1, "request": {"type": "action" | "info", "payload": {...}}}

A subscription is its own key: names in it are brought to one spelling first.  Spec: docs/api.md §8
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from floorbook.gateway.accounts import from_hex, to_hex
from floorbook.gateway.coins import DEXES, MAIN_DEX
from floorbook.gateway.gateway import Gateway

Interval = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"]


class Message(msgspec.Struct, frozen=True):
    """Anything a client says."""

    method: Literal["subscribe", "unsubscribe", "ping", "post"]
    subscription: msgspec.Raw = msgspec.Raw(b"null")
    id: int = 0
    request: msgspec.Raw = msgspec.Raw(b"null")


class PostBody(msgspec.Struct, frozen=True):
    """A request that goes where the same body goes over HTTP: an action to /exchange, else to /info."""

    type: Literal["action", "info"]
    payload: msgspec.Raw


class Subscription(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", omit_defaults=True
):
    """Base of every subscription."""


class _OfCoin(Subscription, frozen=True, kw_only=True):
    coin: str


class _OfUser(Subscription, frozen=True, kw_only=True):
    user: str


class L2Book(_OfCoin, frozen=True, kw_only=True, tag="l2Book"):
    """The best 20 levels; with `nSigFigs` (and `mantissa`) in groups."""

    n_sig_figs: Literal[2, 3, 4, 5] | None = None
    mantissa: Literal[1, 2, 5] | None = None


class L2Diff(_OfCoin, frozen=True, kw_only=True, tag="l2Diff"):
    """`from` is the last seq the client has: it gets what came after, or a snapshot."""

    since: int | None = msgspec.field(default=None, name="from")


class Bbo(_OfCoin, frozen=True, kw_only=True, tag="bbo"):
    """The best level of each side."""


class Trades(_OfCoin, frozen=True, kw_only=True, tag="trades"):
    """What trades in the book."""


class Candles(_OfCoin, frozen=True, kw_only=True, tag="candle"):
    """The running candle of an interval."""

    interval: Interval


class ActiveAssetCtx(_OfCoin, frozen=True, kw_only=True, tag="activeAssetCtx"):
    """A market's context: mark, oracle, funding, open interest, the day."""


class Mark(_OfCoin, frozen=True, kw_only=True, tag="mark"):
    """Mark and index, at every tick."""


class Funding(_OfCoin, frozen=True, kw_only=True, tag="funding"):
    """Each hour's funding."""


class AllMids(Subscription, frozen=True, kw_only=True, tag="allMids"):
    """The mids of a dex."""

    dex: str | None = None


class Liquidations(Subscription, frozen=True, kw_only=True, tag="liquidations"):
    """Every liquidation, takeover and deleveraging, by public address."""


class Auctions(Subscription, frozen=True, kw_only=True, tag="auctions"):
    """The sales of collateral that run."""


class Venue(Subscription, frozen=True, kw_only=True, tag="venue"):
    """What the exchange says of itself and its markets."""


class Risk(Subscription, frozen=True, kw_only=True, tag="risk"):
    """Insurance, waterfall, reporters, breakers."""


class UserFills(_OfUser, frozen=True, kw_only=True, tag="userFills"):
    """The account's fills; first the last ones."""

    aggregate_by_time: bool = False


class OrderUpdates(_OfUser, frozen=True, kw_only=True, tag="orderUpdates"):
    """What becomes of the account's orders."""


class UserEvents(_OfUser, frozen=True, kw_only=True, tag="userEvents"):
    """Fills, funding and liquidations, as they come."""


class UserFundings(_OfUser, frozen=True, kw_only=True, tag="userFundings"):
    """Funding paid and received; first the last ones."""


class UserLedger(_OfUser, frozen=True, kw_only=True, tag="userNonFundingLedgerUpdates"):
    """Deposits, withdrawals and other money; first the last ones."""


class WebData2(_OfUser, frozen=True, kw_only=True, tag="webData2"):
    """All that a page shows of an account, in one message."""


class ActiveAssetData(_OfUser, frozen=True, kw_only=True, tag="activeAssetData"):
    """What the account could trade in a market."""

    coin: str


class ClearinghouseState(_OfUser, frozen=True, kw_only=True, tag="clearinghouseState"):
    """Margin and positions in one dex."""

    dex: str | None = None


class SpotState(_OfUser, frozen=True, kw_only=True, tag="spotState"):
    """Cash by token."""


class OpenOrders(_OfUser, frozen=True, kw_only=True, tag="openOrders"):
    """Resting orders and waiting triggers."""

    dex: str | None = None


class Account(_OfUser, frozen=True, kw_only=True, tag="account"):
    """The whole statement in our own shape."""


AnySubscription = (
    L2Book | L2Diff | Bbo | Trades | Candles | ActiveAssetCtx | Mark | Funding | AllMids | Liquidations
    | Auctions | Venue | Risk | UserFills | OrderUpdates | UserEvents | UserFundings | UserLedger | WebData2
    | ActiveAssetData | ClearinghouseState | SpotState | OpenOrders | Account
)  # fmt: skip


class Said(msgspec.Struct, frozen=True, tag_field="method"):
    """Base of what the document says of a client's messages; `Message` takes them in."""


class Subscribe(Said, frozen=True, tag="subscribe"):
    """Hear of something from now on."""

    subscription: AnySubscription


class Unsubscribe(Said, frozen=True, tag="unsubscribe"):
    """Hear no more of it."""

    subscription: AnySubscription


class Ping(Said, frozen=True, tag="ping"):
    """Are you there?"""


class PostRequest(Said, frozen=True, tag="post"):
    """A request with an id of the client's choice; the answer bears it."""

    id: int
    request: PostBody


message_decoder = msgspec.json.Decoder(Message)
post_decoder = msgspec.json.Decoder(PostBody)
_subscriptions = msgspec.json.Decoder(AnySubscription)


def subscription_of(gateway: Gateway, text: bytes) -> AnySubscription | None:
    """Return what a client wants to hear, names in their one spelling; None if there is no such thing."""
    try:
        asked = _subscriptions.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    found: AnySubscription | None = asked
    if isinstance(found, _OfCoin | ActiveAssetData):
        coin = gateway.coins.named(found.coin)
        found = replace(found, coin=coin.name) if coin else None
    if isinstance(found, _OfUser):
        address = from_hex(found.user)
        found = replace(found, user=to_hex(address)) if address else None
    if isinstance(found, AllMids | ClearinghouseState | OpenOrders):
        found = replace(found, dex=found.dex or MAIN_DEX) if (found.dex or MAIN_DEX) in DEXES else None
    return found


def key_of(subscription: AnySubscription) -> AnySubscription:
    """Return what it shares with other subscriptions: where one begins does not matter afterwards."""
    if isinstance(subscription, L2Diff):
        return replace(subscription, since=None)
    return subscription
