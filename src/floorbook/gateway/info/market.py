"""Markets as Hyperliquid's clients know them: universes, contexts, tokens, mids.

A universe holds the markets of one dex in the order of their asset ids.  Spec: docs/api.md, "Info"
"""

from functools import cache

import msgspec

from floorbook.core.rules import funding as funding_rule
from floorbook.core.rules import mark as mark_rule
from floorbook.core.rules.lifecycle import Status
from floorbook.core.state import Market, State
from floorbook.gateway.coins import DEXES, MAIN_DEX, NFT_DEX, TOKENS, Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.days import days_of
from floorbook.gateway.info.requests import OfDex, Request, dex_of
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, PPB_ONE, div_down

BUY, SELL = 1, -1
TABLES_FIRST = 100  # ids below are Hyperliquid's own: tables of one leverage


class Tier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A margin tier: from this notional on, at most this leverage."""

    lower_bound: str
    max_leverage: int


class MarginTable(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A market's margin tiers, by rising notional."""

    description: str
    margin_tiers: list[Tier]


class AssetMeta(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A market's terms."""

    name: str
    sz_decimals: int
    max_leverage: int
    margin_table_id: int
    is_delisted: bool = False


class Meta(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The markets of one dex; an asset id is a place in `universe`."""

    universe: list[AssetMeta]
    margin_tables: list[tuple[int, MarginTable]]
    collateral_token: int


class TokenMeta(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A settle asset."""

    name: str
    sz_decimals: int
    wei_decimals: int
    index: int
    token_id: str
    is_canonical: bool
    evm_contract: None
    full_name: str


class SpotPair(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A spot market; there is none."""

    name: str
    tokens: tuple[int, int]
    index: int
    is_canonical: bool


class SpotMeta(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The settle assets."""

    universe: list[SpotPair]
    tokens: list[TokenMeta]


class Context(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A market now.  `funding` is the rate that the running hour would pay if it ended now."""

    funding: str
    open_interest: str
    prev_day_px: str
    day_ntl_vlm: str
    premium: str
    oracle_px: str
    mark_px: str
    mid_px: str | None
    impact_pxs: tuple[str, str] | None
    day_base_vlm: str


class Dex(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A dex beside the main one."""

    name: str
    full_name: str
    deployer: str
    oracle_updater: None
    fee_recipient: None
    asset_to_streaming_oi_cap: list[tuple[str, str]]


# ---- answers -----------------------------------------------------------------------------------


def meta(gateway: Gateway, request: OfDex) -> Meta:
    """Return the universe of a dex."""
    dex = dex_of(request.dex)
    coins = gateway.coins.of_dex(dex)
    return Meta(
        universe=[_asset_meta(coin) for coin in coins],
        margin_tables=[(table_of(coin), _margin_table(coin.market)) for coin in coins],
        collateral_token=DEXES.index(dex),
    )


async def meta_and_contexts(gateway: Gateway, request: OfDex) -> tuple[Meta, list[Context]]:
    """Return the universe of a dex and each market's context, in the same order."""
    coins = gateway.coins.of_dex(dex_of(request.dex))
    for coin in coins:
        await days_of(gateway).refresh(gateway, coin.market)
    return meta(gateway, request), [context(gateway, coin) for coin in coins]


def spot_meta(gateway: Gateway, request: Request) -> SpotMeta:
    """Return the tokens; nothing is traded spot."""
    return SpotMeta(universe=[], tokens=[_token_meta(place) for place in range(len(TOKENS))])


def spot_meta_and_contexts(gateway: Gateway, request: Request) -> tuple[SpotMeta, list[str]]:
    """Return the tokens and no contexts."""
    return spot_meta(gateway, request), []


def perp_dexs(gateway: Gateway, request: Request) -> list[Dex | None]:
    """Return the dexes: the main one is null."""
    nft = Dex(
        name=NFT_DEX, full_name="NFT floors, settled in ETH", deployer=f"0x{'0' * 40}", oracle_updater=None,
        fee_recipient=None, asset_to_streaming_oi_cap=[],
    )  # fmt: skip
    return [None, nft]


def all_mids(gateway: Gateway, request: OfDex) -> dict[str, str]:
    """Return the middle of every book of a dex; the mark where a side is empty."""
    coins = gateway.coins.of_dex(dex_of(request.dex))
    return {coin.name: mid_or_mark(gateway.state, coin.market) for coin in coins if coin.market.mark}


def context(gateway: Gateway, coin: Coin) -> Context:
    """Return a market's context; the figures of its day are a few seconds old."""
    state, market, index = gateway.state, coin.market, coin.market.index.limited
    day = days_of(gateway).last(gateway, market)
    return Context(
        funding=wire.show_ppb(running_rate(market)),
        open_interest=wire.size(market, state.kernel.open_interest(market.id)),
        prev_day_px=wire.price(market, day.mark_before or market.mark),
        day_ntl_vlm=wire.atoms(market, day.notional),
        premium=wire.show_ppb(premium(market)),
        oracle_px=wire.price(market, index),
        mark_px=wire.price(market, market.mark),
        mid_px=mid(state, market),
        impact_pxs=_impact(state, market),
        day_base_vlm=wire.size(market, day.lots),
    )


# ---- figures that others state as well ---------------------------------------------------------


def max_leverage(market: Market) -> int:
    """Return the leverage of the smallest position."""
    return div_down(PPB_ONE, market.tiers[0].initial_ppb)


def table_of(coin: Coin) -> int:
    """Return the id of a market's margin table."""
    return TABLES_FIRST + coin.market.id


def mid(state: State, market: Market) -> str | None:
    """Return the middle between best bid and best ask, None where a side is empty."""
    bid, ask = state.kernel.best(market.id)
    if not bid or not ask:
        return None
    # Half a tick is a digit more than a tick has.
    return wire.show_half(bid + ask, market.price_decimals)


def mid_or_mark(state: State, market: Market) -> str:
    """Return the middle of the book, the mark where a side is empty."""
    return mid(state, market) or wire.price(market, market.mark)


def running_rate(market: Market) -> int:
    """Return the rate that the running hour would pay if it ended now [ppb].  Spec: funding.md §2, §3."""
    cap = funding_rule.rate_cap(market.tiers[0].initial_ppb, market.tiers[0].maintenance_ppb)
    return funding_rule.hourly_rate(market.funding.samples, cap, market.funding.rates)


def premium(market: Market) -> int:
    """Return the mark over the index [ppb], 0 before the first price."""
    index = market.index.limited
    return funding_rule.premium(market.mark, index) if index and market.mark else 0


# ---- parts -------------------------------------------------------------------------------------


def _asset_meta(coin: Coin) -> AssetMeta:
    market = coin.market
    return AssetMeta(
        name=coin.name, sz_decimals=market.size_decimals, max_leverage=max_leverage(market),
        margin_table_id=table_of(coin), is_delisted=market.status in (Status.DRAFT, Status.SETTLED),
    )  # fmt: skip


def _margin_table(market: Market) -> MarginTable:
    tiers = [
        Tier(
            lower_bound=wire.atoms(market, tier.notional_above),
            max_leverage=div_down(PPB_ONE, tier.initial_ppb),
        )
        for tier in market.tiers
    ]
    return MarginTable(description=f"{market.template} tiers", margin_tiers=tiers)


@cache
def _token_meta(place: int) -> TokenMeta:
    asset = TOKENS[place]
    return TokenMeta(
        name=ASSET_NAMES[asset], sz_decimals=ASSET_DECIMALS[asset],
        wei_decimals=ASSET_DECIMALS[asset], index=place,
        token_id=f"0x{place:032x}", is_canonical=True, evm_contract=None, full_name=ASSET_NAMES[asset],
    )  # fmt: skip


def _impact(state: State, market: Market) -> tuple[str, str] | None:
    """Return what an impact notional would be sold and bought at, None where the book is too thin."""
    open_interest = state.kernel.open_interest(market.id) * max(1, market.mark) * market.unit
    notional = mark_rule.impact_notional(open_interest, market.parameters["impact_notional_min"])
    prices = []
    for side in (BUY, SELL):
        levels = state.kernel.quotes(market.id, side, notional, state.now)
        micro = mark_rule.impact_price(levels, notional, market.unit)
        if micro is None:
            return None
        prices.append(wire.price(market, div_down(micro, mark_rule.MICRO)))
    return prices[0], prices[1]


assert DEXES == (MAIN_DEX, NFT_DEX)  # a dex's place is its collateral token's index
