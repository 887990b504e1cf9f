"""The tree of accounts against plain recursion, the shared vectors, and whoever tampers with a proof."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.chain import tree as trees
from floorbook.chain.tree import LANES, RECORD_BYTES, MerkleSumTree, lanes_of, pack_lanes, root_of
from tests.chain import reference
from tests.chain.reference import EMPTY, U128, Record
from tests.chain.test_vectors import data, vectors

lanes = st.lists(st.integers(0, 2**100), min_size=LANES, max_size=LANES).map(tuple)
records = st.builds(Record, st.binary(min_size=32, max_size=32), lanes)
accounts = st.lists(records, min_size=1, max_size=20)
different = st.lists(  # twins could change places
    records.filter(lambda record: any(record.hash)),
    min_size=1, max_size=20, unique_by=lambda record: record.hash,
)  # fmt: skip


def built(leaves: list[Record]) -> MerkleSumTree:
    tree = MerkleSumTree()
    for number, record in enumerate(leaves):
        tree.update(number, record.pack())
    return tree


@pytest.mark.parametrize("case", vectors("merkle_sum.json")["trees"], ids=lambda case: case["count"])
def test_roots_and_proofs_are_those_of_the_vectors(case: dict) -> None:
    tree = MerkleSumTree()
    for number, record in enumerate(case["records"]):
        tree.update(number, data(record))
    root = tree.root()
    assert root[:32] == data(case["root"])
    assert list(lanes_of(root)) == [int(lane) for lane in case["sums"]]
    for number, proof in enumerate(case["proofs"]):
        siblings = [data(sibling) for sibling in proof]
        assert tree.proof(number) == siblings
        assert root_of(number, data(case["records"][number]), siblings) == root


@given(accounts, st.lists(st.tuples(st.integers(0, 30), records, st.booleans()), max_size=40))
@settings(deadline=None, max_examples=60)
def test_a_changed_tree_is_the_one_built_anew(
    leaves: list[Record], changes: list[tuple[int, Record, bool]]
) -> None:
    tree = built(leaves)
    for at, record, asks_between in changes:
        number = min(at, len(leaves))
        leaves[number:] = [record, *leaves[number + 1 :]]
        tree.update(number, record.pack())
        if asks_between:
            assert tree.root() == reference.tree_root(leaves).pack()
    assert tree.root() == reference.tree_root(leaves).pack()
    assert [tree.record(number) for number in range(tree.count)] == [leaf.pack() for leaf in leaves]


@given(accounts, st.data())
@settings(deadline=None, max_examples=60)
def test_every_proof_leads_to_the_root(leaves: list[Record], draw: st.DataObject) -> None:
    tree = built(leaves)
    number = draw.draw(st.integers(0, len(leaves) - 1))
    proof = tree.proof(number)
    assert proof == [sibling.pack() for sibling in reference.tree_proof(leaves, number)]
    assert root_of(number, leaves[number].pack(), proof) == tree.root()


@given(different, st.data())
@settings(deadline=None, max_examples=100)
def test_nothing_of_a_proof_can_be_changed(leaves: list[Record], draw: st.DataObject) -> None:
    """Another number, another byte of the leaf or of a sibling, one sibling more or less: another root."""
    tree = built(leaves)
    number = draw.draw(st.integers(0, len(leaves) - 1))
    path = [leaves[number].pack(), *tree.proof(number)]
    place, offset = draw.draw(st.integers(0, len(path) - 1)), draw.draw(st.integers(0, RECORD_BYTES - 1))
    bit = 1 << draw.draw(st.integers(0, 7))
    forged = [bytearray(record) for record in path]
    forged[place][offset] ^= bit
    assert root_or_none(number, [bytes(record) for record in forged]) != tree.root()
    others = [other for other in range(2 ** (len(path) - 1)) if other != number]
    if others:
        other = draw.draw(st.sampled_from(others))
        assert root_or_none(other, path) != tree.root()
    assert root_or_none(number, [*path, EMPTY.pack()]) != tree.root()
    if len(path) > 1:
        assert root_or_none(number, path[:-1]) != tree.root()


def root_or_none(number: int, path: list[bytes]) -> bytes | None:
    try:
        return root_of(number, path[0], path[1:])
    except ValueError:
        return None


@given(st.integers(0, LANES - 1), st.integers(1, U128 - 1))
@settings(deadline=None, max_examples=50)
def test_a_sum_that_overflows_in_any_lane_is_refused(lane: int, amount: int) -> None:
    def only(value: int) -> Record:
        return Record(bytes(32), tuple(value if at == lane else 0 for at in range(LANES)))

    fits = [only(amount), only(U128 - 1 - amount)]
    assert built(fits).root() == reference.tree_root(fits).pack()
    overflows = [only(amount), only(U128 - amount)]
    with pytest.raises(reference.Overflow):
        reference.tree_root(overflows)
    with pytest.raises(ValueError, match="128 bits"):
        built(overflows).root()


def test_the_overflow_of_the_vectors_is_refused() -> None:
    left, right = map(data, vectors("merkle_sum.json")["overflow"]["records"])
    with pytest.raises(ValueError, match="128 bits"):
        root_of(0, left, [right])


def test_what_can_be_no_proof_is_refused() -> None:
    record = EMPTY.pack()
    with pytest.raises(ValueError, match="no account 1"):
        root_of(1, record, [])
    with pytest.raises(ValueError, match="no account -1"):
        root_of(-1, record, [record])
    with pytest.raises(ValueError, match="128 bytes"):
        root_of(0, record, [record[:-1]])


def test_the_lanes_of_a_record_are_those_packed() -> None:
    amounts = (0, 1, U128 - 1, 2**64, 5, 6)
    assert pack_lanes(amounts) == reference.pack_lanes(amounts)
    assert lanes_of(bytes(32) + pack_lanes(amounts)) == amounts


def test_the_smallest_depth_has_room_for_all() -> None:
    assert [trees.depth_of(count) for count in range(1, 10)] == [0, 1, 2, 2, 3, 3, 3, 3, 4]
