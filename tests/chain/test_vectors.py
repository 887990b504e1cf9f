"""The vectors on the disk are what the second implementation writes; the curve's library signs the same."""

import json
from typing import Any

import pytest

from floorbook.pricing.eip712 import Domain, Key, recover
from tests.chain.vectors import DIRECTORY, FILES, OPERATORS, written


def vectors(name: str) -> dict[str, Any]:
    return json.loads((DIRECTORY / name).read_text())


def data(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_those_of_the_second_implementation(name: str) -> None:
    assert (DIRECTORY / name).read_text() == written()[name]


def test_the_signatures_are_the_ones_the_library_makes() -> None:
    content = vectors("batch.json")
    domain = Domain(int(content["chainId"]), data(content["verifyingContract"]))
    keys = {key.address: key for key in (Key(secret.to_bytes(32)) for secret in OPERATORS)}
    assert domain.separator == data(content["separator"])
    for batch in content["batches"]:
        digest = domain.digest(data(batch["structHash"]))
        assert digest == data(batch["digest"])
        for signer, signature in zip(
            map(data, batch["signers"]), map(data, batch["signatures"]), strict=True
        ):
            assert recover(digest, signature) == signer
            assert keys[signer].sign(digest) == signature
