"""The types that may be asked: what each takes, who answers it, what it gives.

The document of the API is made of this table.  Spec: docs/api.md, "Info"
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import account, book, fills, market, money, orders
from floorbook.gateway.info import requests as ask


class Type(NamedTuple):
    """One type: the struct of its question, its answer's function, and what that gives."""

    request: type[ask.Request]
    answer: Callable[[Gateway, Any], Any | Awaitable[Any]]
    reply: Any
    is_native: bool = False


TYPES: dict[str, Type] = {
    "meta": Type(ask.OfDex, market.meta, market.Meta),
    "spotMeta": Type(ask.Request, market.spot_meta, market.SpotMeta),
    "metaAndAssetCtxs": Type(ask.OfDex, market.meta_and_contexts, tuple[market.Meta, list[market.Context]]),
    "spotMetaAndAssetCtxs": Type(
        ask.Request, market.spot_meta_and_contexts, tuple[market.SpotMeta, list[str]]
    ),
    "perpDexs": Type(ask.Request, market.perp_dexs, list[market.Dex | None]),
    "allMids": Type(ask.OfDex, market.all_mids, dict[str, str]),
    "l2Book": Type(ask.Depth, book.l2_book, book.L2Book),
    "clearinghouseState": Type(ask.OfUserAndDex, account.clearinghouse, account.Clearinghouse),
    "spotClearinghouseState": Type(ask.OfUser, account.spot_clearinghouse, account.Balances),
    "candleSnapshot": Type(ask.Candles, fills.candles, list[fills.Candle]),
    "recentTrades": Type(ask.OfCoin, fills.recent_trades, list[fills.Trade]),
    "fundingHistory": Type(ask.CoinSpan, money.funding_history, list[money.FundingRate]),
    "openOrders": Type(ask.OfUserAndDex, orders.open_orders, list[orders.OpenOrder]),
    "frontendOpenOrders": Type(ask.OfUserAndDex, orders.frontend_open_orders, list[orders.FrontendOrder]),
    "orderStatus": Type(ask.OneOrder, orders.order_status, orders.OrderStatus),
    "historicalOrders": Type(ask.OfUser, orders.historical_orders, list[orders.OrderState]),
    "userFills": Type(ask.UserSpan, fills.user_fills, list[fills.Fill]),
    "userFillsByTime": Type(ask.UserSpan, fills.user_fills, list[fills.Fill]),
    "userFunding": Type(ask.UserSpan, money.user_funding, list[money.FundingUpdate]),
    "userNonFundingLedgerUpdates": Type(ask.UserSpan, money.user_ledger, list[money.LedgerUpdate]),
}

DECODERS = {name: msgspec.json.Decoder(kind.request) for name, kind in TYPES.items()}
