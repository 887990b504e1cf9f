"""Reports signed by the program, for the contract to accept or refuse: `contracts/test/vectors/report.json`.

The contract is the first one that a Foundry test creates; the last rows are other venues' published cases.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from floorbook.pricing import reports
from floorbook.pricing.eip712 import Domain, Key, keccak256

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "tests" / "vectors" / "adopted" / "nft_09_signed_reports.json"
ORACLE = bytes.fromhex("5615dEB798BB3E4dFa0139dFa1b3D433Cc23b72f")
NOW_NS = 1_750_000_000 * 10**9
SOURCE = keccak256(b"what the reporter read")
KEYS = tuple(Key(keccak256(b"reporter %d" % number)) for number in range(5))
SAID: tuple[tuple[int, int, int, tuple[int, ...]], ...] = (
    (0, -1, 0, (10**10, 99 * 10**8, 98 * 10**8, 97 * 10**8, 97 * 10**8, 0, 40, 30_000_000)),
    (0, 7804, 1, (9 * 10**9, 11 * 10**9, 14 * 10**9, 0)),
    (3, -1, 2, (2**60 - 1,)),
    (2, -1, 3, (2**31 - 1,)),
    (2**32 - 1, 2**63 - 1, 1, (1, 1, 1, NOW_NS - 10**9)),
)


class Said(NamedTuple):
    reporter: bytes
    collection: int
    token: int
    kind: int
    values: tuple[int, ...]
    sampled_from: int
    sampled_to: int
    round: int
    source: bytes
    signature: bytes


def report() -> dict[str, object]:
    domain = Domain(reports.LOCAL_CHAIN, ORACLE)
    rows = [_signed(number, key, domain) for number in range(len(SAID)) for key in KEYS]
    return {
        "provenance": "docs/spec/reports.md §8; published: tests/vectors/adopted/nft_09_signed_reports.json",
        "oracle": _hex(ORACLE),
        "now": str(NOW_NS // 10**9),
        "reporters": [_hex(key.address) for key in KEYS],
        "count": str(len(rows)),
        "reports": rows,
        "published": _published(),
    }


def _signed(number: int, key: Key, domain: Domain) -> dict[str, object]:
    collection, token, kind, values = SAID[number]
    times = (NOW_NS - 60 * 10**9, NOW_NS - 10**9, 1_000 + number)
    said = Said(key.address, collection, token, kind, values, *times, SOURCE, b"")
    return {
        "collection": str(collection),
        "token": str(token),
        "kind": str(kind),
        "values": [str(value) for value in values],
        "sampledFrom": str(times[0]),
        "sampledTo": str(times[1]),
        "round": str(times[2]),
        "source": _hex(SOURCE),
        "reporter": _hex(key.address),
        "digest": _hex(reports.digest(said, domain)),
        "signature": _hex(reports.sign(said, key, domain)),
    }


def _published() -> dict[str, object]:
    """The signature of EIP-712's own example, and its high-s twin, which must be nobody's."""
    cases: dict[str, Any] = {case["id"]: case for case in json.loads(PUBLISHED.read_text())["cases"]}
    right = cases["EIP-712 recover signer"]
    twin = next(case for name, case in cases.items() if name.startswith("malleable"))
    given = right["inputs"]
    return {
        "digest": "0x" + given["digest"],
        "signature": f"0x{given['r']}{given['s']}{given['v']:02x}",
        "twin": f"0x{given['r']}{twin['inputs']['s']}{twin['inputs']['v']:02x}",
        "signer": right["expected"],
    }


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
