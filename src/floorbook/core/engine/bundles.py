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
from floorbook.core.events import Event, StepTaken
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
    events: list[Event] = []
    for number, step in enumerate(command.steps):
        events.append(StepTaken(step=number))
        events += _TAKE[type(step)](state, step)
    return events


def _reject_bundle(command: Bundle) -> Reject | None:
    said = (command.account, command.signer, command.nonce)
    is_foreign = any((step.account, step.signer, step.nonce) != said for step in command.steps)
    return first_of(
        Reject.NOT_AUTHORISED if is_foreign else None,
        None if command.steps else Reject.BAD_ORDER_KIND,
        Reject.TOO_MANY_ORDERS if len(command.steps) > STEPS_MAX else None,
    )
