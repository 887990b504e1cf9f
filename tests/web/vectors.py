"""What the page must sign, computed by the exchange's own code; `python -m tests.web.vectors` writes it anew.

The file stands in the repository so that the page's tests run with Node alone; `test_web.py` sees to it
that it is what this program computes.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from floorbook.pricing.eip712 import Domain, Key, keccak256
from floorbook.sdk import native, signing

FILE = Path(__file__).resolve().parents[2] / "web" / "tests" / "vectors" / "signing.json"
SECRET = keccak256(b"the page's test key")
NONCE = 1_700_000_000_123
VAULT = bytes(range(20))
DOMAIN = Domain(31_337, bytes(20))
PACKED: list[Any] = [
    None, True, False, 0, 1, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**53 - 1,
    -1, -32, -33, -128, -129, -32_768, -32_769, -(2**31), -(2**31) - 1, -(2**53) + 1,
    "", "a", "ETH", "x" * 31, "x" * 32, "x" * 255, "x" * 256, "Größe ≥ 1",
    [], [1, "two", None], list(range(15)), list(range(16)), list(range(300)),
    {}, {"b": 1, "a": {"nested": [True]}}, {f"key{i}": i for i in range(20)},
]  # fmt: skip
LIMIT = {"a": 110_000, "b": True, "p": "62.5", "s": "0.25", "r": False, "t": {"limit": {"tif": "Gtc"}}}
TRIGGER = {"isMarket": True, "triggerPx": "50", "tpsl": "sl"}
STOP = {"a": 110_000, "b": False, "p": "50", "s": "0.25", "r": True, "t": {"trigger": TRIGGER}}
L1_ACTIONS: list[dict[str, Any]] = [
    {"type": "order", "orders": [LIMIT], "grouping": "na"},
    {"type": "order", "orders": [LIMIT, STOP], "grouping": "normalTpsl"},
    {"type": "cancel", "cancels": [{"a": 0, "o": 123_456_789_012}]},
    {"type": "updateLeverage", "asset": 1, "isCross": True, "leverage": 20},
]
HOWS = ((None, None), (VAULT, NONCE + 60_000))  # for itself for ever, for a vault and a minute
NATIVE_ACTIONS: list[native.Native] = [
    native.Faucet(),
    native.PledgeToken(collection="PUNKS", token=7804),
    native.PlaceBid(collection="PUNKS", price="21.5"),
    native.RedeemUnits(instrument=3, amount="1", tokens=("PUNKS/1", "PUNKS/2")),
    native.PlaceOrder(coin="nft:PUNKS", is_buy=True, size="0.25", price="62.5", reduce_only=True),
]


def vectors() -> dict[str, Any]:
    """Return the inputs and what comes of them, as JSON holds it."""
    key = Key(SECRET)
    return {
        "secret": _hex(SECRET),
        "address": _hex(key.address),
        "nonce": NONCE,
        "msgpack": [{"value": value, "bytes": _hex(msgspec.msgpack.encode(value))} for value in PACKED],
        "l1": [
            _l1(key, action, *how) for action in L1_ACTIONS for how in ((None, None), (VAULT, NONCE + 60_000))
        ],
        "agents": [_agent(name) for name in ("page", "")],
        "native": [_native(key, action) for action in NATIVE_ACTIONS],
    }


def _l1(key: Key, action: dict[str, Any], vault: bytes | None, expires_after: int | None) -> dict[str, Any]:
    digest = signing.l1_digest(action, NONCE, vault, expires_after)
    return {
        "action": action, "vaultAddress": _hex(vault) if vault else None, "expiresAfter": expires_after,
        "digest": _hex(digest), "signature": signing.sign(key, digest),
    }  # fmt: skip


def _agent(name: str) -> dict[str, Any]:
    action = {
        "type": "approveAgent", "hyperliquidChain": "Testnet", "signatureChainId": "0x1",
        "agentAddress": _hex(VAULT), "agentName": name, "nonce": NONCE,
    }  # fmt: skip
    return {
        "agentAddress": _hex(VAULT),
        "agentName": name,
        "chainId": 1,
        "digest": _hex(signing.user_digest(action)),
    }


def _native(key: Key, action: native.Native) -> dict[str, Any]:
    kind = type(action)
    digest = signing.native_digest(DOMAIN, action, signing.NO_ADDRESS, NONCE, 0)
    members = [{"name": name, "type": type_} for name, type_ in native.members(kind)]
    return {
        "action": msgspec.to_builtins(action), "primaryType": kind.__name__, "members": members,
        "digest": _hex(digest), "signature": signing.sign(key, digest),
    }  # fmt: skip


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"


def text() -> str:
    """Return the file's content."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
