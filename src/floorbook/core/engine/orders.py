"""Orders of the book: placing, changing, cancelling, good-till-time.

The kernel checks and matches; here stands what it does not know.  Spec: docs/spec/matching.md
"""

from heapq import heappop

from floorbook.core.commands import ALL_MARKETS, CancelAll, CancelOrder, ModifyOrder, PlaceOrder
from floorbook.core.engine import credit, naming, triggers, waiting
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
from floorbook.core.engine.naming import CLIENT_ID_BYTES
from floorbook.core.events import Event, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.state import State


def place_order(state: State, command: PlaceOrder) -> list[Event]:
    """Place an order; what rests of it keeps its client id and expiry."""
    if reason := _reject_client_id(state, command) or _reject_wrong_way(state, command):
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
    return naming.remember(state, events, command.client_id)


def modify_order(state: State, command: ModifyOrder) -> list[Event]:
    """Change an order; its client id stays with it, also where it gets a new id."""
    order = bounded_order(_named(state, command))
    _, client_id = state.order_clients.get(order, (0, b""))
    if reason := _reject_change(state, command, order):
        return refused(reason, command.account)

    # The kernel decides, by the published order, and changes nothing if it refuses.
    events = follow(
        state,
        state.kernel.one(
            state.now, rows.MODIFY, command.account, known_market(state, command.market),
            price=bounded_price(command.price), lots=bounded_lots(command.lots), order=order,
        ),
    )  # fmt: skip
    return naming.remember(state, events, client_id)


def cancel_order(state: State, command: CancelOrder) -> list[Event]:
    """Cancel one order, or a trigger by its client id."""
    named = _named(state, command)
    if named < 0 and state.triggers[-named].market == command.market:
        return [waiting.cancel(state, -named, Cancel.USER)]
    # The orders of an account in liquidation are the exchange's: their owner cannot find them.
    order = 0 if _is_frozen(state, command.account) else bounded_order(named)
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


def refuse_lines(state: State, batch: bytes) -> bytes:
    """Return a batch in which orders of accounts with a line have no kind, so that the kernel refuses them.

    A row cannot be held against the worst scenario before the rows in front of it have traded.
    """
    found = bytearray(batch)
    for place, row in enumerate(rows.ROW.iter_unpack(batch)):
        if row[0] in (rows.PLACE, rows.MODIFY) and row[4] in state.credit.lines:
            found[place * rows.ROW.size] = 0
    return bytes(found)


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


def _reject_wrong_way(state: State, command: PlaceOrder) -> Reject | None:
    """Why an account with a line may not send the order; what is wrong with the order alone comes first."""
    if command.account not in state.credit.lines:
        return None
    if credit.has_too_many_orders(state, command.account, more=1):
        return Reject.TOO_MANY_ORDERS
    if command.reduce_only:
        return None
    price = 0 if command.at_market else command.price
    lots = bounded_lots(command.lots) * known_side(command.side)
    if _is_malformed(state, command) or credit.allows(state, command.account, command.market, lots, price):
        return None
    return Reject.WRONG_WAY


def _reject_change(state: State, command: ModifyOrder, order: int) -> Reject | None:
    row = state.kernel.order(order) if command.account in state.credit.lines else None
    if row is None or row[1] != command.account or row[6] & rows.REDUCE_ONLY:
        return None
    lots, price = bounded_lots(command.lots) * row[3], bounded_price(command.price)
    allowed = credit.allows(state, command.account, row[2], lots, price, replaces=order)
    return None if allowed else Reject.WRONG_WAY


def _is_malformed(state: State, command: PlaceOrder) -> bool:
    """Whether the kernel refuses the order by itself, before it looks at margins."""
    price = 0 if command.at_market else bounded_price(command.price) or -1
    tif = NO_KIND if _tif(command) == NO_KIND else rows.GTC
    return (
        first_reason(state, command.account, command.market, command.side, command.lots, price, tif)
        is not None
    )


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


def _named(state: State, command: ModifyOrder | CancelOrder) -> int:
    """Return the order that the command names, 0 if there is none, minus a trigger."""
    if command.order:
        return bounded_order(command.order)
    return naming.named(state, command.account, command.client_id)
