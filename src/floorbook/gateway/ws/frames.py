"""What the server says over the socket; `channel` tells which.  The AsyncAPI document is made of these.

Numbers are decimal strings, times ms, a level's `n` is its orders.  Spec: docs/api.md §8
"""

from typing import Literal

import msgspec

from floorbook.gateway.info.account import Balances, Leverage
from floorbook.gateway.info.account import Clearinghouse as Margins
from floorbook.gateway.info.auctions import Sale
from floorbook.gateway.info.book import L2Book, Level
from floorbook.gateway.info.fills import Candle, Fill, Trade
from floorbook.gateway.info.market import Context, Meta
from floorbook.gateway.info.money import LedgerUpdate
from floorbook.gateway.info.orders import FrontendOrder, OrderState
from floorbook.gateway.info.risk import Risk
from floorbook.gateway.info.statement import Account as Statement
from floorbook.gateway.info.venue import Venue

PostKind = Literal["action", "info", "error"]
Row = tuple[str, str, int]  # price, size, orders; no orders: the level is gone


class Frame(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="channel", forbid_unknown_fields=True
):
    """Base of every message."""


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Base of what stands in messages."""


# ---- answers -----------------------------------------------------------------------------------


class Acknowledged(Part, frozen=True, kw_only=True):
    """What was asked."""

    method: Literal["subscribe", "unsubscribe"]
    subscription: msgspec.Raw


class SubscriptionResponse(Frame, frozen=True, kw_only=True, tag="subscriptionResponse"):
    """The request, taken in; what it asks for follows."""

    data: Acknowledged


class Error(Frame, frozen=True, kw_only=True, tag="error"):
    """Why something said was not understood or is not given."""

    data: str


class Pong(Frame, frozen=True, kw_only=True, tag="pong"):
    """The answer to a ping."""


class PostAnswer(Part, frozen=True, kw_only=True):
    """For an action what POST /exchange says; for a question {type, data}; for an error a sentence."""

    type: PostKind
    payload: msgspec.Raw


class Posted(Part, frozen=True, kw_only=True):
    """The answer to the post of this id."""

    id: int
    response: PostAnswer


class Post(Frame, frozen=True, kw_only=True, tag="post"):
    """The answer to a post."""

    data: Posted


class InfoPayload(Part, frozen=True, kw_only=True):
    """The answer to a question, with its type."""

    type: str
    data: msgspec.Raw


# ---- markets -----------------------------------------------------------------------------------


class L2BookFrame(Frame, frozen=True, kw_only=True, tag="l2Book"):
    """The best 20 levels of both sides."""

    data: L2Book


class L2Diff(Part, frozen=True, kw_only=True):
    """The levels that are different at `seq` than at `prevSeq`; of a snapshot all levels."""

    coin: str
    time: int
    seq: int
    prev_seq: int | None
    is_snapshot: bool
    bids: list[Row]
    asks: list[Row]


class L2DiffFrame(Frame, frozen=True, kw_only=True, tag="l2Diff"):
    """A step of a book, or a snapshot."""

    data: L2Diff


class Bbo(Part, frozen=True, kw_only=True):
    """Best bid and best ask; null where a side is empty."""

    coin: str
    time: int
    bbo: tuple[Level | None, Level | None]


class BboFrame(Frame, frozen=True, kw_only=True, tag="bbo"):
    """The best levels changed."""

    data: Bbo


class TradesFrame(Frame, frozen=True, kw_only=True, tag="trades"):
    """What one group of commands traded in a market."""

    data: list[Trade]


class AllMids(Part, frozen=True, kw_only=True):
    """By coin; the mark where a side is empty."""

    mids: dict[str, str]


class AllMidsFrame(Frame, frozen=True, kw_only=True, tag="allMids"):
    """The mids of a dex."""

    data: AllMids


class ActiveAssetCtx(Part, frozen=True, kw_only=True):
    """As in metaAndAssetCtxs."""

    coin: str
    ctx: Context


class ActiveAssetCtxFrame(Frame, frozen=True, kw_only=True, tag="activeAssetCtx"):
    """A market's context."""

    data: ActiveAssetCtx


class Mark(Part, frozen=True, kw_only=True):
    """Mark and index at a tick."""

    coin: str
    time: int
    mark: str
    index: str


class MarkFrame(Frame, frozen=True, kw_only=True, tag="mark"):
    """A tick."""

    data: Mark


class Funding(Part, frozen=True, kw_only=True):
    """One hour's funding as it was settled: longs paid `rate` of the index."""

    coin: str
    time: int
    rate: str
    index: str


class FundingFrame(Frame, frozen=True, kw_only=True, tag="funding"):
    """An hour has ended."""

    data: Funding


# ---- what is everybody's, and accounts -----------------------------------------------------------


class CandleFrame(Frame, frozen=True, kw_only=True, tag="candle"):
    """The running candle, after a trade."""

    data: Candle


class Liquidation(Part, frozen=True, kw_only=True):
    """A step of a liquidation, a takeover or a deleveraging; `fields` are the event's own, in its units."""

    event: str
    time: int
    user: str
    coin: str | None
    fields: dict[str, int]


class LiquidationsFrame(Frame, frozen=True, kw_only=True, tag="liquidations"):
    """What one group of commands brought."""

    data: list[Liquidation]


class UserFills(Part, frozen=True, kw_only=True):
    """A snapshot has the last fills, the newest first; later messages the new ones, the oldest first."""

    user: str
    is_snapshot: bool
    fills: list[Fill]


class UserFillsFrame(Frame, frozen=True, kw_only=True, tag="userFills"):
    """An account's fills."""

    data: UserFills


class OrderUpdatesFrame(Frame, frozen=True, kw_only=True, tag="orderUpdates"):
    """Orders and triggers as they are now, after something happened to them."""

    data: list[OrderState]


class Payment(Part, frozen=True, kw_only=True):
    """One hour's funding; `usdc` is in the market's settle asset, positive where it came in."""

    time: int
    coin: str
    usdc: str
    szi: str
    funding_rate: str
    n_samples: int


class UserFundings(Part, frozen=True, kw_only=True):
    """Payments, the oldest first."""

    user: str
    is_snapshot: bool
    fundings: list[Payment]


class UserFundingsFrame(Frame, frozen=True, kw_only=True, tag="userFundings"):
    """An account's funding."""

    data: UserFundings


class UserLedger(Part, frozen=True, kw_only=True):
    """Entries, the oldest first."""

    user: str
    is_snapshot: bool
    non_funding_ledger_updates: list[LedgerUpdate]


class UserLedgerFrame(Frame, frozen=True, kw_only=True, tag="userNonFundingLedgerUpdates"):
    """An account's other money."""

    data: UserLedger


class OwnLiquidation(Part, frozen=True, kw_only=True):
    """The account's liquidation began; money in ETH."""

    lid: int
    liquidator: str
    liquidated_user: str
    liquidated_ntl_pos: str
    liquidated_account_value: str


class Gone(Part, frozen=True, kw_only=True):
    """An order that somebody else than its owner cancelled."""

    coin: str
    oid: int


class UserEvent(Part, frozen=True, kw_only=True, omit_defaults=True):
    """One of these."""

    fills: list[Fill] | None = None
    funding: Payment | None = None
    liquidation: OwnLiquidation | None = None
    non_user_cancel: list[Gone] | None = None


class UserEventFrame(Frame, frozen=True, kw_only=True, tag="user"):
    """What userEvents brings."""

    data: UserEvent


class Clearinghouse(Part, frozen=True, kw_only=True):
    """As in POST /info."""

    dex: str
    user: str
    clearinghouse_state: Margins


class ClearinghouseFrame(Frame, frozen=True, kw_only=True, tag="clearinghouseState"):
    """Margin and positions in one dex."""

    data: Clearinghouse


class SpotState(Part, frozen=True, kw_only=True):
    """As in POST /info."""

    user: str
    spot_state: Balances


class SpotStateFrame(Frame, frozen=True, kw_only=True, tag="spotState"):
    """Cash by token."""

    data: SpotState


class OpenOrders(Part, frozen=True, kw_only=True):
    """As frontendOpenOrders in POST /info."""

    dex: str
    user: str
    orders: list[FrontendOrder]


class OpenOrdersFrame(Frame, frozen=True, kw_only=True, tag="openOrders"):
    """Resting orders and waiting triggers."""

    data: OpenOrders


class WebData2(Part, frozen=True, kw_only=True):
    """The main dex as a page shows it; what this exchange does not have is null, empty or zero."""

    user: str
    server_time: int
    clearinghouse_state: Margins
    spot_state: Balances
    open_orders: list[FrontendOrder]
    meta: Meta
    asset_ctxs: list[Context]
    is_vault: bool = False
    agent_address: str | None = None
    agent_valid_until: int | None = None
    cum_ledger: str = "0"
    leading_vaults: list[str] = []
    total_vault_equity: str = "0"
    twap_states: list[str] = []


class WebData2Frame(Frame, frozen=True, kw_only=True, tag="webData2"):
    """All of an account in one message."""

    data: WebData2


class ActiveAssetData(Part, frozen=True, kw_only=True):
    """What could be traded with the free margin, buying and selling, before fees."""

    user: str
    coin: str
    leverage: Leverage
    max_trade_szs: tuple[str, str]
    available_to_trade: tuple[str, str]
    mark_px: str


class ActiveAssetDataFrame(Frame, frozen=True, kw_only=True, tag="activeAssetData"):
    """What the account could trade in a market."""

    data: ActiveAssetData


class Account(Part, frozen=True, kw_only=True):
    """As in POST /info."""

    user: str
    account: Statement


class AccountFrame(Frame, frozen=True, kw_only=True, tag="account"):
    """The whole statement of an account."""

    data: Account


class AuctionsFrame(Frame, frozen=True, kw_only=True, tag="auctions"):
    """The sales of collateral that run."""

    data: list[Sale]


class VenueFrame(Frame, frozen=True, kw_only=True, tag="venue"):
    """What the exchange says of itself and its markets."""

    data: Venue


class RiskFrame(Frame, frozen=True, kw_only=True, tag="risk"):
    """What threatens the exchange now."""

    data: Risk


KINDS: tuple[type[Frame], ...] = (
    SubscriptionResponse, Error, Pong, Post, L2BookFrame, L2DiffFrame, BboFrame, TradesFrame, AllMidsFrame,
    ActiveAssetCtxFrame, MarkFrame, FundingFrame, CandleFrame, LiquidationsFrame, UserFillsFrame,
    OrderUpdatesFrame, UserFundingsFrame, UserLedgerFrame, UserEventFrame, ClearinghouseFrame, SpotStateFrame,
    OpenOrdersFrame, WebData2Frame, ActiveAssetDataFrame, AccountFrame, AuctionsFrame, VenueFrame,
    RiskFrame,
)  # fmt: skip
