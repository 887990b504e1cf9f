"""Order ids on the wire: orders of the book and waiting triggers share one space of numbers.

    order of the book     its own id, generation << 24 | slot
    waiting trigger       TRIGGER_FIRST + its number: the last 256 of 2^29 generations, which no book reaches

A trigger that fires becomes an order with an id of its own.  TWAPs have numbers of their own.
Spec: docs/api.md §2
"""

TRIGGER_FIRST = 2**53 - 2**32  # below 2^53: JavaScript keeps it exact
OID_MAX = 2**53 - 1


def of_trigger(trigger: int) -> int:
    """Return the wire's id of a waiting trigger."""
    return TRIGGER_FIRST + trigger


def trigger_of(oid: int) -> int | None:
    """Return the trigger that an id of the wire names; None: it names an order of the book."""
    return oid - TRIGGER_FIRST if oid >= TRIGGER_FIRST else None
