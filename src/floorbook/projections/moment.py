"""Where the projector stands: the command, its time, and which of its events it looks at."""

from collections.abc import Sequence

import msgspec

from floorbook.core.commands import Command
from floorbook.core.events import Event

EVENT_BITS = 20
INT64_MAX = 2**63 - 1
EVENTS_MAX = 2**EVENT_BITS  # of one command


def number_of(seq: int, place: int) -> int:
    """Return the number of a command's event, rising through the journal; a trade's is its trade id.

    `place` counts the command's events from 0.  Below 2^53 for the first 2^33 commands.
    """
    assert place < EVENTS_MAX
    return seq << EVENT_BITS | place


def bounded(number: int) -> int:
    """Return a number as a column can hold it: what was refused may have said anything."""
    return max(-INT64_MAX, min(number, INT64_MAX))


class Moment(msgspec.Struct):
    """One event of one command.  In a bundle `command` is the step."""

    seq: int
    at: int  # [ns]
    command: Command
    events: Sequence[Event]
    place: int = 0

    @property
    def number(self) -> int:
        return number_of(self.seq, self.place)

    def later(self) -> Sequence[Event]:
        """Return the command's events behind this one."""
        return self.events[self.place + 1 :]
