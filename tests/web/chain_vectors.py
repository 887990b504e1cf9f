"""Calls and transactions for the page's tests, made by other people's libraries.

eth-abi encodes the calls, rlp the transactions; signatures are coincurve's.
`python -m tests.web.chain_vectors` writes the file anew.
"""

import json
from pathlib import Path
from typing import Any

import rlp
from eth_abi.abi import encode
from tiny_keccak import keccak256

from floorbook.pricing.eip712 import Key

FILE = Path(__file__).parents[2] / "web" / "tests" / "vectors" / "chain.json"
SECRET = bytes(range(1, 33))
TO = bytes(range(20))
TYPE = b"\2"

CALLS: tuple[tuple[str, list[str], list[Any]], ...] = (
    ("latest", [], []),
    ("balanceOf", ["address"], [TO]),
    ("approve", ["address", "uint256"], [TO, 2**256 - 1]),
    ("depositMoney", ["uint32", "uint128", "address"], [1, 10**12, TO]),
    ("note", ["int128", "bool", "bytes4", "string"],
     [-5, True, b"\1\2\3\4", "more than 32 bytes take two words"]),
    ("post", ["(uint64,bytes32,uint128[6],uint128[2])", "bytes[]"],
     [(7, b"\7" * 32, [1, 2, 3, 4, 5, 6], [8, 9]), [b"\1" * 65, b"", b"\2" * 32]]),
    ("claim", ["(uint64,(uint8,uint32)[],bytes)", "uint256", "bytes32[]"],
     [(1, [(1, 2), (3, 4)], b"xyz"), 5, [b"\0" * 32, b"\3" * 32]]),
    ("names", ["string[2]", "uint8[]"], [["", "x" * 32], []]),
)  # fmt: skip
TRANSACTIONS = (
    (31_337, 0, 0, 0, 21_000, 0, b""),
    (31_337, 127, 1, 2 * 10**9, 128, 10**18, b"\x7f"),
    (1, 128, 10**9, 10**11, 10**6, 2**200, b"\x80"),
    (2**53 - 1, 2**32, 3, 2**64, 55, 1, bytes(55)),
    (5, 6, 7, 8, 9, 10, bytes(range(256)) * 5),
)


def calls() -> list[dict[str, Any]]:
    """Return signatures, values and the calls' data."""
    found = []
    for name, types, values in CALLS:
        signature = f"{name}({','.join(types)})"
        data = keccak256(signature.encode())[:4] + encode(types, values)
        found.append({"signature": signature, "values": _plain(values), "data": _hex(data)})
    return found


def transactions() -> list[dict[str, Any]]:
    """Return transactions of type 2 and their signed bytes."""
    found, key = [], Key(SECRET)
    for chain_id, nonce, tip, fee, gas, value, data in TRANSACTIONS:
        fields: list[Any] = [chain_id, nonce, tip, fee, gas, TO, value, data, []]
        signature = key.sign(keccak256(TYPE + rlp.encode(fields)))
        r, s = (int.from_bytes(part) for part in (signature[:32], signature[32:64]))
        raw = TYPE + rlp.encode([*fields, signature[64] - 27, r, s])
        found.append({
            "chainId": chain_id, "nonce": nonce, "maxPriorityFeePerGas": str(tip), "maxFeePerGas": str(fee),
            "gas": str(gas), "to": _hex(TO), "value": str(value), "data": _hex(data), "raw": _hex(raw),
        })  # fmt: skip
    return found


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it and the page writes it."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return _hex(value)
    return value if isinstance(value, str | bool) else str(value)


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


def text() -> str:
    """Return the file's content."""
    whole = {"secret": _hex(SECRET), "calls": calls(), "transactions": transactions()}
    return json.dumps(whole, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
