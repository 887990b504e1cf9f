"""A tick: everything that runs on a schedule, in a fixed order.

prices -> funding -> margin parameters -> reports, collateral, credit -> what waits for time or price
-> liquidations -> sales of collateral -> housekeeping.
Funding comes before liquidation: a position must not look healthy on money it already owes.  Positions come
before collateral: what they lose is known before anything is sold for it.  Spec: docs/architecture.md
"""

from floorbook.core.commands import Tick
from floorbook.core.engine import (
    auctions,
    authority,
    bankruptcy,
    baskets,
    borrowing,
    collateral,
    credit,
    deadman,
    desk,
    fractions,
    fund,
    funding,
    liquidation,
    marks,
    operator,
    orders,
    reports,
    triggers,
    twaps,
    vaults,
    winddown,
)
from floorbook.core.events import Event, FeeTierChanged
from floorbook.core.rules.fees import fee_tier
from floorbook.core.rules.lifecycle import Status
from floorbook.core.rules.parameters import FEE_LADDER
from floorbook.core.state import Market, State
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, div_down

VOLUME_DAYS = 30


def tick(state: State, command: Tick) -> list[Event]:
    """Run the schedule at `state.now`."""
    before, state.ticked = state.ticked, state.now
    events = operator.apply_pending(state)
    if div_down(before, MINUTE_NS) != div_down(state.now, MINUTE_NS):
        funding.chain_entropy(state)
    marks.price_assets(state)
    markets = [market for market in state.markets if market.status not in (Status.DRAFT, Status.SETTLED)]
    for market in markets:
        if market.id not in state.baskets:
            events += _price(state, market)
    events += baskets.run(state)
    for market in markets:
        if market.id in state.baskets:
            events += _price(state, market)
    events += reports.refresh(state)
    collateral.refresh(state)
    events += fractions.run(state)
    events += fund.run(state)
    worths = credit.worths(state)
    events += vaults.refresh(state, worths)
    events += borrowing.refresh(state, worths)
    events += orders.expire_orders(state)
    events += deadman.run(state)
    for market in markets:
        events += triggers.fire(state, market)
    events += twaps.run(state)
    events += liquidation.run(state)
    events += auctions.run(state)
    for market in markets:
        events += liquidation.unwind_fund(state, market)
        events += winddown.run(state, market)
    if div_down(before, HOUR_NS) != div_down(state.now, HOUR_NS):
        events += _each_hour(state)
    return events


def _price(state: State, market: Market) -> list[Event]:
    bankruptcy.roll_day(state, market)
    events = marks.refresh(state, market)
    if market.mark:
        events += funding.run(state, market)
    oldest = state.now - HOUR_NS
    drop = 0
    while drop < len(market.fills) and market.fills[drop].at < oldest:
        drop += 1
    del market.fills[:drop]
    return events


def _each_hour(state: State) -> list[Event]:
    for market in state.markets:
        bankruptcy.remember_values(state, market)
    for owner in state.owners.values():
        owner.holds = [hold for hold in owner.holds if hold[0] > state.now]
    events = borrowing.accrue(state)
    events += desk.convert_debtors(state)
    today = div_down(state.now, DAY_NS)
    if state.volume_day != today:
        state.volume_day = today
        state.volumes = [*state.volumes, {}][-VOLUME_DAYS - 1 :]
        events += _set_fee_tiers(state)
        authority.forget_nonces(state)
    return events


def _set_fee_tiers(state: State) -> list[Event]:
    """Give each owner the tier its last 30 days' volume earned."""
    events: list[Event] = []
    totals: dict[int, int] = {}
    for day in state.volumes[:-1]:
        for owner, volume in day.items():
            totals[owner] = totals.get(owner, 0) + volume
    for owner in [*totals, *(owner for owner in state.fee_tiers if owner not in totals)]:
        tier = fee_tier(totals.get(owner, 0), FEE_LADDER)
        if tier != state.fee_tiers.get(owner, 0):
            state.fee_tiers[owner] = tier
            for account in state.accounts_of(owner):
                flags = state.kernel.account(account)[1]
                state.kernel.set_account(account, flags, tier)
            events.append(FeeTierChanged(account=owner, tier=tier))
    return events
