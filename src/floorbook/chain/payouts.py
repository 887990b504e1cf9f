"""The tree of outstanding payouts: who may still claim what.

    leaf    keccak(0x02 | number u64 | owner 20 | kind u8 | id u32 | value u128)
    node    keccak(0x03 | left | right); nothing = 32 zero bytes, also as the root of no payouts

Leaves stand in the order of the payouts' numbers; a proof names the index, not the number.
Spec: docs/spec/settlement.md §4
"""

from collections.abc import Iterable, Sequence

from floorbook.chain.tree import depth_of
from floorbook.core.settlement import Payout
from floorbook.pricing.eip712 import keccak256

EMPTY = bytes(32)
LEAF, NODE, DEPOSIT = b"\x02", b"\x03", b"\x04"


class PayoutTree:
    """The tree over payouts in the order of their numbers."""

    def __init__(self, payouts: Iterable[Payout]) -> None:
        self.payouts = sorted(payouts, key=lambda payout: payout.number)
        self._levels = [[leaf_of(payout) for payout in self.payouts]]
        for _ in range(depth_of(len(self.payouts))):
            self._levels.append(_above(self._levels[-1], len(self._levels) - 1))

    @property
    def root(self) -> bytes:
        """The root; zeros if there is no payout."""
        return self._levels[-1][0] if self.payouts else EMPTY

    def proof(self, index: int) -> list[bytes]:
        """Return the hashes beside the path of the payout at an index, from the leaf up."""
        assert 0 <= index < len(self.payouts)
        return [_at(self._levels[level], level, index >> level ^ 1) for level in range(len(self._levels) - 1)]


def leaf_of(payout: Payout) -> bytes:
    """Return the hash of a payout."""
    return keccak256(LEAF + _packed(payout.number, payout.owner, payout.kind, payout.id, payout.value))


def deposit_record(sequence: int, owner: bytes, kind: int, identity: int, value: int) -> bytes:
    """Return what the vault keeps of a deposit."""
    return keccak256(DEPOSIT + _packed(sequence, owner, kind, identity, value))


def root_of(index: int, leaf: bytes, siblings: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to; raises ValueError for what can be no proof."""
    if not 0 <= index < 1 << len(siblings):
        raise ValueError(f"a proof of {len(siblings)} hashes has no leaf {index}")
    for level, sibling in enumerate(siblings):
        leaf = keccak256(NODE + (sibling + leaf if index >> level & 1 else leaf + sibling))
    return leaf


def _packed(number: int, owner: bytes, kind: int, identity: int, value: int) -> bytes:
    assert len(owner) == 20
    return number.to_bytes(8) + owner + bytes([kind]) + identity.to_bytes(4) + value.to_bytes(16)


def _above(level: list[bytes], height: int) -> list[bytes]:
    pairs = range(0, len(level), 2)
    return [keccak256(NODE + level[at] + _at(level, height, at + 1)) for at in pairs]


def _at(level: list[bytes], height: int, index: int) -> bytes:
    """Return a node, or that of a subtree without payouts."""
    if index < len(level):
        return level[index]
    empty = EMPTY
    for _ in range(height):
        empty = keccak256(NODE + empty + empty)
    return empty
