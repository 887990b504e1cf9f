"""What a state commits to, rebuilt by the second implementation from the accounts' claims."""

from typing import Any

import msgspec
import pytest

from floorbook.chain.batches import MEMBERS, Batch, Committer, batch_of, placed, sign, signers_of
from floorbook.core.engine.commitments import SYSTEM, AccountClaim, account_commitments
from floorbook.core.state import State
from floorbook.journal.segment import START
from floorbook.pricing.eip712 import Domain, Key, keccak256
from floorbook.units import ETH, USDC
from tests.chain import reference
from tests.chain.committing import CHAIN_ID, Custody
from tests.chain.test_vectors import data, vectors
from tests.chain.vectors import OPERATORS
from tests.core.engine.world import DOLLAR, ETHER

DOMAIN = Domain(CHAIN_ID, b"\5" * 20)


@pytest.fixture(scope="module")
def custody() -> Custody:
    return Custody()


def batch_in(vector: dict[str, Any]) -> Batch:
    def member(value: str | list[str]) -> int | bytes | list[int]:
        if isinstance(value, list):
            return [int(one) for one in value]
        return data(value) if value.startswith("0x") else int(value)

    return batch_of([member(vector["batch"][name]) for name in MEMBERS])


def expected(state: State, number: int) -> dict[str, Any]:
    """Return the members of the batch as the second implementation finds them."""
    claims = account_commitments(state)
    root = reference.tree_root([record_of(claim) for claim in claims])
    payouts = [
        reference.payout_leaf(one.number, one.owner, one.kind, one.id, one.value)
        for one in sorted(state.settlement.payouts.values(), key=lambda one: one.number)
    ]
    marks = [(market.id, market.asset, market.mark, market.unit) for market in state.markets]
    return {
        "number": number, "journalSeq": state.seq, "time": state.now // 10**9, "journalHead": bytes(32),
        "accounts": len(claims), "accountsRoot": root.hash, "sums": root.lanes, "payouts": len(payouts),
        "payoutsRoot": reference.payouts_root(payouts), "payoutNumber": state.settlement.payout_number,
        "depositSequence": state.settlement.deposit_sequence, "withdrawn": tuple(state.settlement.withdrawn),
        "marksHash": reference.marks_hash(marks),
    }  # fmt: skip


def record_of(claim: AccountClaim) -> reference.Record:
    owner = reference.keccak(claim.owner)[-20:] if claim.status & SYSTEM else claim.owner
    lanes = [amount for pair in zip(claim.claims, claim.debts, strict=True) for amount in pair]
    return reference.account_leaf(
        claim.number, owner, claim.status, [*lanes, claim.lent, claim.unsecured], claim.locked,
        reference.positions_hash(claim.positions), reference.tokens_hash(claim.tokens),
    )  # fmt: skip


def test_a_batch_is_that_of_the_second_implementation(custody: Custody) -> None:
    custody.leaves(custody.whale, ETH, 7 * ETHER)
    custody.leaves(custody.whale, USDC, 100 * DOLLAR)
    batch = Committer().commit(custody.state, 3).batch
    assert dict(zip(MEMBERS, batch.values(), strict=True)) == expected(custody.state, 3)
    assert batch.payouts == 2
    assert batch.sums[4] > 0  # somebody lent what the debtor took


def test_claims_less_debts_and_what_left_are_what_arrived(custody: Custody) -> None:
    batch = Committer().commit(custody.state, 1).batch
    for asset in (ETH, USDC):
        held = batch.sums[2 * asset] - batch.sums[2 * asset + 1] + batch.withdrawn[asset]
        assert held == custody.state.settlement.received[asset]


def test_a_committer_that_went_on_says_what_a_new_one_says(custody: Custody) -> None:
    """Only changed accounts are hashed again; what was said before stays said."""
    committer = Committer()
    first = committer.commit(custody.state, 1)
    before = first.batch.accounts_root
    for step in range(4):
        custody.money(b"newcomer %11d" % step, ETH, ETHER)
        custody.leaves(custody.whale, ETH, ETHER)
        custody.opens(custody.trader, (1, -1)[step % 2])
        assert committer.commit(custody.state, 2).batch == Committer().commit(custody.state, 2).batch
    later = committer.commit(custody.state, 3)
    assert later.claims[custody.debtor] is first.claims[custody.debtor]  # unchanged: batches share it
    assert (first.tree.root()[:32], before) == (before, first.batch.accounts_root)
    assert later.batch.accounts_root != before


@pytest.mark.parametrize("vector", vectors("batch.json")["batches"], ids=lambda one: one["batch"]["number"])
def test_a_batch_is_signed_as_in_the_vectors(vector: dict[str, Any]) -> None:
    content = vectors("batch.json")
    domain = Domain(int(content["chainId"]), data(content["verifyingContract"]))
    batch = batch_in(vector)
    assert (batch.struct_hash(), batch.digest(domain)) == (data(vector["structHash"]), data(vector["digest"]))
    signatures = sign(batch, [Key(secret.to_bytes(32)) for secret in OPERATORS], domain)
    assert signatures == [data(signature) for signature in vector["signatures"]]
    assert signers_of(batch, signatures, domain) == [data(signer) for signer in vector["signers"]]


def test_a_changed_batch_is_signed_by_somebody_else(custody: Custody) -> None:
    key = Key(keccak256(b"operator"))
    batch = Committer().commit(custody.state, 1).batch
    signatures = sign(batch, [key], DOMAIN)
    for name in Batch.__struct_fields__:
        value = getattr(batch, name)
        changed = bytes(31) + b"\1" if isinstance(value, bytes) else value
        changed = changed + 1 if isinstance(value, int) else changed
        changed = (value[0] + 1, *value[1:]) if isinstance(value, tuple) else changed
        forged = msgspec.structs.replace(batch, **{name: changed})
        assert signers_of(forged, signatures, DOMAIN) != [key.address], name


def test_the_head_is_that_of_the_group_that_ends_there(custody: Custody) -> None:
    batch = Committer().commit(custody.state, 1).batch
    end = msgspec.structs.replace(START, seq=batch.journal_seq, head=b"h" * 32)
    assert placed(batch, end) == msgspec.structs.replace(batch, journal_head=b"h" * 32)
