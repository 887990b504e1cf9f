"""The tree of accounts: every node carries a hash and six sums, so that a root proves what it adds up to.

    record       hash 32 | lanes 96, of a leaf or a node; lanes = claims and debts per asset, lent, unsecured
    node hash    keccak(0x01 | left record | right record); node lanes = left + right, each below 2^128
    position     the account's number; depth = the smallest with room for all; nobody = 128 zero bytes

A change costs one path, and many changes share theirs: nodes are recomputed once, when the root is asked.
Spec: docs/spec/settlement.md §5
"""

import struct
from collections.abc import Sequence

from floorbook.pricing.eip712 import keccak256

HASH_BYTES, LANE_BYTES, LANES = 32, 16, 6
LANES_BYTES = LANES * LANE_BYTES
RECORD_BYTES = HASH_BYTES + LANES_BYTES
DEPTH_MAX = 64  # an account's number has 64 bits in its leaf
EMPTY = bytes(RECORD_BYTES)
NODE = b"\x01"
OVERFLOW = "a sum of the tree does not fit 128 bits"
_SMALL_LANES = struct.Struct(">" + "8xQ" * LANES)
# Adding two rows of lanes as one number carries into these bits if and only if a lane overflows.
_CARRIES = sum(1 << (LANE_BYTES * 8 * lane) for lane in range(1, LANES + 1))


class MerkleSumTree:
    """The records of all accounts and the nodes above them; about 600 bytes an account."""

    def __init__(self) -> None:
        self._leaves: list[bytes] = []  # records
        self._levels = [self._leaves]  # and those of the nodes above them
        self._lanes: list[list[int]] = [[]]  # their lanes, each row as one number: adding is half the work
        self._stale: set[int] = set()  # leaves changed since the nodes were computed
        self._padding = [EMPTY]  # by level: the record of a subtree without accounts

    @property
    def count(self) -> int:
        """How many accounts there are."""
        return len(self._leaves)

    def update(self, number: int, record: bytes) -> None:
        """Set an account's record; accounts are added in the order of their numbers."""
        leaves = self._leaves
        assert len(record) == RECORD_BYTES
        assert 0 <= number <= len(leaves)
        if number == len(leaves):
            leaves.append(record)
        else:
            leaves[number] = record
        self._stale.add(number)

    def record(self, number: int) -> bytes:
        """Return an account's record."""
        assert 0 <= number < self.count
        return self._levels[0][number]

    def root(self) -> bytes:
        """Return the record of the root; raises ValueError if a sum does not fit 128 bits."""
        assert self.count > 0
        depth = depth_of(self.count)
        self._grow(depth)
        self._read_lanes()
        stale = self._stale
        for level in range(depth):
            stale = {number >> 1 for number in stale}
            self._recompute(level, stale)
        self._stale = set()
        return self._levels[depth][0]

    def proof(self, number: int) -> list[bytes]:
        """Return the records beside an account's path, from the leaf up; raises as `root` does."""
        assert 0 <= number < self.count
        self.root()
        beside = [(level, number >> level ^ 1) for level in range(depth_of(self.count))]
        return [
            self._levels[level][at] if at < len(self._levels[level]) else self._padding[level]
            for level, at in beside
        ]

    def _read_lanes(self) -> None:
        leaves, lanes = self._leaves, self._lanes[0]
        lanes += [0] * (len(leaves) - len(lanes))
        for number in self._stale:
            lanes[number] = int.from_bytes(leaves[number][HASH_BYTES:])

    def _recompute(self, level: int, parents: set[int]) -> None:
        lower, upper = self._levels[level], self._levels[level + 1]
        lanes, sums = self._lanes[level], self._lanes[level + 1]
        new = (len(lower) + 1 >> 1) - len(upper)
        upper += [b""] * new  # a new node is stale: it is filled below
        sums += [0] * new
        if len(lower) % 2:
            last = len(lower) >> 1
            upper[last], sums[last] = join(lower[-1], self._padding[level]), lanes[-1]
            parents = parents - {last}
        for number in parents:
            at = 2 * number
            one, other = lanes[at], lanes[at + 1]
            sums[number] = total = one + other
            if (one ^ other ^ total) & _CARRIES:  # `_add`, without the price of a call
                raise ValueError(OVERFLOW)
            upper[number] = keccak256(NODE + lower[at] + lower[at + 1]) + total.to_bytes(LANES_BYTES)

    def _grow(self, depth: int) -> None:
        while len(self._levels) <= depth:
            self._padding.append(join(self._padding[-1], self._padding[-1]))
            self._levels.append([])
            self._lanes.append([])


def join(left: bytes, right: bytes) -> bytes:
    """Return the record above two records; raises ValueError if a sum does not fit 128 bits."""
    total = _add(int.from_bytes(left[HASH_BYTES:]), int.from_bytes(right[HASH_BYTES:]))
    return keccak256(NODE + left + right) + total.to_bytes(LANES_BYTES)


def root_of(number: int, record: bytes, siblings: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to; raises ValueError for what can be no proof."""
    if not 0 <= number < 1 << min(len(siblings), DEPTH_MAX):
        raise ValueError(f"a proof of {len(siblings)} records has no account {number}")
    if any(len(one) != RECORD_BYTES for one in (record, *siblings)):
        raise ValueError(f"a record has {RECORD_BYTES} bytes")
    for level, sibling in enumerate(siblings):
        record = join(sibling, record) if number >> level & 1 else join(record, sibling)
    return record


def depth_of(count: int) -> int:
    """Return the smallest depth whose tree has room for so many leaves; 0 for none."""
    return max(0, count - 1).bit_length()


def pack_lanes(lanes: Sequence[int]) -> bytes:
    """Return six amounts as 96 bytes; each 0 <= amount < 2^128."""
    try:
        return _SMALL_LANES.pack(*lanes)
    except struct.error:  # an amount of 64 bits or more, which no exchange has seen
        return b"".join([lane.to_bytes(LANE_BYTES) for lane in lanes])


def lanes_of(record: bytes) -> tuple[int, ...]:
    """Return the six sums of a record."""
    at = range(HASH_BYTES, RECORD_BYTES, LANE_BYTES)
    return tuple(int.from_bytes(record[start : start + LANE_BYTES]) for start in at)


def record_words(record: bytes) -> tuple[bytes, tuple[int, ...]]:
    """Return a record as the contracts' ABI takes it: the hash, and two lanes in each word."""
    places = range(HASH_BYTES, RECORD_BYTES, 2 * LANE_BYTES)
    return record[:HASH_BYTES], tuple(int.from_bytes(record[at : at + 2 * LANE_BYTES]) for at in places)


def _add(lanes: int, others: int) -> int:
    """Return six sums at once."""
    total = lanes + others
    if (lanes ^ others ^ total) & _CARRIES:
        raise ValueError(OVERFLOW)
    return total
