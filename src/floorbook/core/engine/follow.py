"""Kernel events become the exchange's events, and the rules' memory follows each of them.

Every call of the kernel that can trade or cancel goes through `follow`: it is the only place where
flows, recent fills, volumes and client ids are written.
"""

from collections.abc import Sequence
from heapq import heappush

from floorbook.core.engine import naming, waiting
from floorbook.core.events import (
    Event,
    OrderCancelled,
    OrderFilled,
    OrderPlaced,
    OrderReduced,
    PositionTaken,
    Rejected,
)
from floorbook.core.kernel import rows
from floorbook.core.kernel.fills import expiring, fills
from floorbook.core.rules.fees import tier_volume
from floorbook.core.state import Fill, Market, State
from floorbook.units import E12_ONE, div_down

KernelEvent = tuple[int, ...]


def follow(state: State, kernel_events: Sequence[KernelEvent]) -> list[Event]:
    """Return the events of a kernel call, after writing what the rules remember of them."""
    events = [_FOLLOWERS[event[0]](state, event) for event in kernel_events]
    if state.triggers:
        events += waiting.follow_parents(state, kernel_events)
        events += waiting.follow_positions(state, kernel_events)
    return events


def follow_batch(state: State, batch: bytes, event_rows: bytes) -> None:
    """Write what the rules remember of a batch; its event rows go out as they are."""
    for expiry in expiring(batch, event_rows):
        heappush(state.expiries, expiry)
    for side, market, taker, maker, price, lots in fills(event_rows):
        buyer, seller = (taker, maker) if side > 0 else (maker, taker)
        _remember_fill(state, state.markets[market], buyer, seller, lots, price)
    for order in list(state.order_clients):
        naming.release_order(state, order)
    if state.triggers:
        waiting.follow_parents(state, rows.EVENT.iter_unpack(event_rows))
        waiting.follow_positions(state, rows.EVENT.iter_unpack(event_rows))


def _placed(state: State, event: KernelEvent) -> Event:
    _, _, side, market, _, order, _, account, _, price, lots, _, _ = event
    return OrderPlaced(account=account, market=market, order=order, side=side, price=price, lots=lots)


def _filled(state: State, event: KernelEvent) -> Event:
    _, flags, side, market_id, _, order, maker_order, taker, maker, price, lots, fee, maker_fee = event
    market = state.markets[market_id]
    buyer, seller = (taker, maker) if side > 0 else (maker, taker)
    _remember_fill(state, market, buyer, seller, lots, price)
    if state.order_clients:
        # A filled order is gone from the kernel; its client id may be used again.
        naming.release_order(state, order)
        naming.release_order(state, maker_order)
    return OrderFilled(
        market=market_id, side=side, price=price, lots=lots, taker=taker, maker=maker, taker_order=order,
        maker_order=maker_order, taker_fee=fee, maker_fee=maker_fee, liquidation=bool(flags),
    )  # fmt: skip


def _cancelled(state: State, event: KernelEvent) -> Event:
    _, reason, side, market, _, order, _, account, _, price, lots, _, _ = event
    naming.release_order(state, order)
    return OrderCancelled(
        account=account, market=market, order=order, side=side, price=price, lots=lots, reason=reason
    )


def _rejected(state: State, event: KernelEvent) -> Event:
    return Rejected(reason=event[1], account=event[7])


def _reduced(state: State, event: KernelEvent) -> Event:
    _, _, _, market, _, order, _, account, _, price, lots, _, _ = event
    return OrderReduced(account=account, market=market, order=order, price=price, lots=lots)


def _settled(state: State, event: KernelEvent) -> Event:
    _, _, _, market_id, _, _, _, buyer, seller, notional, lots, _, _ = event
    _remember_flow(state, state.markets[market_id], buyer, seller, notional)
    return PositionTaken(account=buyer, counterparty=seller, market=market_id, lots=lots, notional=notional)


_FOLLOWERS = {
    rows.PLACED: _placed,
    rows.FILLED: _filled,
    rows.CANCELLED: _cancelled,
    rows.REJECTED: _rejected,
    rows.REDUCED: _reduced,
    rows.SETTLED: _settled,
}


def _remember_fill(state: State, market: Market, buyer: int, seller: int, lots: int, price: int) -> None:
    """Both owners' volume counts toward their fee tier, unless they are linked (A20)."""
    notional = price * lots * market.unit
    buying, selling = _remember_flow(state, market, buyer, seller, notional)
    market.fills.append(Fill(state.now, buyer, seller, lots, price))
    value = div_down(notional * state.asset_prices[market.asset], E12_ONE)
    value = tier_volume(value, _are_linked(state, buying, selling))
    today = state.volumes[-1]
    today[buying] = today.get(buying, 0) + value
    today[selling] = today.get(selling, 0) + value


def _remember_flow(state: State, market: Market, buyer: int, seller: int, notional: int) -> tuple[int, int]:
    """Book the money on both owners and return them.

    Profit over time is position value + flow, whatever was closed and reopened in between (A11).
    """
    flows = market.flows
    buying, selling = state.primary(buyer), state.primary(seller)
    flows[buying] = flows.get(buying, 0) - notional
    flows[selling] = flows.get(selling, 0) + notional
    return buying, selling


def _are_linked(state: State, one: int, other: int) -> bool:
    """Whether an agent, or one of both, speaks for both owners; one owner never trades with itself (STP)."""
    first, second = (state.owners.get(state.owner_of[primary]) for primary in (one, other))
    if first is None or second is None or not (first.agents or second.agents):
        return False
    voices = [
        {owner.address, *(agent for agent, until in owner.agents.items() if until > state.now)}
        for owner in (first, second)
    ]
    return not voices[0].isdisjoint(voices[1])
