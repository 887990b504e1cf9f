"""Orders of the book: placing, changing, cancelling, client ids and good-till-time.

The kernel checks and matches; here stands what it does not know.  A client id belongs to a resting order
only: it is free again as soon as the order is gone (`follow` releases it).  Spec: docs/spec/matching.md
"""

from heapq import heapify, heappop, heappush

from msgspec.structs import replace

from floorbook.core.commands import ALL_MARKETS, CancelAll, CancelOrder, ModifyOrder, PlaceOrder
from floorbook.core.engine import triggers
from floorbook.core.engine.admission import (
    NO_KIND,
    bounded_lots,
    bounded_order,
    bounded_price,
    bounded_time,
    first_reason,
    known_market,
    known_side,
    refused,
)
from floorbook.core.engine.follow import follow
from floorbook.core.events import Event, OrderPlaced, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.state import State

CLIENT_ID_BYTES = 16
EXPIRIES_SPARE = 64  # dead entries tolerated beside as many as there are live orders


def place_order(state: State, command: PlaceOrder) -> list[Event]:
    """Place an order; what rests of it keeps its client id and expiry."""
    if reason := _reject_client_id(state, command):
        return refused(reason, command.account)

    # The kernel decides the rest, by the published order, and changes nothing if it refuses.
    flags = rows.REDUCE_ONLY * command.reduce_only | rows.MARKET * command.at_market
    events = follow(
        state,
        state.kernel.one(
            state.now, rows.PLACE, command.account, known_market(state, command.market),
            known_side(command.side), _tif(command), flags, bounded_price(command.price),
            bounded_lots(command.lots), 0, bounded_time(command.expires),
        ),
    )  # fmt: skip
    return _remember(state, events, command.client_id)


def modify_order(state: State, command: ModifyOrder) -> list[Event]:
    """Change an order; its client id stays with it, also where it gets a new id."""
    order = _named(state, command)
    _, client_id = state.order_clients.get(order, (0, b""))

    # The kernel decides, by the published order, and changes nothing if it refuses.
    events = follow(
        state,
        state.kernel.one(
            state.now, rows.MODIFY, command.account, known_market(state, command.market),
            price=bounded_price(command.price), lots=bounded_lots(command.lots), order=order,
        ),
    )  # fmt: skip
    return _remember(state, events, client_id)


def cancel_order(state: State, command: CancelOrder) -> list[Event]:
    """Cancel one order."""
    # The orders of an account in liquidation are the exchange's: their owner cannot find them.
    order = 0 if _is_frozen(state, command.account) else _named(state, command)
    events = follow(
        state,
        state.kernel.one(
            state.now, rows.CANCEL, command.account, known_market(state, command.market), order=order
        ),
    )
    unknown = Rejected(reason=Reject.UNKNOWN_ORDER, account=command.account)
    if events == [unknown] and _is_frozen(state, command.account):
        return refused(Reject.ACCOUNT_FROZEN, command.account)
    return events


def cancel_all(state: State, command: CancelAll) -> list[Event]:
    """Cancel the account's orders, triggers and TWAPs in one market or in all."""
    if command.market != ALL_MARKETS and not 0 <= command.market < len(state.markets):
        return refused(Reject.UNKNOWN_MARKET, command.account)
    if _is_frozen(state, command.account):
        return refused(Reject.ACCOUNT_FROZEN, command.account)

    # From here on the command must succeed.
    return clear(state, command.account, command.market, Cancel.USER)


def clear(state: State, account: int, market: int, reason: Cancel) -> list[Event]:
    """Cancel all that an account has working in one market or in ALL_MARKETS: orders, triggers, TWAPs."""
    events = follow(state, state.kernel.cancel_orders(state.now, account, market, reason))
    return events + triggers.drop_waiting(state, account, reason, market)


def expire_orders(state: State) -> list[Event]:
    """Cancel the orders whose good-till-time has come, the earliest first."""
    events: list[Event] = []
    while state.expiries and state.expiries[0][0] <= state.now:
        _, order = heappop(state.expiries)
        events += follow(state, state.kernel.cancel_order(state.now, order, Cancel.EXPIRED))
    return events


# ---- checks ------------------------------------------------------------------------------------


def _reject_client_id(state: State, command: PlaceOrder) -> Reject | None:
    """Why the client id cannot be taken; what the kernel would say before that comes first."""
    if command.client_id not in state.client_orders.get(command.account, {}):
        return None
    # The kernel's checks of margin and book come after this one, so only those before are asked.
    tif = NO_KIND if _tif(command) == NO_KIND else rows.GTC
    price = 0 if command.at_market else bounded_price(command.price) or -1
    reason = first_reason(
        state, command.account, command.market, command.side, command.lots, price, tif,
        reduce_only=command.reduce_only,
    )  # fmt: skip
    if reason is None and command.expires and command.expires <= state.now:
        return Reject.EXPIRY_IN_PAST
    return reason or Reject.DUPLICATE_CLIENT_ID


def _tif(command: PlaceOrder) -> int:
    """Return the time in force for the kernel, NO_KIND where the order's parts do not go together."""
    is_immediate = command.tif in (rows.IOC, rows.FOK)
    if command.tif not in (rows.GTC, rows.IOC, rows.FOK, rows.POST_ONLY):
        return NO_KIND
    if command.at_market and (command.price or not is_immediate):
        return NO_KIND
    if command.expires and is_immediate:
        return NO_KIND
    return command.tif if len(command.client_id) in (0, CLIENT_ID_BYTES) else NO_KIND


def _is_frozen(state: State, account: int) -> bool:
    return bool(state.kernel.account(account)[1] & rows.FROZEN)


# ---- names and expiries ------------------------------------------------------------------------


def _named(state: State, command: ModifyOrder | CancelOrder) -> int:
    """Return the order that the command names, 0 if there is none."""
    if command.order:
        return bounded_order(command.order)
    return state.client_orders.get(command.account, {}).get(command.client_id, 0)


def _remember(state: State, events: list[Event], client_id: bytes) -> list[Event]:
    """Bind client id and expiry to what rests of the order placed; its event says the client id."""
    for place, event in enumerate(events):
        if isinstance(event, OrderPlaced):
            _bind(state, event.order, client_id)
            events[place] = replace(event, client_id=client_id)
            break
    return events


def _bind(state: State, order: int, client_id: bytes) -> None:
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


def _drop_dead_expiries(state: State) -> None:
    """Placing and cancelling must not grow the heap: it is rebuilt when most of it is dead."""
    live = state.kernel.counts()[2]
    if len(state.expiries) > 2 * live + EXPIRIES_SPARE:
        state.expiries = [entry for entry in state.expiries if state.kernel.order(entry[1]) is not None]
        heapify(state.expiries)
