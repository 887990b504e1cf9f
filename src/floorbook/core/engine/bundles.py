"""Several commands said with one signature: each is applied on its own, in order.

A wallet signs a batch of orders once, so the batch has one nonce.  Spec: docs/spec/authority.md §3
"""

from collections.abc import Callable
from typing import Any

from floorbook.core.commands import (
    Bundle,
    CancelAll,
    CancelOrder,
    CancelTrigger,
    CancelTwap,
    ModifyOrder,
    PlaceOrder,
    PlaceTrigger,
    PlaceTwap,
)
from floorbook.core.engine import orders, triggers, twaps
from floorbook.core.engine.admission import first_of, refused
from floorbook.core.events import Event, OrderFilled, OrderPlaced, StepTaken
from floorbook.core.reasons import Reject
from floorbook.core.state import State

STEPS_MAX = 100

_TAKE: dict[type, Callable[[State, Any], list[Event]]] = {
    PlaceOrder: orders.place_order,
    ModifyOrder: orders.modify_order,
    CancelOrder: orders.cancel_order,
    CancelAll: orders.cancel_all,
    PlaceTrigger: triggers.place_trigger,
    CancelTrigger: triggers.cancel_trigger,
    PlaceTwap: twaps.place_twap,
    CancelTwap: twaps.cancel_twap,
}


def take_steps(state: State, command: Bundle) -> list[Event]:
    """Apply the steps; the events of each follow its `StepTaken`."""
    if reason := _reject_bundle(command):
        return refused(reason, command.account)

    # From here on the command must succeed; a step may still be refused, and refuses only itself.
    parts: list[list[Event]] = []
    for step in command.steps:
        if isinstance(step, PlaceTrigger) and step.after_step >= 0:
            parts.append(_take_child(state, command, step, parts))
        else:
            parts.append(_TAKE[type(step)](state, step))
    return [event for number, part in enumerate(parts) for event in (StepTaken(step=number), *part)]


def _take_child(state: State, command: Bundle, child: PlaceTrigger, parts: list[list[Event]]) -> list[Event]:
    """Place a trigger behind the order of an earlier step; without that order it is nothing."""
    if child.after_step >= len(parts) or not isinstance(command.steps[child.after_step], PlaceOrder):
        return refused(Reject.BAD_ORDER_KIND, command.account)
    events = parts[child.after_step]
    order = next((event.order for event in events if isinstance(event, OrderPlaced)), 0)
    if any(isinstance(event, OrderFilled) for event in events):
        return triggers.place_trigger(state, child, parent=0)
    if state.kernel.order(order) is None:
        return refused(Reject.UNKNOWN_ORDER, command.account)
    return triggers.place_trigger(state, child, parent=order)


def _reject_bundle(command: Bundle) -> Reject | None:
    said = (command.account, command.signer, command.nonce)
    is_foreign = any((step.account, step.signer, step.nonce) != said for step in command.steps)
    return first_of(
        Reject.NOT_AUTHORISED if is_foreign else None,
        None if command.steps else Reject.BAD_ORDER_KIND,
        Reject.TOO_MANY_ORDERS if len(command.steps) > STEPS_MAX else None,
    )
