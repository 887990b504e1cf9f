"""The tree of accounts: every node carries a hash and six sums, so that a root proves what it adds up to.

    record       hash 32 | lanes 96, of a leaf or a node; lanes = claims and debts per asset, lent, unsecured
    node hash    keccak(0x01 | left record | right record); node lanes = left + right, each below 2^128
    position     the account's number; depth = the smallest with room for all; nobody = 128 zero bytes

A change costs one path, and many changes share theirs: nodes are recomputed once, when the root is asked.
Spec: docs/spec/settlement.md
"""

from collections.abc import Sequence

from floorbook.pricing.eip712 import keccak256

HASH_BYTES, LANE_BYTES, LANES = 32, 16, 6
LANES_BYTES = LANES * LANE_BYTES
RECORD_BYTES = HASH_BYTES + LANES_BYTES
PAIR_BYTES = 2 * RECORD_BYTES
DEPTH_MAX = 64  # an account's number has 64 bits in its leaf
EMPTY = bytes(RECORD_BYTES)
NODE = b"\x01"
# Adding two rows of lanes as one number carries into these bits if and only if a lane overflows.
_CARRIES = sum(1 << (LANE_BYTES * 8 * lane) for lane in range(1, LANES + 1))


class MerkleSumTree:
    """The records of all accounts and the nodes above them; memory is 256 bytes an account."""

    def __init__(self) -> None:
        self.count = 0
        self._levels = [bytearray()]  # of records, leaves first; every level but the root's in whole pairs
        self._stale: set[int] = set()  # leaves changed since the nodes were computed
        self._padding = [EMPTY]  # by level: the record of a subtree without accounts

    def update(self, number: int, record: bytes) -> None:
        """Set an account's record; accounts are added in the order of their numbers."""
        assert len(record) == RECORD_BYTES
        assert 0 <= number <= self.count
        self.count = max(self.count, number + 1)
        _put(self._levels[0], number, record, EMPTY)
        self._stale.add(number)

    def record(self, number: int) -> bytes:
        """Return an account's record."""
        assert 0 <= number < self.count
        return _get(self._levels[0], number)

    def root(self) -> bytes:
        """Return the record of the root; raises ValueError if a sum does not fit 128 bits."""
        assert self.count > 0
        depth = depth_of(self.count)
        self._grow(depth)
        stale = self._stale
        for level in range(depth):
            stale = {number >> 1 for number in stale}
            self._recompute(level, stale)
        self._stale = set()
        return _get(self._levels[depth], 0)

    def proof(self, number: int) -> list[bytes]:
        """Return the records beside an account's path, from the leaf up; raises as `root` does."""
        assert 0 <= number < self.count
        self.root()
        return [_get(self._levels[level], number >> level ^ 1) for level in range(depth_of(self.count))]

    def _recompute(self, level: int, parents: set[int]) -> None:
        lower, upper, padding = self._levels[level], self._levels[level + 1], self._padding[level + 1]
        for number in parents:
            pair = lower[number * PAIR_BYTES : (number + 1) * PAIR_BYTES]
            _put(upper, number, join(pair), padding)

    def _grow(self, depth: int) -> None:
        while len(self._levels) <= depth:
            self._padding.append(join(2 * self._padding[-1]))
            self._levels.append(bytearray())


def join(pair: bytes | bytearray) -> bytes:
    """Return the record above two records, left | right; raises ValueError if a sum does not fit 128 bits."""
    left = int.from_bytes(pair[HASH_BYTES:RECORD_BYTES])
    right = int.from_bytes(pair[RECORD_BYTES + HASH_BYTES :])
    total = left + right
    if (left ^ right ^ total) & _CARRIES:
        raise ValueError("a sum of the tree does not fit 128 bits")
    return keccak256(NODE + pair) + total.to_bytes(LANES_BYTES)


def root_of(number: int, record: bytes, siblings: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to; raises ValueError for what can be no proof."""
    if not 0 <= number < 1 << min(len(siblings), DEPTH_MAX):
        raise ValueError(f"a proof of {len(siblings)} records has no account {number}")
    if any(len(one) != RECORD_BYTES for one in (record, *siblings)):
        raise ValueError(f"a record has {RECORD_BYTES} bytes")
    for level, sibling in enumerate(siblings):
        record = join(sibling + record if number >> level & 1 else record + sibling)
    return record


def depth_of(count: int) -> int:
    """Return the smallest depth whose tree has room for so many leaves; 0 for none."""
    return max(0, count - 1).bit_length()


def pack_lanes(lanes: Sequence[int]) -> bytes:
    """Return six amounts as 96 bytes; each 0 <= amount < 2^128."""
    assert len(lanes) == LANES
    return b"".join([lane.to_bytes(LANE_BYTES) for lane in lanes])


def lanes_of(record: bytes) -> tuple[int, ...]:
    """Return the six sums of a record."""
    at = range(HASH_BYTES, RECORD_BYTES, LANE_BYTES)
    return tuple(int.from_bytes(record[start : start + LANE_BYTES]) for start in at)


def _get(level: bytearray, number: int) -> bytes:
    return bytes(level[number * RECORD_BYTES : (number + 1) * RECORD_BYTES])


def _put(level: bytearray, number: int, record: bytes, padding: bytes) -> None:
    """Write a record, and beside a new one its padding: levels are read in pairs."""
    start = number * RECORD_BYTES
    while len(level) <= start:
        level += padding + padding
    level[start : start + RECORD_BYTES] = record
