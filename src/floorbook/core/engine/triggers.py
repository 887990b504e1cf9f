"""Trigger orders: they wait outside the book and fire on the mark, never on the last price.

A trigger is checked like an order when it is placed and again when it fires; one that finds nothing to
reduce, or too little margin, is spent.  Spec: docs/spec/triggers.md
"""

from bisect import bisect_left, bisect_right

from floorbook.core.commands import ALL_MARKETS, CancelTrigger, PlaceTrigger
from floorbook.core.engine import credit, naming, twaps, waiting
from floorbook.core.engine.admission import first_of, first_reason, refused
from floorbook.core.engine.follow import follow
from floorbook.core.events import Event, TriggerFired, TriggerPlaced
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules.lifecycle import MAY_REDUCE
from floorbook.core.rules.triggers import Waiting, plan
from floorbook.core.state import Market, State, Trigger

TRIGGERS_PER_ACCOUNT_MAX = 200
GROUP_MAX = 2**63 - 1


def place_trigger(state: State, command: PlaceTrigger, parent: int | None = None) -> list[Event]:
    """Let an order wait for the mark; the trigger it replaces leaves in the same instant.

    `parent` is the order that it sleeps behind, 0 if that has filled already, None if it names none: then
    it sleeps where the replaced one slept.
    """
    if reason := _reject_trigger(state, command, parent):
        return refused(reason, command.account)

    # From here on the command must succeed.
    events: list[Event] = []
    if command.replaces:
        parent = parent or state.triggers[command.replaces].parent
        events.append(waiting.cancel(state, command.replaces, Cancel.MODIFIED))
    trigger = Trigger(
        account=command.account, market=command.market, side=command.side, lots=command.lots,
        trigger_price=command.trigger_price, above=command.above, price=command.price,
        reduce_only=command.reduce_only, group=command.group, parent=parent or 0,
        whole_position=command.whole_position, client_id=command.client_id,
    )  # fmt: skip
    number = waiting.add(state, trigger)
    return [*events, TriggerPlaced(account=command.account, market=command.market, trigger=number)]


def cancel_trigger(state: State, command: CancelTrigger) -> list[Event]:
    """Withdraw a waiting trigger."""
    if command.trigger not in state.trigger_ids.get(command.account, ()):
        return refused(Reject.UNKNOWN_ORDER, command.account)

    # From here on the command must succeed.
    return [waiting.cancel(state, command.trigger, Cancel.USER)]


def drop_waiting(state: State, account: int, reason: Cancel, market: int = ALL_MARKETS) -> list[Event]:
    """Cancel what an account has waiting outside the book: triggers, then TWAPs, the oldest first."""
    mine = [
        number
        for number in state.trigger_ids.get(account, ())
        if market in (ALL_MARKETS, state.triggers[number].market)
    ]
    events = [waiting.cancel(state, number, reason) for number in mine]
    return events + twaps.cancel_all(state, account, market)


def cancel_market(state: State, market: Market, reason: Cancel) -> list[Event]:
    """Cancel every trigger and TWAP that waits in a market, the oldest first."""
    numbers = [number for number, trigger in state.triggers.items() if trigger.market == market.id]
    events = [waiting.cancel(state, number, reason) for number in numbers]
    return events + twaps.cancel_market(state, market)


def fire(state: State, market: Market) -> list[Event]:
    """Fire what the mark has reached, the oldest first; each takes its group's others with it.

    While the market admits no order its triggers wait on.
    """
    if market.status not in MAY_REDUCE or not market.mark:
        return []
    events: list[Event] = []
    for number in plan(_reached(state, market), market.mark).fired:
        if number in state.triggers:  # an earlier one may have closed the position that it was for
            events += _fire(state, market, number)
    return events


# ---- checks ------------------------------------------------------------------------------------


def _reject_trigger(state: State, command: PlaceTrigger, parent: int | None) -> Reject | None:
    """An order's checks, but for the band, which counts when it fires."""
    reason = first_reason(
        state, command.account, command.market, command.side, command.lots, command.price,
        reduce_only=command.reduce_only,
    )  # fmt: skip
    if reason is not None and reason <= Reject.ACCOUNT_FROZEN:
        return reason
    mine = state.trigger_ids.get(command.account, [])
    is_replaceable = not command.replaces or command.replaces in mine
    is_full = len(mine) - bool(command.replaces) >= TRIGGERS_PER_ACCOUNT_MAX
    return first_of(
        None if reason == Reject.PRICE_OUTSIDE_BAND else reason,
        None if is_replaceable else Reject.UNKNOWN_ORDER,
        None if _is_kind(command, parent) else Reject.BAD_ORDER_KIND,
        _reject_price(state, command),
        _reject_client_id(state, command),
        Reject.TOO_MANY_ORDERS if is_full else None,
    )


def _is_kind(command: PlaceTrigger, parent: int | None) -> bool:
    """Whether the parts of the command go together."""
    return (
        0 <= command.group <= GROUP_MAX
        and (command.after_step >= 0) == (parent is not None)
        and (command.reduce_only or not command.whole_position)
        and len(command.client_id) in (0, naming.CLIENT_ID_BYTES)
    )


def _reject_client_id(state: State, command: PlaceTrigger) -> Reject | None:
    """Why the client id cannot be taken; the trigger that leaves gives its own back."""
    known = naming.named(state, command.account, command.client_id)
    return Reject.DUPLICATE_CLIENT_ID if known and known != -command.replaces else None


def _reject_price(state: State, command: PlaceTrigger) -> Reject | None:
    """Why the price it waits for is none that the mark could have."""
    if command.trigger_price <= 0:
        return Reject.PRICE_NOT_POSITIVE
    too_large = command.trigger_price > state.markets[command.market].price_max
    return Reject.PRICE_TOO_LARGE if too_large else None


# ---- firing ------------------------------------------------------------------------------------


def _reached(state: State, market: Market) -> list[Waiting]:
    """Return the triggers whose condition holds at the mark."""
    rising = market.above[: bisect_right(market.above, (market.mark + 1,))]
    falling = market.below[bisect_left(market.below, (market.mark,)) :]
    return [
        Waiting(number, trigger.account, price, trigger.above, trigger.group)
        for price, number in [*rising, *falling]
        for trigger in [state.triggers[number]]
    ]


def _fire(state: State, market: Market, number: int) -> list[Event]:
    trigger = waiting.remove(state, number)
    events: list[Event] = [
        TriggerFired(account=trigger.account, market=market.id, trigger=number, mark=market.mark)
    ]
    if trigger.group:
        events += _cancel_group(state, trigger)
    lots = _lots(state, trigger)
    if not trigger.reduce_only and not credit.allows(
        state, trigger.account, market.id, lots * trigger.side, trigger.price
    ):
        return [*events, *refused(Reject.WRONG_WAY, trigger.account)]
    tif = rows.GTC if trigger.price else rows.IOC
    flags = rows.REDUCE_ONLY * trigger.reduce_only | (0 if trigger.price else rows.MARKET)
    placed = follow(
        state,
        state.kernel.one(
            state.now, rows.PLACE, trigger.account, market.id, trigger.side, tif, flags, trigger.price, lots
        ),
    )
    return events + naming.remember(state, placed, trigger.client_id)


def _lots(state: State, trigger: Trigger) -> int:
    """Return how much it orders now; a position that is none, or on its own side, the kernel refuses."""
    size: int = state.kernel.position(trigger.account, trigger.market)[0]
    return abs(size) if trigger.whole_position and size else trigger.lots


def _cancel_group(state: State, fired: Trigger) -> list[Event]:
    """One cancels the other, reached or not, in whichever market it waits."""
    mine = state.trigger_ids.get(fired.account, [])
    others = [number for number in mine if state.triggers[number].group == fired.group]
    return [waiting.cancel(state, other, Cancel.TRIGGER_REPLACED) for other in others]
