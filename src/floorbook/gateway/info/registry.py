"""The types that may be asked: what each takes, who answers it, what it gives.

The document of the API is made of this table.  Spec: docs/api.md, "Info"
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import (
    account,
    auctions,
    book,
    chain,
    collateral,
    fills,
    market,
    market_state,
    marks,
    money,
    orders,
    preview,
    proof,
    risk,
    statement,
    twaps,
    users,
    vaults,
    venue,
)
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
    "predictedFundings": Type(
        ask.Request, money.predicted_fundings, list[tuple[str, list[tuple[str, money.Predicted]]]]
    ),
    "openOrders": Type(ask.OfUserAndDex, orders.open_orders, list[orders.OpenOrder]),
    "frontendOpenOrders": Type(ask.OfUserAndDex, orders.frontend_open_orders, list[orders.FrontendOrder]),
    "orderStatus": Type(ask.OneOrder, orders.order_status, orders.OrderStatus),
    "historicalOrders": Type(ask.OfUser, orders.historical_orders, list[orders.OrderState]),
    "userFills": Type(ask.UserSpan, fills.user_fills, list[fills.Fill]),
    "userFillsByTime": Type(ask.UserSpan, fills.user_fills, list[fills.Fill]),
    "userFunding": Type(ask.UserSpan, money.user_funding, list[money.FundingUpdate]),
    "userNonFundingLedgerUpdates": Type(ask.UserSpan, money.user_ledger, list[money.LedgerUpdate]),
    "twapHistory": Type(ask.OfUser, twaps.twap_history, list[twaps.Twap]),
    "userTwapSliceFills": Type(ask.OfUser, twaps.slice_fills, list[twaps.SliceFill]),
    "userFees": Type(ask.OfUser, users.user_fees, users.UserFees),
    "userAbstraction": Type(ask.OfUser, users.user_abstraction, str),
    "userRole": Type(ask.OfUser, users.user_role, users.Role),
    "extraAgents": Type(ask.OfUser, users.extra_agents, list[users.Agent]),
    "userRateLimit": Type(ask.OfUser, users.user_rate_limit, users.RateLimit),
    "subAccounts": Type(ask.OfUser, users.sub_accounts, list[users.SubAccount] | None),
    "referral": Type(ask.OfUser, users.referral, users.Referral),
    "maxBuilderFee": Type(ask.BuilderFee, users.max_builder_fee, int),
    "exchangeStatus": Type(ask.Request, users.exchange_status, users.Status),
    "venue": Type(ask.Request, venue.venue, venue.Venue, is_native=True),
    "signingTypes": Type(ask.Request, venue.signing_types, venue.SigningTypes, is_native=True),
    "marketState": Type(ask.OfCoin, market_state.market_state, market_state.MarketState, is_native=True),
    "markHistory": Type(ask.Candles, marks.mark_history, list[marks.MarkPoint], is_native=True),
    "account": Type(ask.OfUser, statement.account, statement.Account, is_native=True),
    "previewOrder": Type(ask.PreviewOrder, preview.preview_order, preview.OrderPreview, is_native=True),
    "collateral": Type(ask.OfUser, collateral.collateral, collateral.Collateral, is_native=True),
    "tokenPreview": Type(ask.TokenPreview, collateral.token_preview, collateral.TokenWorth, is_native=True),
    "auctions": Type(ask.Request, auctions.auctions, list[auctions.Sale], is_native=True),
    "auctionHistory": Type(ask.OfUserIfAny, auctions.auction_history, list[auctions.Ended], is_native=True),
    "bids": Type(ask.OfUserIfAny, auctions.bids, list[auctions.Bid], is_native=True),
    "vaults": Type(ask.OfUserIfAny, vaults.vaults, vaults.Vaults, is_native=True),
    "risk": Type(ask.Request, risk.risk, risk.Risk, is_native=True),
    "chain": Type(ask.Request, chain.chain, chain.Chain | None, is_native=True),
    "payouts": Type(ask.OfUser, chain.payouts, list[chain.Payout], is_native=True),
    "accountProof": Type(ask.OfUser, chain.account_proof, chain.AccountProof, is_native=True),
    "proof": Type(ask.OfUserIfAny, proof.proof, proof.Proof, is_native=True),
}

DECODERS = {name: msgspec.json.Decoder(kind.request) for name, kind in TYPES.items()}
