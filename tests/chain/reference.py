"""A second implementation of what the chain commits to: plain recursion, struct packing, another Keccak.

It shares no line with `floorbook.chain`: hashes come from pycryptodome, EIP-712 from the ABI coder,
signatures from the textbook curve.  Spec: docs/spec/settlement.md
"""

import hmac
import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from Crypto.Hash import keccak as pycryptodome
from eth_abi import encode

U128 = 2**128
LANES = 6
BATCH_TYPE = (
    "Batch(uint64 number,uint64 journalSeq,uint64 time,bytes32 journalHead,uint64 accounts,"
    "bytes32 accountsRoot,uint128[6] sums,uint64 payouts,bytes32 payoutsRoot,uint64 payoutNumber,"
    "uint64 depositSequence,uint128[2] withdrawn,bytes32 marksHash)"
)
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
FIELD = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
GENERATOR = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
Point = tuple[int, int] | None


class Record(NamedTuple):
    """A node of the tree of accounts: its hash and its six sums."""

    hash: bytes
    lanes: tuple[int, ...]

    def pack(self) -> bytes:
        return self.hash + pack_lanes(self.lanes)


EMPTY = Record(bytes(32), (0,) * LANES)


class Overflow(Exception):
    """A sum does not fit 128 bits."""


def keccak(data: bytes) -> bytes:
    return pycryptodome.new(digest_bits=256, data=data).digest()


def pack_lanes(lanes: Sequence[int]) -> bytes:
    return b"".join(struct.pack(">QQ", lane >> 64, lane & (2**64 - 1)) for lane in lanes)


def positions_hash(positions: Sequence[tuple[int, int, int, int]]) -> bytes:
    """(market, asset, size, upnl) of each open position; both amounts as signed 128 bits."""
    halves = ((m, a, s % U128, u % U128) for m, a, s, u in sorted(positions))
    return hash_of(struct.pack(">IBQQQQ", m, a, *split(s), *split(u)) for m, a, s, u in halves)


def tokens_hash(tokens: Sequence[tuple[int, int]]) -> bytes:
    return hash_of(struct.pack(">IQ", *token) for token in sorted(tokens))


def marks_hash(marks: Sequence[tuple[int, int, int, int]]) -> bytes:
    """(market, asset, mark, unit) of each market; the hash of nothing where there is none."""
    return keccak(b"".join(struct.pack(">IBQQ", *mark) for mark in sorted(marks)))


def account_leaf(
    number: int,
    owner: bytes,
    status: int,
    lanes: Sequence[int],
    locked: Sequence[int],
    positions: bytes,
    tokens: bytes,
) -> Record:
    """Two more amounts are hashed behind the lanes, and do not add up to anything."""
    head = struct.pack(">BQ20sB", 0, number, owner, status)
    return Record(keccak(head + pack_lanes([*lanes, *locked]) + positions + tokens), tuple(lanes))


def tree_root(leaves: Sequence[Record]) -> Record:
    """Recursion over halves of the padded list."""
    return subtree(leaves, depth_of(len(leaves)))


def subtree(leaves: Sequence[Record], depth: int) -> Record:
    if depth == 0:
        return leaves[0] if leaves else EMPTY
    half = 2 ** (depth - 1)
    return join(subtree(leaves[:half], depth - 1), subtree(leaves[half:], depth - 1))


def join(left: Record, right: Record) -> Record:
    sums = tuple(a + b for a, b in zip(left.lanes, right.lanes, strict=True))
    if max(sums) >= U128:
        raise Overflow(sums)
    return Record(keccak(b"\x01" + left.pack() + right.pack()), sums)


def tree_proof(leaves: Sequence[Record], number: int) -> list[Record]:
    """The siblings of a leaf, bottom up."""
    return [
        subtree(leaves[(number >> level ^ 1) << level : ((number >> level ^ 1) + 1) << level], level)
        for level in range(depth_of(len(leaves)))
    ]


def depth_of(count: int) -> int:
    depth = 0
    while 2**depth < count:
        depth += 1
    return depth


def payout_leaf(number: int, owner: bytes, kind: int, identity: int, value: int) -> bytes:
    return keccak(struct.pack(">BQ20sBIQQ", 2, number, owner, kind, identity, *split(value)))


def payouts_root(leaves: Sequence[bytes], depth: int | None = None) -> bytes:
    depth = depth_of(len(leaves)) if depth is None else depth
    if depth == 0:
        return leaves[0] if leaves else bytes(32)
    half = 2 ** (depth - 1)
    pair = payouts_root(leaves[:half], depth - 1) + payouts_root(leaves[half:], depth - 1)
    return keccak(b"\x03" + pair)


def payouts_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    return [
        payouts_root(leaves[(index >> level ^ 1) << level : ((index >> level ^ 1) + 1) << level], level)
        for level in range(depth_of(len(leaves)))
    ]


def deposit_record(sequence: int, owner: bytes, kind: int, identity: int, value: int) -> bytes:
    return keccak(struct.pack(">BQ20sBIQQ", 4, sequence, owner, kind, identity, *split(value)))


def separator(chain_id: int, contract: bytes) -> bytes:
    words = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    names = (keccak(DOMAIN_TYPE.encode()), keccak(b"Floorbook"), keccak(b"1"))
    return keccak(encode(words, [*names, chain_id, "0x" + contract.hex()]))


def batch_struct_hash(batch: dict[str, Any]) -> bytes:
    """The members in the order of the type; fixed arrays are the hash of their words."""
    words, values = ["bytes32"], [keccak(BATCH_TYPE.encode())]
    for member in BATCH_TYPE[len("Batch(") : -1].split(","):
        kind, name = member.split(" ")
        value = batch[name]
        is_array = kind.endswith("]")
        words.append("bytes32" if is_array else kind)
        values.append(keccak(encode([kind], [value])) if is_array else value)
    return keccak(encode(words, values))


def digest(domain: bytes, struct_hash: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain + struct_hash)


def address_of(secret: int) -> bytes:
    point = multiply(secret, GENERATOR)
    assert point is not None
    return keccak(point[0].to_bytes(32) + point[1].to_bytes(32))[-20:]


def sign(secret: int, message: bytes) -> bytes:
    """Return r | s | v with a low s, the nonce by RFC 6979 (HMAC-SHA256)."""
    nonce = rfc6979(secret, message)
    point = multiply(nonce, GENERATOR)
    assert point is not None
    r = point[0] % ORDER
    s = pow(nonce, -1, ORDER) * (int.from_bytes(message) + r * secret) % ORDER
    parity = point[1] & 1
    if s > ORDER // 2:
        s, parity = ORDER - s, parity ^ 1
    return r.to_bytes(32) + s.to_bytes(32) + bytes([27 + parity])


def rfc6979(secret: int, message: bytes) -> int:
    tail = secret.to_bytes(32) + (int.from_bytes(message) % ORDER).to_bytes(32)
    value, key = b"\1" * 32, bytes(32)
    for step in (b"\0", b"\1"):
        key = hmac.digest(key, value + step + tail, "sha256")
        value = hmac.digest(key, value, "sha256")
    return int.from_bytes(hmac.digest(key, value, "sha256"))  # below the order, or the vectors would differ


def multiply(factor: int, point: Point) -> Point:
    total: Point = None
    while factor:
        if factor & 1:
            total = add(total, point)
        point, factor = add(point, point), factor >> 1
    return total


def add(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if one[1] != other[1]:
            return None
        slope = 3 * one[0] ** 2 * pow(2 * one[1], -1, FIELD) % FIELD
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, FIELD) % FIELD
    x = (slope**2 - one[0] - other[0]) % FIELD
    return x, (slope * (one[0] - x) - one[1]) % FIELD


def split(value: int) -> tuple[int, int]:
    return value >> 64, value & (2**64 - 1)


def hash_of(packed: Iterable[bytes]) -> bytes:
    """The hash of the packed entries; 0 of none."""
    joined = b"".join(packed)
    return keccak(joined) if joined else bytes(32)
