"""Leaves, payouts and deposit records to the byte, against the shared vectors."""

from typing import NamedTuple

import pytest

from floorbook.chain import leaves, payouts
from floorbook.chain.payouts import PayoutTree, deposit_record, leaf_of
from floorbook.pricing.eip712 import keccak256
from tests.chain.test_vectors import data, vectors


class Claim(NamedTuple):
    number: int
    owner: bytes
    status: int
    claims: tuple[int, int]
    debts: tuple[int, int]
    lent: int
    unsecured: int
    positions: list[tuple[int, int, int, int]]
    tokens: list[tuple[int, int]]


class Payout(NamedTuple):
    number: int
    owner: bytes
    kind: int
    id: int
    value: int


def claim_of(leaf: dict) -> Claim:
    claim0, debt0, claim1, debt1, lent, unsecured = map(int, leaf["lanes"])
    positions = [tuple(int(position[key]) for key in ("market", "asset", "size", "upnl"))
                 for position in leaf["positions"]]  # fmt: skip
    tokens = [(int(token["collection"]), int(token["token"])) for token in leaf["tokens"]]
    return Claim(
        int(leaf["number"]), data(leaf["owner"]), int(leaf["status"]) & ~leaves.SYSTEM,
        (claim0, claim1), (debt0, debt1), lent, unsecured, positions, tokens,
    )  # fmt: skip


@pytest.mark.parametrize("leaf", vectors("merkle_sum.json")["leaves"], ids=lambda leaf: leaf["number"])
def test_a_leaf_is_that_of_the_vectors(leaf: dict) -> None:
    claim = claim_of(leaf)
    assert leaves.positions_hash(claim.positions) == data(leaf["positionsHash"])
    assert leaves.tokens_hash(claim.tokens) == data(leaf["tokensHash"])
    if not int(leaf["status"]) & leaves.SYSTEM:
        assert leaves.record_of(claim) == data(leaf["record"])


def test_an_account_of_the_exchange_has_an_address_without_a_key() -> None:
    claim = claim_of(vectors("merkle_sum.json")["leaves"][0])._replace(
        status=leaves.SYSTEM, owner=b"system:fees"
    )
    assert leaves.address_of(claim) == keccak256(b"system:fees")[-20:]


def test_marks_are_those_of_the_vectors() -> None:
    case = vectors("merkle_sum.json")["marks"]
    marks = [tuple(int(mark[key]) for key in ("market", "asset", "mark", "unit")) for mark in case["marks"]]
    assert leaves.marks_hash(marks) == data(case["hash"])


@pytest.mark.parametrize("case", vectors("payouts.json")["trees"], ids=lambda case: case["count"])
def test_payouts_are_those_of_the_vectors(case: dict) -> None:
    entries = [
        Payout(int(one["number"]), data(one["owner"]), *(int(one[key]) for key in ("kind", "id", "value")))
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
