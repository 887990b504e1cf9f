"""An account as a leaf: who it is, what it may claim and owes, and the hashes of what it holds.

    leaf       keccak(0x00 | number u64 | owner 20 | status u8 | lanes 96 | positions hash | tokens hash)
    positions  keccak of (market u32 | asset u8 | size i128 | unrealised i128) each, by market; 0 = none
    tokens     keccak of (collection u32 | token u64) each, sorted; 0 = none
    marks      keccak of (market u32 | asset u8 | mark u64 | unit u64) each, by market

Amounts are atoms at the mark, sizes lots, marks ticks.  Spec: docs/spec/settlement.md
"""

from collections.abc import Sequence
from typing import Protocol

from floorbook.chain.tree import pack_lanes
from floorbook.core.state import State
from floorbook.pricing.eip712 import ADDRESS_BYTES, keccak256

ACCOUNT = b"\x00"
UNDER_MARGIN, IN_AUCTION, OWES, SYSTEM = 1, 2, 4, 8  # bits of the status
NOTHING = bytes(32)

Position = tuple[int, int, int, int]  # market, asset, size [lots], unrealised [atoms]
TokenName = tuple[int, int]  # collection, token
Mark = tuple[int, int, int, int]  # market, asset, mark [ticks], unit [atoms per tick and lot]


class Claim(Protocol):
    """What the state says of an account; `core.engine.commitments` makes them."""

    @property
    def number(self) -> int: ...
    @property
    def owner(self) -> bytes: ...
    @property
    def status(self) -> int: ...
    @property
    def claims(self) -> Sequence[int]: ...  # [atoms] per asset
    @property
    def debts(self) -> Sequence[int]: ...
    @property
    def lent(self) -> int: ...  # [ETH atoms] the part of the claim that is out as loans
    @property
    def unsecured(self) -> int: ...  # [ETH atoms] of the debts, what the collateral would not bring
    @property
    def positions(self) -> Sequence[Position]: ...
    @property
    def tokens(self) -> Sequence[TokenName]: ...


def record_of(claim: Claim) -> bytes:
    """Return the account's record in the tree: hash | lanes."""
    lanes = pack_lanes(lanes_of(claim))
    head = ACCOUNT + claim.number.to_bytes(8) + address_of(claim) + bytes([claim.status])
    return keccak256(head + lanes + positions_hash(claim.positions) + tokens_hash(claim.tokens)) + lanes


def lanes_of(claim: Claim) -> tuple[int, ...]:
    """Return claim and debt in ETH, in USDC, what is lent, what is unsecured."""
    (claim_eth, claim_usdc), (debt_eth, debt_usdc) = claim.claims, claim.debts
    return claim_eth, debt_eth, claim_usdc, debt_usdc, claim.lent, claim.unsecured


def address_of(claim: Claim) -> bytes:
    """Return the owner's address; of the exchange's own accounts one that nobody has a key for."""
    if claim.status & SYSTEM:
        return keccak256(claim.owner)[-ADDRESS_BYTES:]
    assert len(claim.owner) == ADDRESS_BYTES
    return claim.owner


def positions_hash(positions: Sequence[Position]) -> bytes:
    """Return the hash of open positions in the order of their markets; zeros if there is none."""
    if not positions:
        return NOTHING
    return keccak256(
        b"".join(
            market.to_bytes(4)
            + bytes([asset])
            + size.to_bytes(16, signed=True)
            + upnl.to_bytes(16, signed=True)
            for market, asset, size, upnl in positions
        )
    )


def tokens_hash(tokens: Sequence[TokenName]) -> bytes:
    """Return the hash of tokens sorted by collection and token; zeros if there is none."""
    if not tokens:
        return NOTHING
    return keccak256(b"".join(collection.to_bytes(4) + token.to_bytes(8) for collection, token in tokens))


def marks_of(state: State) -> list[Mark]:
    """Return the marks of every market, by number."""
    return [(market.id, market.asset, market.mark, market.unit) for market in state.markets]


def marks_hash(marks: Sequence[Mark]) -> bytes:
    """Return the hash of the marks."""
    return keccak256(
        b"".join(
            market.to_bytes(4) + bytes([asset]) + mark.to_bytes(8) + unit.to_bytes(8)
            for market, asset, mark, unit in marks
        )
    )
