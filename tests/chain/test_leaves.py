"""Leaves, payouts and deposit records to the byte, against the shared vectors."""

import pytest

from floorbook.chain import leaves, payouts
from floorbook.chain.leaves import Leaf
from floorbook.chain.payouts import PayoutTree, deposit_record, leaf_of
from floorbook.core.engine.commitments import SYSTEM, AccountClaim
from floorbook.core.settlement import Payout
from floorbook.pricing.eip712 import keccak256
from tests.chain.test_vectors import data, vectors


def leaf_in(vector: dict) -> Leaf:
    positions = (tuple(int(position[key]) for key in ("market", "asset", "size", "upnl"))
                 for position in vector["positions"])  # fmt: skip
    return Leaf(
        number=int(vector["number"]),
        owner=data(vector["owner"]),
        status=int(vector["status"]),
        lanes=tuple(map(int, vector["lanes"])),
        locked=tuple(map(int, vector["locked"])),
        positions=tuple(positions),
        tokens=tuple((int(token["collection"]), int(token["token"])) for token in vector["tokens"]),
    )


@pytest.mark.parametrize("vector", vectors("merkle_sum.json")["leaves"], ids=lambda leaf: leaf["number"])
def test_a_leaf_is_that_of_the_vectors(vector: dict) -> None:
    leaf = leaf_in(vector)
    assert leaves.positions_hash(leaf.positions) == data(vector["positionsHash"])
    assert leaves.tokens_hash(leaf.tokens) == data(vector["tokensHash"])
    assert leaves.record_of(leaf) == data(vector["record"])


@pytest.mark.parametrize(
    ("status", "owner", "address"),
    [
        (0, b"o" * 20, b"o" * 20),
        (SYSTEM, b"system:fees", keccak256(b"system:fees")[-20:]),
        (SYSTEM, b"system:of 20 letters", keccak256(b"system:of 20 letters")[-20:]),
    ],
)
def test_a_claim_becomes_the_leaf_of_its_owner(status: int, owner: bytes, address: bytes) -> None:
    """The exchange's own accounts have addresses that nobody has a key for."""
    claim = AccountClaim(
        number=3, owner=owner, status=status, claims=(1, 2), debts=(3, 4), lent=5, unsecured=6,
        locked=(1, 7), positions=((1, 0, -2, 3),), tokens=((4, 5),),
    )  # fmt: skip
    assert leaves.leaf_of(claim) == Leaf(
        number=3, owner=address, status=status, lanes=(1, 3, 2, 4, 5, 6), locked=(1, 7),
        positions=((1, 0, -2, 3),), tokens=((4, 5),),
    )  # fmt: skip


def test_marks_are_those_of_the_vectors() -> None:
    case = vectors("merkle_sum.json")["marks"]
    marks = [tuple(int(mark[key]) for key in ("market", "asset", "mark", "unit")) for mark in case["marks"]]
    assert leaves.marks_hash(marks) == data(case["hash"])


@pytest.mark.parametrize("case", vectors("payouts.json")["trees"], ids=lambda case: case["count"])
def test_payouts_are_those_of_the_vectors(case: dict) -> None:
    entries = [
        Payout(int(one["number"]), data(one["owner"]), int(one["kind"]), int(one["id"]), int(one["value"]), 0)
        for one in case["payouts"]
    ]
    tree = PayoutTree(reversed(entries))
    assert tree.root == data(case["root"])
    for index, proof in enumerate(case["proofs"]):
        siblings = [data(sibling) for sibling in proof]
        assert leaf_of(tree.payouts[index]) == data(case["payouts"][index]["leaf"])
        assert tree.proof(index) == siblings
        assert payouts.root_of(index, leaf_of(tree.payouts[index]), siblings) == tree.root


def test_a_payout_proof_is_good_for_one_index() -> None:
    case = vectors("payouts.json")["trees"][-1]
    siblings = [data(sibling) for sibling in case["proofs"][3]]
    leaf = data(case["payouts"][3]["leaf"])
    assert payouts.root_of(3, leaf, siblings) == data(case["root"])
    assert payouts.root_of(2, leaf, siblings) != data(case["root"])
    with pytest.raises(ValueError, match="no leaf 16"):
        payouts.root_of(16, leaf, siblings)


@pytest.mark.parametrize(
    "deposit", vectors("deposit_record.json")["deposits"], ids=lambda one: one["sequence"]
)
def test_a_deposit_record_is_that_of_the_vectors(deposit: dict) -> None:
    sequence, kind, identity, value = (int(deposit[key]) for key in ("sequence", "kind", "id", "value"))
    assert deposit_record(sequence, data(deposit["owner"]), kind, identity, value) == data(deposit["record"])
