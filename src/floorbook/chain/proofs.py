"""A proof of what an account may claim: a file that needs nobody's word, least of all the exchange's.

It holds a batch with the operators' signatures, the account's leaf with the path to the batch's root, the
owner's outstanding payouts with theirs, and the marks.  Integers are decimal texts (JavaScript loses digits
above 2^53), bytes hexadecimal.  Spec: docs/spec/proofs.md §1
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from floorbook.chain import payouts as payout_trees
from floorbook.chain import tree as account_trees
from floorbook.chain.batches import BATCH, MEMBERS, Batch, Commitment, batch_of
from floorbook.chain.leaves import Leaf, Mark, Position, TokenName, leaf_of, marks_hash, record_of
from floorbook.chain.payouts import leaf_of as payout_leaf
from floorbook.chain.tree import HASH_BYTES, depth_of, lanes_of
from floorbook.core.settlement import Payout
from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import Domain

FORMAT, VERSION = "floorbook account proof", 2
T = TypeVar("T")
Json = Mapping[str, Any]


class PayoutProof(msgspec.Struct, frozen=True, kw_only=True):
    """An outstanding payout, its place in the tree, the hashes beside its path."""

    payout: Payout
    index: int
    siblings: tuple[bytes, ...]


class AccountProof(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may claim by a batch, and why."""

    chain_id: int
    settlement: bytes  # the contract that has the batch
    batch: Batch
    signatures: tuple[bytes, ...]
    leaf: Leaf
    siblings: tuple[bytes, ...]  # records
    payouts: tuple[PayoutProof, ...]
    marks: tuple[Mark, ...]

    @property
    def domain(self) -> Domain:
        """Where the signatures are valid."""
        return Domain(self.chain_id, self.settlement)


def account_proof(
    batch: Batch, commitment: Commitment, account: int, domain: Domain, signatures: Sequence[bytes]
) -> AccountProof:
    """Return the proof of an account that exists; `batch` is the commitment's, as it was signed."""
    leaf = leaf_of(commitment.claims[account])
    tree = commitment.payouts
    owed = [index for index, payout in enumerate(tree.payouts) if payout.owner == leaf.owner]
    return AccountProof(
        chain_id=domain.chain_id,
        settlement=domain.contract,
        batch=batch,
        signatures=tuple(signatures),
        leaf=leaf,
        siblings=tuple(commitment.tree.proof(account)),
        payouts=tuple(
            PayoutProof(payout=tree.payouts[index], index=index, siblings=tuple(tree.proof(index)))
            for index in owed
        ),
        marks=tuple(commitment.marks),
    )


def fault_of(proof: AccountProof) -> str:
    """Return what contradicts the batch in the proof; an empty text: all of it follows from the batch."""
    batch, leaf = proof.batch, proof.leaf
    if leaf.number >= batch.accounts or len(proof.siblings) != depth_of(batch.accounts):
        return f"a tree of {batch.accounts} accounts has no such place for account {leaf.number}"
    root = _try(lambda: account_trees.root_of(leaf.number, record_of(leaf), proof.siblings))
    if root is None or root[:HASH_BYTES] != batch.accounts_root or lanes_of(root) != batch.sums:
        return f"the path of account {leaf.number} does not lead to the batch's root of accounts"
    if marks_hash(proof.marks) != batch.marks_hash:
        return "the marks are not the batch's"
    return next(filter(None, (_payout_fault(batch, one) for one in proof.payouts)), "")


def encode(proof: AccountProof) -> bytes:
    """Return the file of a proof."""
    return msgspec.json.format(msgspec.json.encode(to_json(proof)), indent=1) + b"\n"


def decode(file: bytes) -> AccountProof:
    """Return the proof in a file; raises ConfigError for what is none."""
    try:
        return from_json(msgspec.json.decode(file))
    except msgspec.DecodeError as fault:
        raise ConfigError(f"this is no proof: {fault}") from fault


def to_json(proof: AccountProof) -> dict[str, Any]:
    """Return a proof in the words of its file."""
    leaf = proof.leaf
    return {
        "format": FORMAT,
        "version": VERSION,
        "chainId": str(proof.chain_id),
        "settlement": _hexed(proof.settlement),
        "batch": batch_json(proof.batch),
        "signatures": [_hexed(signature) for signature in proof.signatures],
        "leaf": {
            "number": str(leaf.number),
            "owner": _hexed(leaf.owner),
            "status": str(leaf.status),
            "lanes": _word(leaf.lanes),
            "locked": _word(leaf.locked),
            "positions": [_row(POSITION, position) for position in leaf.positions],
            "tokens": [_row(TOKEN, token) for token in leaf.tokens],
        },
        "siblings": [_hexed(sibling) for sibling in proof.siblings],
        "payouts": [_payout_json(one) for one in proof.payouts],
        "marks": [_row(MARK, mark) for mark in proof.marks],
    }


def batch_json(batch: Batch) -> dict[str, Any]:
    """Return a batch in the words of the file."""
    return dict(zip(MEMBERS, map(_word, batch.values()), strict=True))


def from_json(content: Any) -> AccountProof:
    """Return the proof in a file's words; raises ConfigError for what is none."""
    try:
        if content["format"] != FORMAT or content["version"] != VERSION:
            raise ConfigError(f"this is no {FORMAT} of version {VERSION}")
        return AccountProof(
            chain_id=_uint(64)(content["chainId"]),
            settlement=_fixed(20)(content["settlement"]),
            batch=batch_of([_member(kind, content["batch"][name]) for name, kind in BATCH["Batch"]]),
            signatures=tuple(map(_fixed(65), content["signatures"])),
            leaf=_leaf(content["leaf"]),
            siblings=tuple(map(_fixed(account_trees.RECORD_BYTES), content["siblings"])),
            payouts=tuple(map(_payout_proof, content["payouts"])),
            marks=tuple(map(_mark, content["marks"])),
        )
    except KeyError as fault:
        raise ConfigError(f"this is no whole proof: it has no {fault}") from fault
    except (TypeError, ValueError) as fault:
        raise ConfigError(f"this is no whole proof: {fault}") from fault


# ---- the file's words ---------------------------------------------------------------------------

POSITION = {"market": 32, "asset": 8, "size": -128, "upnl": -128}  # bits; below 0 it has a sign
TOKEN = {"collection": 32, "token": 64}
MARK = {"market": 32, "asset": 8, "mark": 64, "unit": 64}
PAYOUT = {"number": 64, "kind": 8, "id": 32, "value": 128}


def _payout_json(one: PayoutProof) -> dict[str, Any]:
    payout = one.payout
    return {
        **_row(PAYOUT, (payout.number, payout.kind, payout.id, payout.value)),
        "owner": _hexed(payout.owner),
        "index": str(one.index),
        "siblings": [_hexed(sibling) for sibling in one.siblings],
    }


def _payout_proof(content: Json) -> PayoutProof:
    number, kind, identity, value = _cells(PAYOUT, content)
    owner = _fixed(20)(content["owner"])
    return PayoutProof(
        payout=Payout(number=number, owner=owner, kind=kind, id=identity, value=value, at=0),
        index=_uint(64)(content["index"]),
        siblings=tuple(map(_fixed(HASH_BYTES), content["siblings"])),
    )


def _payout_fault(batch: Batch, one: PayoutProof) -> str:
    number = one.payout.number
    if one.index >= batch.payouts or len(one.siblings) != depth_of(batch.payouts):
        return f"a tree of {batch.payouts} payouts has no such place for payout {number}"
    root = payout_trees.root_of(one.index, payout_leaf(one.payout), one.siblings)
    return "" if root == batch.payouts_root else f"the path of payout {number} does not lead to the root"


def _leaf(content: Json) -> Leaf:
    claim_eth, debt_eth, claim_usdc, debt_usdc, lent, unsecured = map(_uint(128), content["lanes"])
    locked_eth, locked_usdc = map(_uint(128), content["locked"])
    return Leaf(
        number=_uint(64)(content["number"]),
        owner=_fixed(20)(content["owner"]),
        status=_uint(8)(content["status"]),
        lanes=(claim_eth, debt_eth, claim_usdc, debt_usdc, lent, unsecured),
        locked=(locked_eth, locked_usdc),
        positions=tuple(_position(one) for one in content["positions"]),
        tokens=tuple(_token(one) for one in content["tokens"]),
    )


def _position(content: Json) -> Position:
    market, asset, size, upnl = _cells(POSITION, content)
    return market, asset, size, upnl


def _token(content: Json) -> TokenName:
    collection, token = _cells(TOKEN, content)
    return collection, token


def _mark(content: Json) -> Mark:
    market, asset, mark, unit = _cells(MARK, content)
    return market, asset, mark, unit


def _row(columns: Mapping[str, int], values: Sequence[int]) -> dict[str, str]:
    return dict(zip(columns, map(str, values), strict=True))


def _cells(columns: Mapping[str, int], content: Json) -> tuple[int, ...]:
    return tuple(_uint(bits)(content[name]) for name, bits in columns.items())


def _member(kind: str, value: Any) -> int | bytes | tuple[int, ...]:
    """Return a member of the batch, whose type is an EIP-712 one."""
    if kind == "bytes32":
        return _fixed(HASH_BYTES)(value)
    bits = int(kind.removeprefix("uint").split("[")[0])
    if not kind.endswith("]"):
        return _uint(bits)(value)
    amounts = tuple(map(_uint(bits), value))
    if len(amounts) != int(kind[:-1].split("[")[1]):
        raise ValueError(f"{len(amounts)} amounts for {kind}")
    return amounts


def _uint(bits: int) -> Callable[[Any], int]:
    """Return a reader of decimal texts of so many bits; below 0: of integers with a sign."""

    def read(text: Any) -> int:
        value = int(str(text), 10)
        low, high = (-(1 << -bits - 1), (1 << -bits - 1) - 1) if bits < 0 else (0, (1 << bits) - 1)
        if not low <= value <= high:
            raise ValueError(f"{text} does not fit {abs(bits)} bits")
        return value

    return read


def _fixed(length: int) -> Callable[[Any], bytes]:
    """Return a reader of so many bytes in hexadecimal digits."""

    def read(text: Any) -> bytes:
        value = bytes.fromhex(str(text).removeprefix("0x"))
        if len(value) != length:
            raise ValueError(f"{len(value)} bytes where {length} belong")
        return value

    return read


def _word(value: int | bytes | Sequence[int]) -> str | list[str]:
    if isinstance(value, bytes):
        return _hexed(value)
    return str(value) if isinstance(value, int) else [str(one) for one in value]


def _hexed(value: bytes) -> str:
    return f"0x{value.hex()}"


def _try(compute: Callable[[], T]) -> T | None:
    """Return what is computed; None where a forged proof makes it impossible."""
    try:
        return compute()
    except ValueError:
        return None
