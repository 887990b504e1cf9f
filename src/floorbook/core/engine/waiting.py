"""Where triggers wait: awake in a queue of their market, or asleep behind an order that has not filled yet.

    the order fills, also partly        its triggers wake
    it leaves the book without a fill   they are cancelled
    it is replaced                      they follow it

Spec: docs/spec/triggers.md §5
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

from floorbook.core.engine import naming
from floorbook.core.events import Event, TriggerCancelled
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel
from floorbook.core.state import Market, State, Trigger

KernelEvent = tuple[int, ...]


def add(state: State, trigger: Trigger) -> int:
    """Let a trigger wait and return its number."""
    number = state.next_id
    state.next_id += 1
    state.triggers[number] = trigger
    state.trigger_ids.setdefault(trigger.account, []).append(number)
    naming.bind_trigger(state, number, trigger.account, trigger.client_id)
    if trigger.parent:
        state.sleepers.setdefault(trigger.parent, []).append(number)
    else:
        _queue(state, trigger, number)
    return number


def remove(state: State, number: int) -> Trigger:
    """Take a trigger from where it waits."""
    trigger = state.triggers.pop(number)
    mine = state.trigger_ids[trigger.account]
    mine.remove(number)
    if not mine:
        del state.trigger_ids[trigger.account]
    naming.release_trigger(state, trigger.account, trigger.client_id)
    if trigger.parent:
        siblings = state.sleepers[trigger.parent]
        siblings.remove(number)
        if not siblings:
            del state.sleepers[trigger.parent]
    else:
        queue = queue_of(state.markets[trigger.market], trigger.above)
        del queue[bisect_left(queue, (trigger.trigger_price, number))]
    return trigger


def cancel(state: State, number: int, reason: Cancel) -> Event:
    """Take a trigger from where it waits, for good."""
    trigger = remove(state, number)
    return TriggerCancelled(account=trigger.account, market=trigger.market, trigger=number, reason=reason)


def queue_of(market: Market, above: bool) -> list[tuple[int, int]]:
    """Return the sorted queue of the triggers that a rising, or a falling, mark fires."""
    return market.above if above else market.below


def follow_parents(state: State, kernel_events: Iterable[KernelEvent]) -> list[Event]:
    """Wake, cancel or move the triggers behind the orders that these events are about."""
    events: list[Event] = []
    replaced = 0
    for event in kernel_events:
        kind, reason, order, maker_order = event[0], event[1], event[5], event[6]
        if kind == rows.FILLED:
            _wake(state, order)
            _wake(state, maker_order)
        elif kind == rows.CANCELLED and reason == Cancel.MODIFIED:
            replaced = order  # the next order placed is what it became
        elif kind == rows.CANCELLED:
            events += _orphan(state, order, Cancel(reason))
        elif kind == rows.PLACED and replaced:
            _move(state, replaced, order)
            replaced = 0
    return events


def follow_positions(state: State, kernel_events: Iterable[KernelEvent]) -> list[Event]:
    """Cancel the triggers for whole positions that these events have closed.  Spec: triggers.md §6."""
    events: list[Event] = []
    for event in kernel_events:
        if event[0] in (rows.FILLED, rows.SETTLED):
            market, accounts = event[3], event[7:9]
            for account in accounts:
                events += [
                    cancel(state, number, Cancel.REDUCE_ONLY) for number in _idle(state, account, market)
                ]
    return events


def _idle(state: State, account: int, market: int) -> list[int]:
    """Return the account's triggers for a whole position of the market that have none to reduce."""
    mine = state.trigger_ids.get(account)
    if mine is None:
        return []
    size: int = state.kernel.position(account, market)[0]
    waiting = ((number, state.triggers[number]) for number in mine)
    return [n for n, t in waiting if t.whole_position and t.market == market and size * t.side >= 0]


def _wake(state: State, order: int) -> None:
    for number in state.sleepers.pop(order, []):
        trigger = state.triggers[number]
        trigger.parent = 0
        _queue(state, trigger, number)


def _orphan(state: State, order: int, reason: Cancel) -> list[Event]:
    return [cancel(state, number, reason) for number in [*state.sleepers.get(order, ())]]


def _move(state: State, old: int, new: int) -> None:
    sleepers = state.sleepers.pop(old, None)
    if sleepers:
        state.sleepers[new] = sleepers
        for number in sleepers:
            state.triggers[number].parent = new


def _queue(state: State, trigger: Trigger, number: int) -> None:
    insort(queue_of(state.markets[trigger.market], trigger.above), (trigger.trigger_price, number))
