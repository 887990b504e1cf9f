"""An account as a leaf: who it is, what it may claim and owes, and the hashes of what it holds.

    leaf       keccak(0x00 | number u64 | owner 20 | status u8 | lanes 96 | locked 2 x u128
                     | positions hash | tokens hash)
    positions  keccak of (market u32 | asset u8 | size i128 | unrealised i128) each, by market; 0 = none
    tokens     keccak of (collection u32 | token u64) each, sorted; 0 = none
    marks      keccak of (market u32 | asset u8 | mark u64 | unit u64) each, by market

Amounts are atoms at the mark, sizes lots, marks ticks.  Spec: docs/spec/settlement.md §5
"""

from collections.abc import Sequence
from struct import Struct, error

import msgspec

from floorbook.chain.tree import LANES, LANES_BYTES, pack_lanes
from floorbook.core.engine.commitments import SYSTEM, AccountClaim, MarketClaim
from floorbook.pricing.eip712 import ADDRESS_BYTES, keccak256

ACCOUNT = b"\x00"
NOTHING = bytes(32)
_LEAF = Struct(">cQ20sB96sQQQQ32s32s")
_SMALL_LEAF = Struct(">cQ20sB" + "8xQ" * (LANES + 2) + "32s32s")  # no amount of 64 bits or more
_LANES = slice(30, 30 + LANES_BYTES)  # where they are in a leaf
_POSITION = Struct(">IBqQqQ")  # 128 bits with a sign are the upper half with it and the lower without
_SMALL_POSITION = Struct(">IBqqqq")  # the same of amounts within 64 bits, whose lower half is themselves
_TOKEN = Struct(">IQ")
_MARK = Struct(">IBQQ")
_LOW = 2**64 - 1

Position = tuple[int, int, int, int]  # market, asset, size [lots], unrealised [atoms]
TokenName = tuple[int, int]  # collection, token
Mark = tuple[int, int, int, int]  # market, asset, mark [ticks], unit [atoms per tick and lot]


class Leaf(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An account as the chain knows it; amounts in atoms."""

    number: int
    owner: bytes  # 20 bytes
    status: int
    lanes: tuple[int, int, int, int, int, int]  # claim and debt in ETH, in USDC, lent, unsecured
    locked: tuple[int, int]  # of the claims, what no forced exit gets
    positions: tuple[Position, ...]
    tokens: tuple[TokenName, ...]


def leaf_of(claim: AccountClaim) -> Leaf:
    """Return the leaf of an account."""
    (claim_eth, claim_usdc), (debt_eth, debt_usdc) = claim.claims, claim.debts
    locked_eth, locked_usdc = claim.locked
    return Leaf(
        number=claim.number,
        owner=address_of(claim),
        status=claim.status,
        lanes=(claim_eth, debt_eth, claim_usdc, debt_usdc, claim.lent, claim.unsecured),
        locked=(locked_eth, locked_usdc),
        positions=claim.positions,
        tokens=claim.tokens,
    )


def record_of(leaf: Leaf) -> bytes:
    """Return a leaf's record in the tree: hash | lanes."""
    content = content_of(leaf)
    return keccak256(content) + content[_LANES]


def content_of(leaf: Leaf) -> bytes:
    """Return what is hashed of a leaf."""
    owner, (eth, usdc), positions, tokens = leaf.owner, leaf.locked, leaf.positions, leaf.tokens
    assert len(owner) == ADDRESS_BYTES
    one = positions_hash(positions) if positions else NOTHING
    other = tokens_hash(tokens) if tokens else NOTHING
    try:
        return _SMALL_LEAF.pack(ACCOUNT, leaf.number, owner, leaf.status, *leaf.lanes, eth, usdc, one, other)
    except error:  # an amount of 64 bits or more, which no exchange has seen
        locked = eth >> 64, eth & _LOW, usdc >> 64, usdc & _LOW
        lanes = pack_lanes(leaf.lanes)
        return _LEAF.pack(ACCOUNT, leaf.number, owner, leaf.status, lanes, *locked, one, other)


def leaf_words(leaf: Leaf) -> tuple[object, ...]:
    """Return a leaf as the contracts' ABI takes it."""
    hashes = positions_hash(leaf.positions), tokens_hash(leaf.tokens)
    return leaf.number, leaf.owner, leaf.status, leaf.lanes, leaf.locked, *hashes


def address_of(claim: AccountClaim) -> bytes:
    """Return the owner's address; of the exchange's own accounts one that nobody has a key for."""
    return keccak256(claim.owner)[-ADDRESS_BYTES:] if claim.status & SYSTEM else claim.owner


def positions_hash(positions: Sequence[Position]) -> bytes:
    """Return the hash of open positions in the order of their markets; zeros if there is none."""
    if not positions:
        return NOTHING
    packed = b""  # mostly one position: a list to join would cost more
    for market, asset, size, upnl in positions:
        try:
            packed += _SMALL_POSITION.pack(market, asset, size >> 64, size, upnl >> 64, upnl)
        except error:
            packed += _POSITION.pack(market, asset, size >> 64, size & _LOW, upnl >> 64, upnl & _LOW)
    return keccak256(packed)


def tokens_hash(tokens: Sequence[TokenName]) -> bytes:
    """Return the hash of tokens sorted by collection and token; zeros if there is none."""
    if not tokens:
        return NOTHING
    return keccak256(b"".join([_TOKEN.pack(collection, token) for collection, token in tokens]))


def marks_of(markets: Sequence[MarketClaim]) -> list[Mark]:
    """Return the marks of the markets."""
    return [(market.market, market.asset, market.mark, market.unit) for market in markets]


def marks_hash(marks: Sequence[Mark]) -> bytes:
    """Return the hash of the marks."""
    return keccak256(b"".join([_MARK.pack(*mark) for mark in marks]))
