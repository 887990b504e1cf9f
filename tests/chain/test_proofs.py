"""A proof file: it comes back as it was written, and nothing in it can be changed unnoticed."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from floorbook.chain import proofs
from floorbook.chain.batches import Committer, sign
from floorbook.chain.leaves import leaf_of
from floorbook.chain.proofs import AccountProof, account_proof, fault_of
from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import Domain, Key, keccak256
from floorbook.units import ETH, USDC
from tests.chain.committing import CHAIN_ID, Custody
from tests.core.engine.world import DOLLAR, ETHER

DOMAIN = Domain(CHAIN_ID, b"\5" * 20)
KEY = Key(keccak256(b"operator"))


@pytest.fixture(scope="module")
def custody() -> Custody:
    custody = Custody()
    custody.leaves(custody.whale, ETH, 7 * ETHER)
    custody.leaves(custody.whale, USDC, 100 * DOLLAR)
    return custody


def proof_of(custody: Custody, account: int) -> AccountProof:
    commitment = Committer().commit(custody.state, 1)
    signatures = sign(commitment.batch, [KEY], DOMAIN)
    return account_proof(commitment.batch, commitment, account, DOMAIN, signatures)


def test_the_proof_of_every_account_holds_and_comes_back(custody: Custody) -> None:
    commitment = Committer().commit(custody.state, 1)
    for claim in commitment.claims:
        proof = account_proof(commitment.batch, commitment, claim.number, DOMAIN, [])
        assert proof.leaf == leaf_of(claim)
        assert fault_of(proof) == ""
        read = proofs.decode(proofs.encode(proof))
        assert proofs.encode(read) == proofs.encode(proof)
        assert fault_of(read) == ""


def test_it_holds_the_owners_payouts_and_nobody_elses(custody: Custody) -> None:
    proof = proof_of(custody, custody.whale)
    assert [(one.payout.id, one.payout.value) for one in proof.payouts] == [
        (ETH, 7 * ETHER),
        (USDC, 100 * DOLLAR),
    ]
    assert proof_of(custody, custody.debtor).payouts == ()


def test_every_number_and_byte_counts(custody: Custody) -> None:
    """Whatever is changed in the file: it is refused, contradicts the batch, or is another batch."""
    for account in (custody.whale, custody.debtor, custody.trader):
        proof = proof_of(custody, account)
        content = json.loads(proofs.encode(proof))
        for place, changed in changes(content):
            if place[0] in ("format", "version", "chainId", "settlement", "signatures"):
                continue  # these say where the batch is signed; the contract compares them
            try:
                forged = proofs.from_json(changed)
            except ConfigError:
                continue
            same = forged.batch == proof.batch
            assert fault_of(forged) or not same, place


def changes(content: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the file with one text changed at a time, and where."""
    for place, text in texts(content, ()):
        copy = json.loads(json.dumps(content))
        inner = copy
        for step in place[:-1]:
            inner = inner[step]
        last = "1" if text[-1] == "0" else "0"
        inner[place[-1]] = text[:-1] + last
        yield place, copy


def texts(content: Any, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(content, str):
        yield place, content
    elif isinstance(content, dict | list):
        inner = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in inner:
            yield from texts(value, (*place, key))


def test_a_proof_of_another_account_is_none(custody: Custody) -> None:
    one, other = proof_of(custody, custody.whale), proof_of(custody, custody.debtor)
    assert "does not lead" in fault_of(msgspec.structs.replace(one, leaf=other.leaf))
    assert "no such place" in fault_of(msgspec.structs.replace(one, siblings=one.siblings[:-1]))
    assert "marks" in fault_of(msgspec.structs.replace(one, marks=one.marks[:-1]))
    payouts = (msgspec.structs.replace(one.payouts[0], index=1),)
    assert "payout 1" in fault_of(msgspec.structs.replace(one, payouts=payouts))
    payouts = (msgspec.structs.replace(one.payouts[0], index=2),)
    assert "no such place" in fault_of(msgspec.structs.replace(one, payouts=payouts))


@pytest.mark.parametrize(
    "file", [b"", b"[]", b"{}", b'{"format": "floorbook account proof", "version": 2}', b"\xff", b"null"]
)
def test_what_is_no_proof_is_refused(file: bytes) -> None:
    with pytest.raises(ConfigError, match=r"no .*proof"):
        proofs.decode(file)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("batch", "number"), "-1"),
        (("batch", "number"), str(2**64)),
        (("batch", "sums"), ["0"] * 5),
        (("leaf", "owner"), "0x00"),
        (("leaf", "lanes"), ["0"] * 7),
        (("leaf", "status"), "256"),
    ],
)
def test_a_member_that_no_contract_could_hold_is_refused(custody: Custody, place: Any, value: Any) -> None:
    content = proofs.to_json(proof_of(custody, custody.whale))
    content[place[0]][place[1]] = value
    with pytest.raises(ConfigError, match="no whole proof"):
        proofs.from_json(content)


def test_a_file_of_something_else_is_told_what_it_lacks() -> None:
    with pytest.raises(ConfigError, match="no whole proof: it has no 'format'"):
        proofs.from_json({"address": "0x00"})
    with pytest.raises(ConfigError, match="no whole proof"):
        proofs.from_json([1])
