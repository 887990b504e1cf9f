"""Client ids and good-till-times of what an account has working.

A client id belongs to a resting order or a waiting trigger only: it is free again as soon as that is gone.
`state.client_orders` holds orders as they are, triggers as minus their number.  Spec: docs/spec/matching.md
"""

from heapq import heapify, heappush

from msgspec.structs import replace

from floorbook.core.events import Event, OrderPlaced
from floorbook.core.state import State

CLIENT_ID_BYTES = 16
EXPIRIES_SPARE = 64  # dead entries tolerated beside as many as there are live orders


def named(state: State, account: int, client_id: bytes) -> int:
    """Return the order of a client id, minus the number of a trigger, 0 if it names nothing."""
    return state.client_orders.get(account, {}).get(client_id, 0)


def remember(state: State, events: list[Event], client_id: bytes) -> list[Event]:
    """Bind client id and expiry to what rests of the order placed; its event says the client id."""
    for place, event in enumerate(events):
        if isinstance(event, OrderPlaced):
            _bind_order(state, event.order, client_id)
            events[place] = replace(event, client_id=client_id)
            break
    return events


def bind_trigger(state: State, trigger: int, account: int, client_id: bytes) -> None:
    """Give a waiting trigger its client id, b"" for none."""
    if client_id:
        state.client_orders.setdefault(account, {})[client_id] = -trigger


def release_trigger(state: State, account: int, client_id: bytes) -> None:
    """Free the client id of a trigger that waits no longer, b"" for none."""
    if client_id:
        _forget(state, account, client_id)


def release_order(state: State, order: int) -> None:
    """Free the client id of an order if it is gone."""
    known = state.order_clients.get(order)
    if known is None or state.kernel.order(order) is not None:
        return
    del state.order_clients[order]
    _forget(state, *known)


def _bind_order(state: State, order: int, client_id: bytes) -> None:
    row = state.kernel.order(order)
    if row is None:
        return
    account, expires = row[1], row[7]
    if client_id:
        state.client_orders.setdefault(account, {})[client_id] = order
        state.order_clients[order] = (account, client_id)
    if expires:
        heappush(state.expiries, (expires, order))
        _drop_dead_expiries(state)


def _forget(state: State, account: int, client_id: bytes) -> None:
    del state.client_orders[account][client_id]
    if not state.client_orders[account]:
        del state.client_orders[account]


def _drop_dead_expiries(state: State) -> None:
    """Placing and cancelling must not grow the heap: it is rebuilt when most of it is dead."""
    live = state.kernel.counts()[2]
    if len(state.expiries) > 2 * live + EXPIRIES_SPARE:
        state.expiries = [entry for entry in state.expiries if state.kernel.order(entry[1]) is not None]
        heapify(state.expiries)
