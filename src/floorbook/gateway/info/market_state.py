"""A market at this instant: mark and index and what they are made of, funding, insurance, limits.

Spec: docs/spec/index.md, docs/spec/mark.md, docs/spec/funding.md
"""

import msgspec

from floorbook.core.engine.oracle import BASKET_VENUE, REPORTERS_VENUE
from floorbook.core.rules import index as index_rule
from floorbook.core.rules import limits
from floorbook.core.rules import waterfall as waterfall_rule
from floorbook.core.state import Market, State, Venue
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.market import premium, running_rate
from floorbook.gateway.info.requests import OfCoin, coin_of, to_ms
from floorbook.gateway.info.venue import status_of
from floorbook.units import PPB_ONE, div_down, div_up


class Source(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one venue says; `age` [ms].  A quote that is not counted has a note that says why."""

    venue: str
    floor: str
    top_bid: str
    observed: int
    age: int
    counted: bool
    note: str


class FundingState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`rateHour` is what the running hour would pay if it ended now, `lastRate` what the last one paid."""

    rate_hour: str
    premium: str
    next_at: int
    last_rate: str


class MarketState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A market now; `oraclePx` is the index under Hyperliquid's name."""

    coin: str
    mark: str
    index: str | None
    index_raw: str | None
    is_stale: bool
    sources: list[Source]
    funding: FundingState
    open_interest: str
    open_interest_max: str
    insurance: str
    insurance_left_today: str
    status: str
    halted: bool
    band: tuple[str, str]
    oracle_px: str | None
    position_limit: str
    time: int


def market_state(gateway: Gateway, request: OfCoin) -> MarketState:
    """Return a market's prices, where they come from, and its limits."""
    coin, state = coin_of(gateway, request.coin), gateway.state
    market, index = coin.market, coin.market.index
    insurance = state.kernel.cash(market.fund.account, market.asset)
    limited = wire.price(market, index.limited) if index.limited else None
    most = limits.open_interest_max(insurance, market.parameters["attack_cost"])
    return MarketState(
        coin=coin.name,
        mark=wire.price(market, market.mark),
        index=limited,
        index_raw=wire.price(market, index.raw) if index.raw else None,
        is_stale=bool(index.stale_since) or not index.limited,
        sources=sources_of(state, market),
        funding=_funding(market),
        open_interest=wire.size(market, state.kernel.open_interest(market.id)),
        open_interest_max=wire.size(market, div_down(most, max(1, market.mark * market.unit))),
        insurance=wire.atoms(market, insurance),
        insurance_left_today=wire.atoms(market, insurance_left(state, market)),
        status=status_of(market),
        halted=market.is_halted,
        band=(wire.price(market, market.band[0]), wire.price(market, market.band[1])),
        oracle_px=limited,
        position_limit=wire.atoms(market, market.parameters["position_limit"]),
        time=to_ms(state.now),
    )


def insurance_left(state: State, market: Market) -> int:
    """Return what the fund may still pay today [atoms].  Spec: waterfall.md §2."""
    fund = market.fund
    balance = state.kernel.cash(fund.account, market.asset)
    return waterfall_rule.fund_available(balance, fund.day_start, fund.paid_today)


def sources_of(state: State, market: Market) -> list[Source]:
    """Return every venue's last report, and whether the index counts it.  Spec: index.md §1, §2."""
    age_max = market.parameters["index_age_max"]
    fresh = [venue for venue in market.venues.values() if state.now - venue.observed <= age_max]
    band = _band_of(fresh, market.parameters["index_clip"]) if fresh else None
    found = []
    for number, venue in sorted(market.venues.items()):
        age = state.now - venue.observed
        note = "too old" if age > age_max else _clip_note(venue, band)
        found.append(
            Source(
                venue=_name_of(number), floor=wire.price(market, venue.floor),
                top_bid=wire.price(market, venue.top_bid), observed=to_ms(venue.observed), age=to_ms(age),
                counted=age <= age_max, note=note,
            )
        )  # fmt: skip
    return found


def _funding(market: Market) -> FundingState:
    return FundingState(
        rate_hour=wire.show_ppb(running_rate(market)), premium=wire.show_ppb(premium(market)),
        next_at=to_ms(market.funding.next_at), last_rate=wire.show_ppb(market.funding.last_rate),
    )  # fmt: skip


def _name_of(number: int) -> str:
    return {REPORTERS_VENUE: "reporters", BASKET_VENUE: "basket"}.get(number, f"venue {number}")


def _band_of(fresh: list[Venue], clip_ppb: int) -> tuple[int, int, int, int]:
    """Return between which floors and which bids a quote counts as it is."""
    edges: list[int] = []
    for prices in ([venue.floor for venue in fresh], [venue.top_bid for venue in fresh]):
        middle = index_rule.median(prices)
        edges.append(div_up(middle * (PPB_ONE - clip_ppb), PPB_ONE))
        edges.append(div_down(middle * (PPB_ONE + clip_ppb), PPB_ONE))
    return edges[0], edges[1], edges[2], edges[3]


def _clip_note(venue: Venue, band: tuple[int, int, int, int] | None) -> str:
    if band is None:
        return ""
    floor_low, floor_high, bid_low, bid_high = band
    is_within = floor_low <= venue.floor <= floor_high and bid_low <= venue.top_bid <= bid_high
    return "" if is_within else "far from the others: moved to the edge of the band around their median"
