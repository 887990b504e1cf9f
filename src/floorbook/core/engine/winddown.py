"""Winding a market down: an hour's average of the index is its last price, and every position closes at it.

Losses beyond an account's means are borne in that market, in the order of the waterfall.
Spec: docs/spec/waterfall.md §3, docs/spec/index.md §5, §6
"""

from floorbook.core.engine import bankruptcy, funding, liquidation, marks, risk, triggers, twaps
from floorbook.core.engine.follow import follow
from floorbook.core.events import Event, MarketWoundDown
from floorbook.core.reasons import Cancel
from floorbook.core.rules.index import must_wind_up
from floorbook.core.rules.lifecycle import Action, Status
from floorbook.core.state import Market, State
from floorbook.units import HOUR_NS


def run(state: State, market: Market) -> list[Event]:
    """Begin to wind up a market that was stale for a day, paused or not; settle one that is averaged."""
    events: list[Event] = []
    if market.index.stale_since and must_wind_up(state.now - market.index.stale_since):
        events += marks.move(state, market, Action.WIND_DOWN)
    if market.status != Status.WINDING_DOWN:
        return events
    is_averaged = state.now >= market.winding_since + HOUR_NS or market.index.stale_since
    return events + _settle(state, market) if is_averaged else events


def _settle(state: State, market: Market) -> list[Event]:
    events = _cancel_everything(state, market)
    market.funding.samples = []
    events += funding.settle_hour(state, market)
    market.mark = marks.index_twap(market) if market.index.points else market.mark
    events += marks.configure(state, market)
    events += _settle_bankrupt(state, market)
    events += _settle_rest(state, market)
    events += marks.move(state, market, Action.SETTLE)
    events += marks.configure(state, market)
    return [*events, MarketWoundDown(market=market.id, price=market.mark)]


def _cancel_everything(state: State, market: Market) -> list[Event]:
    events: list[Event] = []
    for account in range(state.kernel.counts()[1]):
        cancelled = state.kernel.cancel_orders(state.now, account, market.id, Cancel.MARKET_CLOSED)
        events += follow(state, cancelled)
    # What waits would wait for ever: this market's mark never moves again.
    events += triggers.cancel_market(state, market, Cancel.MARKET_CLOSED)
    return events + twaps.cancel_market(state, market)


def _settle_bankrupt(state: State, market: Market) -> list[Event]:
    """Those without equity first: their loss is shared while the winners still have their positions."""
    events: list[Event] = []
    for account, _, _ in state.kernel.positions(market.id):
        has_position = state.kernel.position(account, market.id)[0]
        if has_position and risk.maintenance_risk(state, account).equity <= 0:
            events += bankruptcy.close(state, market, account)
            events += bankruptcy.record_shortfall(state, account)
    return events


def _settle_rest(state: State, market: Market) -> list[Event]:
    """Pair longs and shorts, both by account, at the last price."""
    holders = state.kernel.positions(market.id)
    longs = [[account, size] for account, size, _ in holders if size > 0]
    shorts = [[account, -size] for account, size, _ in holders if size < 0]
    events: list[Event] = []
    while longs and shorts:
        (buyer, bought), (seller, sold) = shorts[-1], longs[-1]
        lots = min(bought, sold)
        total = lots * market.mark * market.unit
        events += follow(state, state.kernel.trade(state.now, market.id, buyer, seller, lots, total))
        for side in (longs, shorts):
            side[-1][1] -= lots
            if not side[-1][1]:
                side.pop()
    for account, _, _ in holders:
        if account not in state.liquidations and liquidation.has_no_position(state, account):
            events += bankruptcy.record_shortfall(state, account)
    return events
