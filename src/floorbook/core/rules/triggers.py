"""Triggers: orders that wait for the mark.

    fires when mark >= trigger price (above) or mark <= trigger price (below)

Spec: docs/spec/triggers.md §1, §2
"""

from collections.abc import Sequence

from msgspec import Struct

STOP, TAKE_PROFIT = 0, 1


class Waiting(Struct, frozen=True, gc=False):
    """A waiting trigger."""

    id: int
    account: int
    price: int  # [ticks]
    above: bool
    group: int = 0  # triggers of one account with the same non-zero group cancel each other


class Firing(Struct, frozen=True):
    """What a mark does: these fire, in this order, and then those are cancelled."""

    fired: tuple[int, ...]
    cancelled: tuple[int, ...]


def fires(price: int, above: bool, mark: int) -> bool:
    """Return whether a trigger fires at this mark.  Spec: triggers.md §1."""
    return mark >= price if above else mark <= price


def is_above(kind: int, side: int) -> bool:
    """Return on which side of the mark a stop or a take-profit order waits.  Spec: triggers.md §1.

    A stop trades with the move (a purchase waits above), a take-profit order against it.
    """
    return (side > 0) == (kind == STOP)


def plan(waiting: Sequence[Waiting], mark: int) -> Firing:
    """Return what the mark does to the waiting triggers, oldest first.  Spec: triggers.md §2 (OCO)."""
    fired: list[int] = []
    cancelled: list[int] = []
    groups: set[tuple[int, int]] = set()
    for trigger in sorted(waiting, key=lambda trigger: trigger.id):
        if (trigger.account, trigger.group) not in groups and fires(trigger.price, trigger.above, mark):
            fired.append(trigger.id)
            if trigger.group:
                groups.add((trigger.account, trigger.group))
    gone = {*fired}
    for trigger in sorted(waiting, key=lambda trigger: trigger.id):
        if (trigger.account, trigger.group) in groups and trigger.id not in gone:
            cancelled.append(trigger.id)
    return Firing(tuple(fired), tuple(cancelled))
