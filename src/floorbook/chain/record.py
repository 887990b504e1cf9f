"""What a chain holds of an exchange: its batches, deposits, payments, and what lies in the vault.

Everything is found from the address of Settlement: it names the vault, the vault names the rest.  Batches are
read back from the data of the calls that posted them.  Spec: docs/spec/proofs.md §2
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from floorbook.chain.abi import Said, decode, load
from floorbook.chain.batches import Batch, batch_of
from floorbook.chain.rpc import Log, Request, Rpc, data, outcomes_flow, question, word
from floorbook.core.settlement import MONEY, TOKEN
from floorbook.errors import ChainError, ChainMismatch, RpcRefused
from floorbook.pricing.eip712 import keccak256
from floorbook.units import ASSETS, ETH, USDC, WEI_PER_ATOM

SPAN_BLOCKS = 10_000  # nodes that refuse a longer range are asked for half of it
# Any ERC-20 and ERC-721 may be the exchange's, so they are asked by their standards.
_BALANCE_OF, _OWNER_OF = (keccak256(name)[:4] for name in (b"balanceOf(address)", b"ownerOf(uint256)"))


class Contracts(msgspec.Struct, frozen=True, kw_only=True):
    """The contracts of an exchange, as the chain itself connects them."""

    chain_id: int
    settlement: bytes
    vault: bytes
    withdrawals: bytes
    forced_exit: bytes
    frozen_exit: bytes
    usdc: bytes
    collections: dict[int, bytes]  # ERC-721 by the exchange's number
    first: int  # no event is in an earlier block


class Posted(NamedTuple):
    """A batch as it was posted."""

    batch: Batch
    signatures: tuple[bytes, ...]
    block: int
    is_vetoed: bool


class Entry(NamedTuple):
    """A deposit by its sequence, or a payment by its payout's number."""

    number: int
    owner: bytes
    kind: int
    id: int
    value: int

    def __str__(self) -> str:
        what = f"token {self.value} of collection {self.id}"
        if self.kind == MONEY:
            what = f"{self.value:,} atoms of asset {self.id}"
        return f"{what} for {word(self.owner)}"


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """What went through the vault up to a block, and what lies in it there; amounts in atoms per asset."""

    block: int
    frozen_at: int  # [s] 0 = it is not
    deposits: list[Entry]  # by sequence
    payments: dict[int, Entry]  # by payout
    paid_at: dict[int, int]  # the block of each
    received: tuple[int, ...]
    paid: tuple[int, ...]  # payments that could not be delivered included
    credits: tuple[int, ...]  # of those, what its owners have not fetched
    token_credits: set[tuple[int, int]]  # (collection, token)
    held: tuple[int, ...]  # what the tokens' own contracts, or the chain, say that the vault has

    def tokens(self) -> set[tuple[int, int]]:
        """Return the tokens (collection, token) that must be in the vault by what went through it."""
        count: dict[tuple[int, int], int] = {}
        for entries, step in ((self.deposits, 1), (self.payments.values(), -1)):
            for entry in entries:
                if entry.kind == TOKEN:
                    count[entry.id, entry.value] = count.get((entry.id, entry.value), 0) + step
        return {name for name, times in count.items() if times > 0} | self.token_credits


def find(rpc: Rpc, settlement: bytes, first: int = 0) -> Contracts:
    """Return the contracts connected with a Settlement; raises ChainError if it is none."""
    asked = load("Settlement")
    vault = asked.result("vault", _call(rpc, settlement, asked.call("vault")))
    interface = load("Vault")
    usdc = interface.result("usdc", _call(rpc, vault, interface.call("usdc")))
    told = interface.events(logs(rpc, first, rpc.block_number(), [vault]))
    wired = next((said.fields for said in told if said.name == "Wired"), None)
    if wired is None or wired["settlement"] != settlement:
        raise ChainError(f"the vault {word(vault)} is not connected with {word(settlement)}")
    listed = (said.fields for said in told if said.name == "CollectionListed")
    return Contracts(
        chain_id=rpc.chain_id(),
        settlement=settlement,
        vault=vault,
        withdrawals=wired["withdrawals"],
        forced_exit=asked.result("forcedExit", _call(rpc, settlement, asked.call("forcedExit"))),
        frozen_exit=wired["frozenExit"],
        usdc=usdc,
        collections={fields["collection"]: fields["token"] for fields in listed},
        first=first,
    )


def batches(rpc: Rpc, contracts: Contracts) -> list[Posted]:
    """Return every batch on the chain, by number; raises ChainMismatch if one is not what its event says."""
    interface = load("Settlement")
    told = interface.events(logs(rpc, contracts.first, rpc.block_number(), [contracts.settlement]))
    vetoed = {said.fields["number"] for said in told if said.name == "Vetoed"}
    posts = [said for said in told if said.name == "Posted"]
    asked: list[Request] = [("eth_getTransactionByHash", (word(said.log.transaction),)) for said in posts]
    found = rpc.batch(asked) if asked else []
    return [_posted(said, transaction, vetoed) for said, transaction in zip(posts, found, strict=True)]


def holdings(rpc: Rpc, contracts: Contracts, at: int | None = None) -> Holdings:
    """Return what went through the vault and what lies in it, at a block; None: the newest one."""
    block = rpc.block_number() if at is None else at
    vault, withdrawals, settlement = load("Vault"), load("Withdrawals"), load("Settlement")
    told = logs(rpc, contracts.first, block, [contracts.vault, contracts.withdrawals])
    vault_says = vault.events([log for log in told if log.address == contracts.vault])
    paid = withdrawals.events([log for log in told if log.address == contracts.withdrawals])
    balances = [
        ("eth_getBalance", (word(contracts.vault), hex(block))),
        question(contracts.usdc, _BALANCE_OF + contracts.vault.rjust(32, b"\0"), block),
        question(contracts.settlement, settlement.call("frozenAt"), block),
    ]
    totals = [
        question(contracts.vault, vault.call(name, asset), block)
        for name in ("received", "paid")
        for asset in range(ASSETS)
    ]
    ether, usdc, frozen_at, *sums = [int(answer, 16) for answer in rpc.batch([*balances, *totals])]
    credits_, token_credits = _undelivered(vault_says)
    return Holdings(
        block=block,
        frozen_at=frozen_at,
        deposits=[_entry(said, "sequence") for said in vault_says if said.name == "Deposited"],
        payments={said.fields["number"]: _entry(said, "number") for said in paid if said.name == "Paid"},
        paid_at={said.fields["number"]: said.log.block for said in paid if said.name == "Paid"},
        received=tuple(sums[:ASSETS]),
        paid=tuple(sums[ASSETS:]),
        credits=credits_,
        token_credits=token_credits,
        held=(ether // WEI_PER_ATOM, usdc),
    )


def owners_of(
    rpc: Rpc, contracts: Contracts, tokens: Sequence[tuple[int, int]], block: int
) -> list[bytes | None]:
    """Return who has each token (collection, token) by its own contract; None: it does not say."""
    known = [contracts.collections.get(collection) for collection, _ in tokens]
    asked = [
        question(contract or bytes(20), _OWNER_OF + token.to_bytes(32), block)
        for contract, (_, token) in zip(known, tokens, strict=True)
    ]
    answers = rpc.run(outcomes_flow(asked)) if asked else []  # a refusal must not hide the other answers
    told = [b"" if isinstance(answer, RpcRefused) else data(answer) for answer in answers]
    return [answer[-20:] if len(answer) == 32 else None for answer in told]


def logs(rpc: Rpc, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
    """Return the events of contracts in blocks `first` to `last`, in the chain's order."""
    found: list[Log] = []
    span = SPAN_BLOCKS
    while first <= last:
        end = min(last, first + span - 1)
        try:
            found += rpc.logs(first, end, addresses)
        except RpcRefused:
            if span == 1:
                raise
            span //= 2
        else:
            first = end + 1
    return found


def _posted(said: Said, transaction: dict[str, Any] | None, vetoed: set[int]) -> Posted:
    number, post = said.fields["number"], load("Settlement").function("post")
    called = data(transaction["input"]) if transaction else b""
    if called[:4] != post.selector:
        raise ChainMismatch(f"batch {number} was not posted by a plain call: its content is unknown")
    members, signatures = decode(post.inputs, called[4:])
    batch = batch_of(members)
    hashed, told = batch.struct_hash(), said.fields["batchHash"]
    if hashed != told:
        raise ChainMismatch(f"batch {number}: the call's hash is {word(hashed)}, the event's {word(told)}")
    return Posted(batch, tuple(signatures), said.log.block, number in vetoed)


def _entry(said: Said, number: str) -> Entry:
    fields = said.fields
    return Entry(fields[number], fields["owner"], fields["kind"], fields["id"], fields["value"])


def _undelivered(told: Sequence[Said]) -> tuple[tuple[int, ...], set[tuple[int, int]]]:
    """Return money [atoms per asset] and tokens that wait for their owners to fetch them."""
    money, tokens = [0] * ASSETS, set()
    for name, kind, identity, value in _credits(told):
        if kind == MONEY:
            money[identity] += value if name == "Credited" else -value
        elif name == "Credited":
            tokens.add((identity, value))
        else:
            tokens.discard((identity, value))
    return tuple(money), tokens


def _credits(told: Sequence[Said]) -> Iterator[tuple[str, int, int, int]]:
    for said in told:
        if said.name in ("Credited", "CreditWithdrawn"):
            yield said.name, said.fields["kind"], said.fields["id"], said.fields["value"]


def _call(rpc: Rpc, to: bytes, payload: bytes) -> bytes:
    answer = rpc.eth_call(to, payload)
    if not answer:
        raise ChainError(f"there is no such contract at {word(to)}")
    return answer


assert (ETH, USDC) == (0, 1)  # the order in which `holdings` asks for balances
