"""Signatures of reports: whose they are, where they are valid, and that they have one form.

The published vectors (nft_09) run in tests/vectors.
"""

from typing import Any

import msgspec
import pytest

from floorbook.core.commands import PublishReport
from floorbook.pricing.eip712 import ORDER, Domain, Key, hash_struct, keccak256, recover
from floorbook.pricing.reports import LOCAL, REPORT, check, digest, sign

KEY = Key(keccak256(b"reporter"))
REPORT_OF_KEY = PublishReport(
    reporter=KEY.address, collection=3, token=-1, kind=0, values=(10, 9, 8, 7, 6, 5, 200, 10**8),
    sampled_from=1, sampled_to=2**60, round=7, source=b"source",
)  # fmt: skip


def signed(**changes: Any) -> PublishReport:
    """Return the report as it was signed, then changed."""
    signature = sign(REPORT_OF_KEY, KEY, LOCAL)
    return msgspec.structs.replace(REPORT_OF_KEY, **{"signature": signature} | changes)


def test_the_quick_digest_is_that_of_the_typed_data() -> None:
    fields = {
        "collection": 3, "token": -1, "kind": 0, "values": REPORT_OF_KEY.values, "sampledFrom": 1,
        "sampledTo": 2**60, "round": 7, "source": b"source",
    }  # fmt: skip
    assert digest(REPORT_OF_KEY, LOCAL) == LOCAL.digest(hash_struct(REPORT, "Report", fields))


def test_a_signature_is_its_reporters_and_always_the_same() -> None:
    assert check(signed(), LOCAL) == ""
    assert sign(REPORT_OF_KEY, KEY, LOCAL) == sign(REPORT_OF_KEY, KEY, LOCAL)


@pytest.mark.parametrize(
    "changes",
    [
        {"collection": 4}, {"token": 0}, {"kind": 1}, {"values": (10, 9, 8, 7, 6, 5, 200)},
        {"values": (10, 9, 8, 7, 6, 5, 200, 10**8 + 1)}, {"sampled_from": 0}, {"sampled_to": 2**60 + 1},
        {"round": 8}, {"source": b"sourcf"}, {"reporter": bytes(20)},
    ],
)  # fmt: skip
def test_nothing_signed_can_be_changed(changes: dict[str, Any]) -> None:
    assert "not by the reporter" in check(signed(**changes), LOCAL)


@pytest.mark.parametrize(
    "domain",
    [
        Domain(1, LOCAL.contract), Domain(LOCAL.chain_id, bytes(19) + b"\1"),
        Domain(LOCAL.chain_id, LOCAL.contract, name="floorbook"),
        Domain(LOCAL.chain_id, LOCAL.contract, version="2"),
    ],
)  # fmt: skip
def test_a_signature_is_valid_in_one_domain(domain: Domain) -> None:
    assert check(signed(), domain) != ""


def test_a_report_must_be_signed_in_the_one_form() -> None:
    signature = sign(REPORT_OF_KEY, KEY, LOCAL)
    r, s, v = signature[:32], int.from_bytes(signature[32:64]), signature[64]
    twin = r + (ORDER - s).to_bytes(32) + bytes([55 - v])
    for other in (b"", signature[:64], signature + b"\0", twin, r + signature[32:64] + bytes([v - 27])):
        assert check(signed(signature=other), LOCAL) != ""


@pytest.mark.parametrize("r", [0, ORDER, 2**256 - 1])
@pytest.mark.parametrize("s", [0, ORDER, 1])
@pytest.mark.parametrize("v", [0, 1, 27, 28, 29, 255])
def test_no_signature_is_of_the_zero_address(r: int, s: int, v: int) -> None:
    assert recover(bytes(32), r.to_bytes(32) + s.to_bytes(32) + bytes([v])) is None


def test_random_signatures_name_nobody_known() -> None:
    for number in range(50):
        noise = keccak256(b"%d" % number)
        low = keccak256(noise)[1:].rjust(32, b"\0")
        assert recover(digest(REPORT_OF_KEY, LOCAL), noise + low + b"\x1b") not in (KEY.address, bytes(20))
