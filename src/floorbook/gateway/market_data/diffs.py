"""The last changes of a book, so that whoever was away for a moment can catch up without a snapshot.

seq        the last command that changed the book: the journal's number, good over a restart
prev_seq   the one of the change before; a client at `prev_seq` applies the diff and is at `seq`
"""

from collections import deque
from typing import NamedTuple

from floorbook.gateway.market_data.book import Level

DIFFS_KEPT = 4_096


class Diff(NamedTuple):
    """Levels as they are at `seq`; a level without orders is gone."""

    seq: int
    prev_seq: int
    bids: list[Level]
    asks: list[Level]


class DiffLog:
    """The diffs of a market, the oldest forgotten first."""

    def __init__(self, seq: int, kept: int = DIFFS_KEPT) -> None:
        self.seq = seq
        self._diffs: deque[Diff] = deque(maxlen=kept)

    def add(self, seq: int, bids: list[Level], asks: list[Level]) -> Diff:
        """Remember what changed up to `seq`."""
        diff = Diff(seq, self.seq, bids, asks)
        self._diffs.append(diff)
        self.seq = seq
        return diff

    def since(self, seq: int) -> list[Diff] | None:
        """Return what to apply to the book of `seq`; None if that book is not known here any more."""
        if seq == self.seq:
            return []
        found: list[Diff] = []
        for diff in reversed(self._diffs):
            found.append(diff)
            if diff.prev_seq == seq:
                return found[::-1]
            if diff.prev_seq < seq:
                return None
        return None
