"""What the exchange holds against what it owes, and where its journal stands.

    held = deposits - withdrawals              what the vault must have
    claims - debts = held                      positions cancel out: what one has won another has lost
    surplus = held - (claims - debts)          0, or money appeared or vanished (INV-1)

The state's hash is dear: it is computed at most once a minute, and stands beside the seq it is of.
Spec: docs/spec/numbers.md §3
"""

from typing import NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from floorbook.core.engine.authority import is_system
from floorbook.core.state import State
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.requests import OfUserIfAny, account_of, to_ms
from floorbook.units import ASSETS, MINUTE_NS, SECOND_NS

HASH_EVERY_NS = MINUTE_NS
SUMS_EVERY_NS = 5 * SECOND_NS


class AssetProof(msgspec.Struct, frozen=True, kw_only=True):
    """One asset: `claims` is what accounts are worth at the marks, `debts` what accounts below zero owe.

    `own` is the part of the claims that system accounts hold: insurance, vaults, fees, the desk.
    """

    asset: str
    deposits: str
    withdrawals: str
    held: str
    claims: str
    own: str
    debts: str
    surplus: str


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """What the account is worth at the marks, by asset; negative where it owes."""

    account: int
    address: str
    values: dict[str, str]


class Proof(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Solvency at one instant; the hash is of the state after command `hashSeq`."""

    seq: int
    time: int
    state_hash: str
    hash_seq: int
    journal_head: str
    journal_seq: int
    accounts: int
    assets: list[AssetProof]
    leaf: Leaf | None


class _Sums(NamedTuple):
    """What was counted, and when."""

    at: int
    seq: int
    assets: list[AssetProof]


class _Known:
    """What was computed last for a gateway."""

    def __init__(self) -> None:
        self.hash, self.hash_seq, self.hash_at = b"", 0, -HASH_EVERY_NS
        self.sums = _Sums(-SUMS_EVERY_NS, 0, [])


_known: WeakKeyDictionary[Gateway, _Known] = WeakKeyDictionary()


def proof(gateway: Gateway, request: OfUserIfAny) -> Proof:
    """Return what the exchange holds and owes, and an account's part if one is named."""
    state = gateway.state
    known = _known.setdefault(gateway, _Known())
    if state.now - known.hash_at >= HASH_EVERY_NS:
        known.hash, known.hash_seq, known.hash_at = state.state_hash(), state.seq, state.now
    if state.now - known.sums.at >= SUMS_EVERY_NS:
        known.sums = _Sums(state.now, state.seq, [_asset(state, asset) for asset in range(ASSETS)])
    journal = gateway.exchange.sequencer.position
    account = None if request.user is None else account_of(gateway, request.user)
    return Proof(
        seq=known.sums.seq, time=to_ms(known.sums.at), state_hash=f"0x{known.hash.hex()}",
        hash_seq=known.hash_seq, journal_head=f"0x{journal.head.hex()}", journal_seq=journal.seq,
        accounts=len(state.owner_of),
        assets=known.sums.assets,
        leaf=_leaf(gateway, account) if account is not None else None,
    )  # fmt: skip


def _asset(state: State, asset: int) -> AssetProof:
    held, (claims, own, debts) = state.idle(asset), _sums(state, asset)
    return AssetProof(
        asset=wire.name_of(asset), deposits=wire.show_atoms(state.deposits[asset], asset),
        withdrawals=wire.show_atoms(state.withdrawals[asset], asset), held=wire.show_atoms(held, asset),
        claims=wire.show_atoms(claims, asset), own=wire.show_atoms(own, asset),
        debts=wire.show_atoms(debts, asset), surplus=wire.show_atoms(held - (claims - debts), asset),
    )  # fmt: skip


def _sums(state: State, asset: int) -> tuple[int, int, int]:
    """Return (claims, the exchange's own among them, debts) [atoms]."""
    claims = own = debts = 0
    for account in range(len(state.owner_of)):
        value = value_of(state, account, asset)
        if value < 0:
            debts -= value
            continue
        claims += value
        own += value if is_system(state, account) else 0
    return claims, own, debts


def value_of(state: State, account: int, asset: int) -> int:
    """Return an account's cash and unrealised profit in an asset [atoms]."""
    value: int = state.kernel.quote(account, asset)
    for market in state.markets:
        if market.asset == asset:
            value += state.kernel.position(account, market.id)[0] * market.mark * market.unit
    return value


def _leaf(gateway: Gateway, account: int) -> Leaf:
    values = {
        wire.name_of(asset): wire.show_atoms(value_of(gateway.state, account, asset), asset)
        for asset in range(ASSETS)
    }
    return Leaf(account=account, address=to_hex(gateway.accounts.address(account)), values=values)
