"""At each tick a market's index and mark are computed, and what the kernel samples follows from them.

Spec: docs/spec/index.md, docs/spec/mark.md, docs/spec/margin.md
"""

from floorbook.core.engine.follow import follow
from floorbook.core.events import Event, IndexUpdated, MarketStale, MarkUpdated, StatusChanged
from floorbook.core.kernel import rows
from floorbook.core.rules import index as index_rule
from floorbook.core.rules import limits, margin
from floorbook.core.rules import mark as mark_rule
from floorbook.core.rules.lifecycle import (
    IS_STALE,
    MAY_CANCEL,
    MAY_OPEN,
    MAY_REDUCE,
    Action,
    Status,
    next_status,
)
from floorbook.core.state import Market, State
from floorbook.units import HOUR_NS, LOTS_MAX, MINUTE_NS, PPB_ONE, div_down

BUY, SELL = 1, -1
CROSS_NOTHING_PPB = 1  # no surplus of another asset counts
# A ladder is centred anew when the mark comes this near to an end: beyond, no order could stand.
BAND_TICKS_MAX = rows.LADDER // 4 - 1


def refresh(state: State, market: Market) -> list[Event]:
    """Bring a market's index and mark to this tick and begin its mark epoch in the kernel."""
    events = _refresh_index(state, market)
    if market.index.limited and market.status not in IS_STALE:
        events += _refresh_mark(state, market)
    return events + configure(state, market)


# ---- index --------------------------------------------------------------------------------------


def _refresh_index(state: State, market: Market) -> list[Event]:
    quotes = [index_rule.Quote(v.floor, v.top_bid, v.observed) for v in market.venues.values()]
    terms = market.parameters
    raw = index_rule.raw_index(
        quotes, state.now, terms["index_quorum"], terms["index_age_max"], terms["index_clip"]
    )
    if raw is None:
        return _set_stale(state, market, stale=True)
    events = _set_stale(state, market, stale=False)
    index = market.index
    if index.limiter is None:
        index.limiter = index_rule.start_limit(raw, state.now)
    else:
        # The raw index of the last tick held until now; the new one counts from here.
        index.limiter = index_rule.limit_move(index.limiter, index.raw, state.now, terms["index_move"])
    index.raw, index.limited = raw, index.limiter.value
    _accumulate(state, market)
    return [*events, IndexUpdated(market=market.id, raw=index.raw, index=index.limited)]


def _set_stale(state: State, market: Market, *, stale: bool) -> list[Event]:
    index = market.index
    if stale == bool(index.stale_since) or (stale and not index.limited):
        return []
    index.stale_since = state.now if stale else 0
    if index.limiter and not stale:
        # A stale index stood still: the time without prices must not have earned it a larger step.
        index.limiter = index_rule.Limited(index.limited, index.limited, state.now)
    events: list[Event] = [MarketStale(market=market.id, stale=stale)]
    return events + move(state, market, Action.GO_STALE if stale else Action.REFRESH)


def move(state: State, market: Market, action: Action) -> list[Event]:
    """Take a market along its life cycle if the action leads anywhere from its status."""
    status = next_status(market.status, action)
    if status is None:
        return []
    market.status = status
    if status == Status.WINDING_DOWN:
        market.winding_since = state.now
    return [StatusChanged(market=market.id, status=status.name)]


def _accumulate(state: State, market: Market) -> None:
    """Remember the index once a minute, for an hour."""
    points = market.index.points
    if not points or div_down(points[-1][0], MINUTE_NS) != div_down(state.now, MINUTE_NS):
        points.append((state.now, market.index.limited))
    while len(points) > 1 and points[1][0] <= state.now - HOUR_NS:
        points.pop(0)


def index_twap(market: Market) -> int:
    """Return the index averaged over the last hour of fresh prices [ticks]."""
    (first_at, first), *later = market.index.points
    start = end = index_rule.Accumulator(0, first, first_at)
    for at, price in later:
        end = index_rule.accumulate(end, price, at)
    return index_rule.twap(start, end)


# ---- mark ---------------------------------------------------------------------------------------


def _refresh_mark(state: State, market: Market) -> list[Event]:
    open_interest = state.kernel.open_interest(market.id) * max(1, market.mark) * market.unit
    impact = mark_rule.impact_notional(open_interest, market.parameters["impact_notional_min"])
    if not market.mark_state.at:
        market.mark_state = mark_rule.MarkState(at=state.now)
    terms = mark_rule.Terms(
        unit=market.unit, impact_notional=impact, last_rate_ppb=market.funding.last_rate,
        funding_left_ns=max(0, market.funding.next_at - state.now),
        leash_ppb=mark_rule.leash(market.tiers[0].maintenance_ppb),
    )  # fmt: skip
    rested = _book(state, market, impact, state.now - market.parameters["quote_age_min"])
    standing = _book(state, market, impact, state.now)
    computed = mark_rule.mark_price(
        rested, market.index.limited, market.mark_state, state.now, terms, standing
    )
    market.mark_state = computed.state
    market.is_halted = computed.is_halted
    market.mark = min(computed.mark, market.price_max)
    return [MarkUpdated(market=market.id, mark=market.mark, index=market.index.limited)]


def _book(state: State, market: Market, impact: int, until: int) -> mark_rule.Book:
    bids = state.kernel.quotes(market.id, BUY, impact, until)
    return mark_rule.Book(bids, state.kernel.quotes(market.id, SELL, impact, until))


# ---- what the kernel samples --------------------------------------------------------------------


def configure(state: State, market: Market) -> list[Event]:
    """Begin a mark epoch: mode, mark, band, limits and margin steps go to the kernel."""
    if not market.mark:
        return []
    market.initial, market.maintenance = _steps(state, market)
    low, high = limits.price_band(market.mark, limits.band_ppb(market.initial[0].rate_ppb))
    market.band = max(low, market.mark - BAND_TICKS_MAX), min(high, market.mark + BAND_TICKS_MAX)
    # The other side pays the gap too: who buys at a price known to fall leaves its loss to the fund (A15).
    surcharge = max(index_rule.surcharges(market.index.raw, market.index.limited))
    return follow(
        state,
        state.kernel.configure(
            market.id, _mode(state, market), market.mark,
            market.band[0], min(market.band[1], market.price_max),
            _open_interest_max(state, market), market.parameters["position_limit"],
            surcharge, surcharge,
            [(step.rate_ppb, step.deduction) for step in market.initial],
            [(step.rate_ppb, step.deduction) for step in market.maintenance],
        ),
    )  # fmt: skip


def _mode(state: State, market: Market) -> int:
    if not state.asset_prices[market.asset] and market.status in MAY_REDUCE:
        # What is worth nothing in ETH is owed for nothing: nobody would need margin (A17).
        return rows.CANCEL_ONLY
    if market.status in MAY_OPEN:
        return rows.REDUCING if market.is_halted else rows.OPEN
    if market.status in MAY_REDUCE:
        return rows.REDUCING
    return rows.CANCEL_ONLY if market.status in MAY_CANCEL else rows.CLOSED


def _steps(state: State, market: Market) -> tuple[list[margin.Step], list[margin.Step]]:
    """Margin of this epoch: open interest raises the initial rates, staleness shocks both (A14)."""
    terms = market.parameters
    open_interest = state.kernel.open_interest(market.id) * market.mark * market.unit
    initial = margin.initial_steps(
        market.tiers, open_interest, terms["open_interest_lower"], terms["open_interest_upper"]
    )
    maintenance = margin.maintenance_steps(market.tiers)
    stale = state.now - market.index.stale_since if market.index.stale_since else 0
    shock = index_rule.stale_shock(stale)
    return _shocked(initial, shock), _shocked(maintenance, shock)


def _shocked(steps: tuple[margin.Step, ...], shock_ppb: int) -> list[margin.Step]:
    """A shock takes shock * notional from equity: asking it as margin is the same test."""
    return [margin.Step(min(PPB_ONE, step.rate_ppb + shock_ppb), step.deduction) for step in steps]


def _open_interest_max(state: State, market: Market) -> int:
    """Open interest per side that the fund and the cost of an attack allow [lots] (A10)."""
    insurance = state.kernel.cash(market.fund.account, market.asset)
    allowed = limits.open_interest_max(insurance, market.parameters["attack_cost"])
    return min(LOTS_MAX, div_down(allowed, market.mark * market.unit))


def price_assets(state: State) -> None:
    """Give the kernel the settle assets' prices and weights."""
    state.kernel.set_asset_prices(
        state.asset_prices, cross_weight(state), margin.CROSS_WEIGHT_MAINTENANCE_PPB
    )


def cross_weight(state: State) -> int:
    """Return what a surplus counts for another asset's lack [ppb]: next to nothing at a stale price (A17)."""
    for asset, venue in state.asset_venues.items():
        if state.now - venue.observed > margin.ASSET_AGE_MAX_NS or _is_depegged(state, asset):
            return CROSS_NOTHING_PPB
    return margin.CROSS_WEIGHT_INITIAL_PPB


def _is_depegged(state: State, asset: int) -> bool:
    """Whether a stablecoin's price times the ETH-USD index leaves 1 USD by more than 2 %."""
    for market in state.markets:
        if market.name == "ETH-USD" and market.asset == asset and market.index.limited:
            # index [ticks] * 10**-decimals USD an ETH; price_e12 * 1e-12 * 1e-9 ETH a millionth of a dollar
            usd_e15 = market.index.limited * state.asset_prices[asset]
            one_e15: int = 10 ** (15 + market.price_decimals)
            return abs(usd_e15 - one_e15) * PPB_ONE > one_e15 * margin.DEPEG_MAX_PPB
    return False
