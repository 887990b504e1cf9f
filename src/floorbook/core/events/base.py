"""The base of every event, and the refusal."""

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag=True):
    """Base of every event."""


class Rejected(Event, frozen=True, kw_only=True):
    """The command changed nothing; `reason` is a `Reject`."""

    reason: int
    account: int = -1
