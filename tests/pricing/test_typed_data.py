"""EIP-712's arrays against the ABI coder: of any length, of a fixed one, of structs."""

import pytest
from eth_abi import encode
from tiny_keccak import keccak256

from floorbook.pricing.eip712 import hash_struct

SUMS = {"Sums": (("sums", "uint128[6]"), ("more", "int64[]"))}


def test_an_array_of_a_fixed_length_is_the_hash_of_its_words() -> None:
    sums, more = [0, 1, 2**128 - 1, 3, 4, 5], [-1, 7]
    words = [keccak256(encode(["uint128[6]"], [sums])), keccak256(encode(["int256", "int256"], more))]
    expected = keccak256(keccak256(b"Sums(uint128[6] sums,int64[] more)") + b"".join(words))
    assert hash_struct(SUMS, "Sums", {"sums": sums, "more": more}) == expected


@pytest.mark.parametrize("sums", [[], [1] * 5, [1] * 7])
def test_another_length_is_refused(sums: list[int]) -> None:
    with pytest.raises(ValueError, match="uint128\\[6\\]"):
        hash_struct(SUMS, "Sums", {"sums": sums, "more": []})


def test_a_fixed_array_of_structs_is_the_hash_of_their_hashes() -> None:
    types = {"Pair": (("ends", "End[2]"),), "End": (("at", "uint64"),)}
    of_end = keccak256(b"End(uint64 at)")
    ends = [keccak256(of_end + at.to_bytes(32)) for at in (1, 2)]
    expected = keccak256(keccak256(b"Pair(End[2] ends)End(uint64 at)") + keccak256(b"".join(ends)))
    assert hash_struct(types, "Pair", {"ends": [{"at": 1}, {"at": 2}]}) == expected
