"""Write the vectors that the contracts and the Python rules are both fed with.

    python -m tests.chain.vectors        writes contracts/test/vectors/*.json

Every expected value comes from `reference.py`.  Amounts are decimal strings, bytes are hexadecimal: both
sides read them exactly.  Lists carry their length beside them, because Foundry cannot ask for it.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.chain import reference
from tests.chain.reference import LANES, U128, Record

DIRECTORY = Path(__file__).resolve().parents[2] / "contracts" / "test" / "vectors"
MAX = U128 - 1
OPERATORS = tuple(0x1000 + number for number in range(3))  # secrets of the signers, never of anyone else
Json = dict[str, Any]


def main() -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, vectors in written().items():
        (DIRECTORY / name).write_text(vectors)


def written() -> dict[str, str]:
    """Return the text of each file."""
    made = {name: make() for name, make in FILES.items()}
    return {name: json.dumps(content, indent=1) + "\n" for name, content in made.items()}


def merkle_sum() -> Json:
    accounts = [account(number) for number in range(13)]
    records = [record_of(one) for one in accounts]
    lists = [records[:count] for count in (1, 2, 3, 4, 5, 8, 13)]
    top = Record(reference.keccak(b"top"), (0, 0, 0, 0, 0, MAX))
    full = [
        Record(reference.keccak(b"full"), (MAX,) * LANES),
        Record(reference.keccak(b"none"), (0,) * LANES),
    ]
    return {
        "about": "Leaves, nodes, roots and proofs of the tree of accounts.  Spec: docs/spec/settlement.md",
        "leafCount": str(len(accounts)),
        "leaves": [account_json(one) for one in accounts],
        "treeCount": str(len(lists) + 1),
        "trees": [tree(leaves) for leaves in [*lists, full]],
        "overflow": {"records": [hexed(one.pack()) for one in (top, Record(bytes(32), (0, 0, 0, 0, 0, 1)))]},
        "marks": marks(),
    }


def payouts() -> Json:
    random = Random("payouts")
    outstanding = [payout(number, random) for number in (1, 2, 5, 6, 7, 11, 12, 40, 41, 1_000_000)]
    lists = [outstanding[:count] for count in (0, 1, 2, 3, 7, 8, 10)]
    return {
        "about": "Leaves, roots and proofs of the outstanding payouts.  Spec: docs/spec/settlement.md",
        "treeCount": str(len(lists)),
        "trees": [payout_tree(one) for one in lists],
    }


def batches() -> Json:
    contract = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
    domain = reference.separator(31_337, contract)
    made = [batch_json(batch, domain) for batch in batch_fields()]
    return {
        "about": "Batches as EIP-712 typed data and their signatures.  Spec: docs/spec/settlement.md",
        "type": reference.BATCH_TYPE,
        "typeHash": hexed(reference.keccak(reference.BATCH_TYPE.encode())),
        "chainId": "31337",
        "verifyingContract": hexed(contract),
        "separator": hexed(domain),
        "batchCount": str(len(made)),
        "batches": made,
    }


def deposits() -> Json:
    random = Random("deposits")
    entries = [payout(sequence, random) for sequence in (1, 2, 3, 4, 99, 2**64 - 1)]
    return {
        "about": "What the vault keeps of each deposit.  Spec: docs/spec/settlement.md",
        "depositCount": str(len(entries)),
        "deposits": [
            {**entry_json(one, "sequence"), "record": hexed(reference.deposit_record(*one))}
            for one in entries
        ],
    }


FILES: dict[str, Callable[[], Json]] = {
    "merkle_sum.json": merkle_sum,
    "payouts.json": payouts,
    "batch.json": batches,
    "deposit_record.json": deposits,
}


def account(number: int) -> Json:
    """An account with more positions and tokens the higher its number; every fifth owes."""
    random = Random(f"account {number}")
    lanes = [random.randrange(2**60) if lane in (0, 2) else 0 for lane in range(LANES)]
    if number % 5 == 3:
        lanes = [0, random.randrange(2**60), lanes[2], 0, 0, random.randrange(2**40)]
    if number == 12:
        lanes = [2**100 + 1, 0, 0, 2**90 + 7, 2**64, 0]
    locked = [lanes[0] // (number % 3 + 2), lanes[2] if number % 4 == 1 else 0]
    positions = [
        (3 * market, market % 2, random.randrange(-(2**40), 2**40), random.randrange(-(2**56), 2**56))
        for market in range(number % 4)
    ]
    tokens = [(one // 2, random.randrange(2**40)) for one in range(number % 3)]
    status = 8 if number < 2 else number % 8 | 16 * (number == 11)
    return {
        "number": number,
        "owner": reference.keccak(b"owner %d" % number)[-20:],
        "status": status,
        "lanes": lanes,
        "locked": locked,
        "positions": positions,
        "tokens": sorted(tokens),
    }


def record_of(one: Json) -> Record:
    positions, tokens = reference.positions_hash(one["positions"]), reference.tokens_hash(one["tokens"])
    head = one["number"], one["owner"], one["status"], one["lanes"], one["locked"]
    return reference.account_leaf(*head, positions, tokens)


def account_json(one: Json) -> Json:
    positions = [dict(zip(("market", "asset", "size", "upnl"), map(str, row), strict=True))
                 for row in one["positions"]]  # fmt: skip
    tokens = [{"collection": str(collection), "token": str(token)} for collection, token in one["tokens"]]
    record = record_of(one)
    return {
        "number": str(one["number"]),
        "owner": hexed(one["owner"]),
        "status": str(one["status"]),
        "lanes": strings(one["lanes"]),
        "locked": strings(one["locked"]),
        "positionCount": str(len(positions)),
        "positions": positions,
        "positionsHash": hexed(reference.positions_hash(one["positions"])),
        "tokenCount": str(len(tokens)),
        "tokens": tokens,
        "tokensHash": hexed(reference.tokens_hash(one["tokens"])),
        "hash": hexed(record.hash),
        "record": hexed(record.pack()),
    }


def tree(records: Sequence[Record]) -> Json:
    root = reference.tree_root(records)
    proofs = [
        [hexed(sibling.pack()) for sibling in reference.tree_proof(records, number)]
        for number in range(len(records))
    ]
    return {
        "count": str(len(records)),
        "depth": str(reference.depth_of(len(records))),
        "records": [hexed(one.pack()) for one in records],
        "root": hexed(root.hash),
        "sums": strings(root.lanes),
        "proofs": proofs,
    }


def marks() -> Json:
    entries = [(0, 0, 125_000, 1_000), (1, 1, 2**31 - 1, 10), (7, 0, 1, 2**40)]
    rows = [dict(zip(("market", "asset", "mark", "unit"), map(str, row), strict=True)) for row in entries]
    return {"markCount": str(len(rows)), "marks": rows, "hash": hexed(reference.marks_hash(entries))}


def payout(number: int, random: Random) -> tuple[int, bytes, int, int, int]:
    """(number, owner, kind, id, value): money, or every third a token."""
    owner = reference.keccak(b"payee %d" % number)[-20:]
    if number % 3 == 0:
        return number, owner, 1, random.randrange(4), random.randrange(2**40)
    return number, owner, 0, number % 2, MAX if number == 5 else random.randrange(1, 2**60)


def entry_json(entry: tuple[int, bytes, int, int, int], first: str) -> Json:
    number, owner, kind, identity, value = entry
    return {
        first: str(number),
        "owner": hexed(owner),
        "kind": str(kind),
        "id": str(identity),
        "value": str(value),
    }


def payout_tree(entries: Sequence[tuple[int, bytes, int, int, int]]) -> Json:
    leaves = [reference.payout_leaf(*entry) for entry in entries]
    return {
        "count": str(len(entries)),
        "depth": str(reference.depth_of(len(entries))),
        "payouts": [
            {**entry_json(entry, "number"), "leaf": hexed(leaf)}
            for entry, leaf in zip(entries, leaves, strict=True)
        ],
        "root": hexed(reference.payouts_root(leaves)),
        "proofs": [
            [hexed(sibling) for sibling in reference.payouts_proof(leaves, index)]
            for index in range(len(leaves))
        ],
    }


def batch_fields() -> list[Json]:
    """A first batch of nothing, one of an exchange at work, and one with every member at its limit."""
    word = reference.keccak
    names = [member.split(" ") for member in reference.BATCH_TYPE[len("Batch(") : -1].split(",")]
    least = {"bytes32": bytes(32), "uint64": 0, "uint128[6]": [0] * 6, "uint128[2]": [0] * 2}
    most = {"bytes32": b"\xff" * 32, "uint64": 2**64 - 1, "uint128[6]": [MAX] * 6, "uint128[2]": [MAX] * 2}
    working = {
        "number": 7, "journalSeq": 1_234_567, "time": 1_795_000_000, "journalHead": word(b"head"),
        "accounts": 13, "accountsRoot": word(b"accounts"), "sums": [5 * 10**12, 10**12, 9 * 10**9, 1, 2, 3],
        "payouts": 3, "payoutsRoot": word(b"payouts"), "payoutNumber": 12, "depositSequence": 99,
        "withdrawn": [10**9, 10**6], "marksHash": word(b"marks"),
    }  # fmt: skip
    first = {name: least[kind] for kind, name in names} | {"number": 1}
    return [first, working, {name: most[kind] for kind, name in names}]


def batch_json(batch: Json, domain: bytes) -> Json:
    struct_hash = reference.batch_struct_hash(batch)
    digest = reference.digest(domain, struct_hash)
    signers = sorted(OPERATORS, key=reference.address_of)
    return {
        "batch": {name: field(value) for name, value in batch.items()},
        "structHash": hexed(struct_hash),
        "digest": hexed(digest),
        "signers": [hexed(reference.address_of(secret)) for secret in signers],
        "signatures": [hexed(reference.sign(secret, digest)) for secret in signers],
    }


def field(value: int | bytes | list[int]) -> str | list[str]:
    if isinstance(value, bytes):
        return hexed(value)
    return str(value) if isinstance(value, int) else strings(value)


def strings(values: Sequence[int]) -> list[str]:
    return [str(value) for value in values]


def hexed(data: bytes) -> str:
    return f"0x{data.hex()}"


if __name__ == "__main__":
    main()
