"""A batch: what the operators sign about the exchange at one place of its journal.

    roots of accounts and payouts, sums, sequences, marks     follow from the state
    journal head                                              the journal's, once the group is durable
    number                                                    one more than the chain's last

Batch(uint64 number,uint64 journalSeq,uint64 time,bytes32 journalHead,uint64 accounts,bytes32 accountsRoot,
      uint128[6] sums,uint64 payouts,bytes32 payoutsRoot,uint64 payoutNumber,uint64 depositSequence,
      uint128[2] withdrawn,bytes32 marksHash)       EIP-712, in the domain of Settlement

Spec: docs/spec/settlement.md §6
"""

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec

from floorbook.chain.leaves import Mark, leaf_of, marks_hash, marks_of, record_of
from floorbook.chain.payouts import PayoutTree
from floorbook.chain.tree import HASH_BYTES, LANES, MerkleSumTree, lanes_of
from floorbook.core.engine.commitments import AccountClaim, account_commitments, market_commitments
from floorbook.core.state import State
from floorbook.journal import Position
from floorbook.pricing.eip712 import Domain, Key, Types, hash_struct, recover
from floorbook.units import ASSETS, SECOND_NS

BATCH: Types = {
    "Batch": (
        ("number", "uint64"),
        ("journalSeq", "uint64"),
        ("time", "uint64"),
        ("journalHead", "bytes32"),
        ("accounts", "uint64"),
        ("accountsRoot", "bytes32"),
        ("sums", f"uint128[{LANES}]"),
        ("payouts", "uint64"),
        ("payoutsRoot", "bytes32"),
        ("payoutNumber", "uint64"),
        ("depositSequence", "uint64"),
        ("withdrawn", f"uint128[{ASSETS}]"),
        ("marksHash", "bytes32"),
    )
}


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The members of the signed struct, in its order."""

    number: int
    journal_seq: int
    time: int  # [s]
    journal_head: bytes
    accounts: int
    accounts_root: bytes
    sums: tuple[int, ...]  # [atoms] claims and debts in ETH, in USDC, lent, unsecured
    payouts: int  # outstanding
    payouts_root: bytes
    payout_number: int  # the last one ever given
    deposit_sequence: int  # the last one credited
    withdrawn: tuple[int, ...]  # [atoms] debited for payouts since the settlement was opened, per asset
    marks_hash: bytes

    def values(self) -> tuple[int | bytes | tuple[int, ...], ...]:
        """Return the members in the order of the struct, as the contracts' ABI takes them."""
        return tuple(getattr(self, name) for name in self.__struct_fields__)

    def struct_hash(self) -> bytes:
        """Return the EIP-712 hash of the struct."""
        return hash_struct(BATCH, "Batch", dict(zip(MEMBERS, self.values(), strict=True)))

    def digest(self, domain: Domain) -> bytes:
        """Return what the operators sign."""
        return domain.digest(self.struct_hash())


MEMBERS = tuple(name for name, _ in BATCH["Batch"])  # as the contracts and files call them


def batch_of(values: Sequence[int | bytes | Sequence[int]]) -> Batch:
    """Return the batch of members in the order of the struct, such as from a call's data."""
    members = zip(Batch.__struct_fields__, values, strict=True)
    plain = {name: tuple(value) if isinstance(value, list | tuple) else value for name, value in members}
    return msgspec.convert(plain, Batch)


def sign(batch: Batch, keys: Iterable[Key], domain: Domain) -> list[bytes]:
    """Return a signature of each key, by rising address, as the contract wants them."""
    digest = batch.digest(domain)
    return [key.sign(digest) for key in sorted(keys, key=lambda key: key.address)]


def signers_of(batch: Batch, signatures: Iterable[bytes], domain: Domain) -> list[bytes | None]:
    """Return who signed; None stands for what is no signature."""
    digest = batch.digest(domain)
    return [recover(digest, signature) for signature in signatures]


class Commitment:
    """What a state commits to: the batch, its head still missing, and all that proofs of its parts need."""

    def __init__(
        self, batch: Batch, claims: Sequence[AccountClaim], payouts: PayoutTree, marks: Sequence[Mark]
    ) -> None:
        self.batch, self.claims, self.payouts, self.marks = batch, claims, payouts, marks

    @cached_property
    def tree(self) -> MerkleSumTree:
        """The accounts' tree of this batch, built when the first proof is asked for."""
        tree = MerkleSumTree()
        for claim in self.claims:
            tree.update(claim.number, record_of(leaf_of(claim)))
        assert tree.root()[:HASH_BYTES] == self.batch.accounts_root
        return tree


class Committer:
    """Keeps the tree of accounts between batches: an account that did not change is not hashed again."""

    def __init__(self) -> None:
        self.tree = MerkleSumTree()
        self._claims: list[AccountClaim] = []

    def commit(self, state: State, number: int) -> Commitment:
        """Return what the state commits to as batch `number`; `placed` gives the batch its head.

        Raises ValueError if a sum does not fit 128 bits.
        """
        claims = [self._follow(claim) for claim in account_commitments(state)]
        self._claims = claims
        payouts, marks = PayoutTree(state.settlement.payouts.values()), marks_of(market_commitments(state))
        return Commitment(_batch(state, number, self.tree, payouts, marks), claims, payouts, marks)

    def _follow(self, claim: AccountClaim) -> AccountClaim:
        """Take a claim into the tree unless it is there; return the one to keep, so that batches share it."""
        if claim.number < len(self._claims) and claim == (known := self._claims[claim.number]):
            return known
        self.tree.update(claim.number, record_of(leaf_of(claim)))
        return claim


def placed(batch: Batch, position: Position) -> Batch:
    """Return the batch with the head of the journal's group that ends with its sequence number."""
    assert batch.journal_seq == position.seq
    return msgspec.structs.replace(batch, journal_head=position.head)


def _batch(
    state: State, number: int, tree: MerkleSumTree, payouts: PayoutTree, marks: Sequence[Mark]
) -> Batch:
    root = tree.root()
    settlement = state.settlement
    return Batch(
        number=number,
        journal_seq=state.seq,
        time=state.now // SECOND_NS,
        journal_head=bytes(HASH_BYTES),
        accounts=tree.count,
        accounts_root=root[:HASH_BYTES],
        sums=lanes_of(root),
        payouts=len(payouts.payouts),
        payouts_root=payouts.root,
        payout_number=settlement.payout_number,
        deposit_sequence=settlement.deposit_sequence,
        withdrawn=tuple(settlement.withdrawn),
        marks_hash=marks_hash(marks),
    )
