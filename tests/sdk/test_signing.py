"""Byte for byte what hyperliquid-python-sdk 0.24.0 and eth-account 0.13.7 sign (signatures.json)."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.pricing import eip712
from floorbook.pricing.eip712 import Domain, Key, recover
from floorbook.sdk import native, signing

VECTORS = json.loads((Path(__file__).parent / "signatures.json").read_text())
KEY = Key(bytes.fromhex(VECTORS["key"][2:]))
DOMAIN = Domain(31_337, bytes(20))
ADDRESS = "0x" + "ab" * 20
NONCE = 1_700_000_000_000


def address(text: str | None) -> bytes | None:
    return bytes.fromhex(text[2:]) if text else None


def words(signature: signing.Signature) -> list[str | int]:
    return [signature["r"], signature["s"], signature["v"]]


def test_key_has_its_address() -> None:
    assert f"0x{KEY.address.hex()}" == VECTORS["address"]


@pytest.mark.parametrize("vector", VECTORS["l1"])
def test_l1_signatures(vector: dict[str, Any]) -> None:
    digest = signing.l1_digest(
        vector["action"], vector["nonce"], address(vector["vaultAddress"]), vector["expiresAfter"],
        vector["source"],
    )  # fmt: skip
    assert words(signing.sign(KEY, digest)) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["user"])
def test_user_signatures(vector: dict[str, Any]) -> None:
    action = vector["action"]
    digest = signing.user_digest(action, action["hyperliquidChain"])
    assert words(signing.sign(KEY, digest)) == vector["signature"]


def test_order_of_keys_counts() -> None:
    one = signing.l1_digest({"type": "noop", "x": 1}, NONCE, None, None)
    assert one != signing.l1_digest({"x": 1, "type": "noop"}, NONCE, None, None)


@pytest.mark.parametrize("part", ["nonce", "vault", "expires_after", "source"])
def test_every_part_of_an_l1_action_counts(part: str) -> None:
    said: dict[str, Any] = {"nonce": NONCE, "vault": None, "expires_after": None, "source": "b"}
    other = {"nonce": NONCE + 1, "vault": bytes(19) + b"\1", "expires_after": NONCE, "source": "a"}
    whole = signing.l1_digest({"type": "noop"}, **said)
    assert whole != signing.l1_digest({"type": "noop"}, **said | {part: other[part]})


# ---- native actions ----------------------------------------------------------------------------


def example(kind: type[native.Native]) -> native.Native:
    """Return an action of a kind, every member filled."""
    values: dict[str, object] = {
        "string": "1.5", "uint64": 7, "int64": -1, "bool": True, "address": ADDRESS, "string[]": ["PUNKS/1"],
    }  # fmt: skip
    own = native.members(kind)[: -len(native.MEMBERS_OF_ALL)]
    return msgspec.convert(
        {"type": native._tag(kind.__name__)} | {name: values[type_] for name, type_ in own}, kind
    )


@pytest.mark.parametrize("kind", native.ACTIONS.values())
def test_native_digest_is_eip712(kind: type[native.Native]) -> None:
    """The second implementation is the general one, which reads the types at run time."""
    action = example(kind)
    fields = msgspec.to_builtins(action) | {"account": KEY.address, "nonce": NONCE, "expiresAfter": 5}
    for name, type_ in native.members(kind):
        if type_ == "address" and isinstance(fields[name], str):
            fields[name] = address(fields[name])
    expected = DOMAIN.digest(eip712.hash_struct(native.types(), kind.__name__, fields))
    assert signing.native_digest(DOMAIN, action, KEY.address, NONCE, 5) == expected


def test_tags_are_the_names_with_a_small_letter() -> None:
    assert "pledgeToken" in native.ACTIONS
    for tag, kind in native.ACTIONS.items():
        assert msgspec.to_builtins(example(kind))["type"] == tag


def test_bodies_carry_what_was_signed() -> None:
    vault = bytes(19) + b"\7"
    action = native.PledgeToken(collection="PUNKS", token=7804)
    body = signing.native_body(KEY, DOMAIN, action, NONCE, account=vault, expires_after=9)
    assert body["action"] == {"type": "pledgeToken", "collection": "PUNKS", "token": 7804}
    assert (body["nonce"], body["vaultAddress"], body["expiresAfter"]) == (NONCE, f"0x{vault.hex()}", 9)
    signature = bytes.fromhex(body["signature"]["r"][2:] + body["signature"]["s"][2:])
    digest = signing.native_digest(DOMAIN, action, vault, NONCE, 9)
    assert recover(digest, signature + bytes([body["signature"]["v"]])) == KEY.address
    user = signing.user_body(KEY, {"type": "usdSend", "destination": ADDRESS, "amount": "1"}, NONCE)
    assert user["action"]["time"] == NONCE
    assert list(signing.l1_body(KEY, {"type": "noop"}, NONCE)["action"]) == ["type"]


@given(st.dictionaries(st.text(max_size=9), st.none() | st.booleans() | st.integers() | st.text(max_size=40)))
@settings(max_examples=100)
def test_any_action_is_hashed_or_refused(action: dict[str, Any]) -> None:
    try:
        assert len(signing.l1_digest(action, NONCE, None, None)) == 32
    except ValueError:
        assert any(isinstance(value, int) and not -(2**63) <= value < 2**64 for value in action.values())
    for type_ in signing.USER_SIGNED:
        with pytest.raises(ValueError, match=r"Expected|signatureChainId"):
            signing.user_digest({"type": type_} | action)
