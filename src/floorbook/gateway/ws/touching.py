"""Whom an event concerns.

The fields below hold accounts in every event that has them; a field that is -1 names nobody.
"""

from collections.abc import Iterator

from floorbook.core.events import Event

NAMES = ("account", "counterparty", "taker", "maker", "liquidated", "to", "winner", "payer", "holder")
_fields: dict[type[Event], tuple[str, ...]] = {}


def accounts_of(event: Event) -> Iterator[int]:
    """Yield the accounts that an event names; one may come twice."""
    kind = type(event)
    names = _fields.get(kind)
    if names is None:
        names = _fields[kind] = tuple(name for name in kind.__struct_fields__ if name in NAMES)
    for name in names:
        account: int = getattr(event, name)
        if account >= 0:
            yield account
