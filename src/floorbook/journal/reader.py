"""The walk over all segments of a journal, and the decision what an end means.

closed   the last segment is shorter than its capacity and ends with a seal
open     it has its full capacity: whatever follows the last whole group is a torn group, never
         acknowledged, unless a later commit proves that the damage came afterwards
damage   everything else: `CorruptJournal` names segment, offset and the sequence number expected there
"""

from collections.abc import Iterator
from hashlib import sha256

from floorbook.errors import CorruptJournal, JournalError
from floorbook.journal.codec import (
    COMMIT_BYTES,
    HEADER_BYTES,
    NO_HASH,
    SEGMENT_BYTES_MAX,
    Header,
    Seal,
    corrupt,
    decode_header,
    first_head,
)
from floorbook.journal.segment import START, Group, Position, Segment
from floorbook.journal.storage import Storage, disk_faults

SEGMENT_SUFFIX = ".journal"


def segment_name(number: int) -> str:
    """Return a segment's file name."""
    return f"segment-{number:08d}{SEGMENT_SUFFIX}"


def segment_names(storage: Storage) -> list[str]:
    """Return the names of all segments in order."""
    return sorted(name for name in storage.names() if name.endswith(SEGMENT_SUFFIX))


class Reader:
    """One walk over a journal, from the beginning or from the end of a group.

    After the walk: `position` of the last whole group, `seal` if the journal was closed, `torn_bytes` of a
    group that never became durable, `segment` and the last of `headers` for a writer to continue.
    """

    def __init__(self, storage: Storage, start: Position = START, genesis: bytes | None = None) -> None:
        """Stand at `start`; with `genesis` refuse a journal that began with another configuration."""
        self.position = start
        self.genesis = genesis
        self.headers: list[tuple[str, Header]] = []  # of the segments read so far
        self.segment: Segment | None = None
        self.seal: Seal | None = None
        self.torn_bytes = 0
        self.padded: list[tuple[str, int]] = []  # finished segments a crash left uncut, and their ends
        self._storage = storage
        with disk_faults(f"listing {storage}"):
            self.names = segment_names(storage)
        self._sizes: dict[str, int] = {}

    @property
    def sealed(self) -> bool:
        """Whether the journal was closed cleanly and nothing was touched since."""
        return self.seal is not None and self.segment is not None and self._cut(self.names[-1])

    def bytes_total(self) -> int:
        """Return the size of all segments, preallocated bytes included."""
        with disk_faults(f"reading {self._storage}"):
            return sum(self._storage.size(name) for name in self.names)

    def bytes_before(self, number: int) -> int:
        """Return the size of the segments before a number that were read."""
        return sum(self._sizes.get(name, 0) for name in self.names[:number])

    def groups(self) -> Iterator[Group]:
        """Yield every whole group; raise `CorruptJournal`, `NewerJournal` or `JournalError`."""
        if not self.names:
            raise JournalError(f"{self._storage}: no journal here")
        first = max(self.position.segment, 0)
        if self.position.segment >= len(self.names):
            raise corrupt(segment_name(first), 0, self.position.seq + 1, "the segment is missing")
        for number in range(first, len(self.names)):
            yield from self._read(number)

    def _read(self, number: int) -> Iterator[Group]:
        name = self.names[number]
        if name != segment_name(number):
            raise corrupt(segment_name(number), 0, self.position.seq + 1, "the segment is missing")
        data = self._load(name)
        header = decode_header(name, data, self.position.seq + 1)
        self._check_genesis(name, header)
        resumed = self.position.segment == number
        if not resumed:
            self._check_follows(name, number, header)
            self.position = _moved(self.position, number, first_head(data[:HEADER_BYTES]))
        self.headers.append((name, header))
        self.segment = segment = Segment(name, data, self.position)
        if resumed:
            self._check_resumed(segment, data)
        if len(data) > header.capacity:
            raise corrupt(name, header.capacity, None, "the segment is longer than its capacity")
        for group in segment.groups():
            self.position = group.end
            yield group
        self._judge_end(segment, header, len(data), last=number == len(self.names) - 1)

    def _judge_end(self, segment: Segment, header: Header, size: int, *, last: bool) -> None:
        """Decide what stopped the walk."""
        name, seq = segment.name, self.position.seq + 1
        if not last:
            if segment.seal is not None:
                raise corrupt(name, self.position.offset, seq, "a seal, but another segment follows")
            if segment.damage is not None:
                raise segment.damage
            if size > segment.data_end:
                self.padded.append((name, segment.data_end))
            return
        self.seal = segment.seal
        if segment.damage is not None:
            self._judge_damage(segment, segment.damage, closed=size < header.capacity)
            self.torn_bytes = segment.dirty_end - segment.data_end
        elif self.sealed and self.padded:
            # A crash leaves such padding only until the next start, and without a start there is no seal.
            raise corrupt(*self.padded[0], None, "bytes behind a finished segment of a sealed journal")
        elif segment.seal is None and size < header.capacity:
            raise corrupt(name, size, seq, "the journal ends here without its seal or its next segment")

    def _judge_damage(self, segment: Segment, damage: CorruptJournal, *, closed: bool) -> None:
        if closed or segment.seal is not None:
            raise damage
        later = segment.later_commit()
        if later is not None:
            raise CorruptJournal(f"{damage}; it was whole once, a later group is committed at offset {later}")

    def _check_follows(self, name: str, number: int, header: Header) -> None:
        previous = self.position.head if number else NO_HASH
        if header.number != number:
            raise corrupt(name, 0, self.position.seq + 1, f"this is segment {header.number}")
        if header.seq_first != self.position.seq + 1:
            raise corrupt(
                name, 0, self.position.seq + 1, f"the segment starts with seq {header.seq_first}: a gap"
            )
        if header.previous != previous:
            raise corrupt(name, 0, self.position.seq + 1, "the chain from the segment before is broken")

    def _check_genesis(self, name: str, header: Header) -> None:
        if self.headers and header.genesis != self.headers[0][1].genesis:
            raise corrupt(name, 0, self.position.seq + 1, "the segment belongs to another journal")
        if self.genesis is not None and header.genesis != self.genesis:
            raise JournalError(
                f"{name}: the journal began with configuration {header.genesis.hex()},"
                f" not {self.genesis.hex()}"
            )

    def _check_resumed(self, segment: Segment, data: bytes) -> None:
        """Check that the bytes before a position are those the position was taken after."""
        here = self.position
        begin = here.offset - COMMIT_BYTES
        commit = segment.commit_at(begin)
        told = commit and (commit.group, commit.seq, commit.head)
        if told != (here.groups, here.seq, here.head) or sha256(data[:begin]).digest() != here.head:
            raise corrupt(
                segment.name, here.offset, here.seq + 1, "other bytes stand before a snapshot's place"
            )

    def _load(self, name: str) -> bytes:
        with disk_faults(f"reading {name}"):
            size = self._storage.size(name)
            self._sizes[name] = size
            if size > SEGMENT_BYTES_MAX:
                raise corrupt(name, SEGMENT_BYTES_MAX, self.position.seq + 1, f"{size} bytes are too many")
            return self._storage.read(name, 0, size)

    def _cut(self, name: str) -> bool:
        """Return whether nothing follows the last record of a segment."""
        return self.segment is not None and self._sizes[name] == self.segment.data_end


def _moved(position: Position, number: int, head: bytes) -> Position:
    """Return the position at the start of a segment."""
    return Position(
        segment=number,
        offset=HEADER_BYTES,
        groups=position.groups,
        records=position.records,
        seq=position.seq,
        at=position.at,
        head=head,
    )
