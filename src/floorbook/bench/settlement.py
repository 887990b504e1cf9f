"""What a batch costs: hashing the accounts that changed, and finding out from the state which those are.

The bare figure hashes the very same bytes, one call after the other and nothing else, in the same run.
"""

import time
from collections.abc import Callable
from random import Random
from typing import Any

from floorbook.chain.batches import Committer
from floorbook.chain.leaves import Leaf, content_of, record_of
from floorbook.chain.tree import NODE, RECORD_BYTES, MerkleSumTree, depth_of
from floorbook.core.commands import Deposit, Genesis, OpenAccount
from floorbook.core.engine import Engine
from floorbook.pricing.eip712 import keccak256
from floorbook.units import ETH

CHANGED = 10_000
ACCOUNTS = 100_000
REPEATS = 9


def measure_roots(is_quick: bool) -> dict[str, Any]:
    """Root changed accounts, alone and among many, against the bare hashing of the same bytes."""
    changed, accounts = (200, 1_000) if is_quick else (CHANGED, ACCOUNTS)
    alone = _rooted(changed, changed)
    among = _rooted(changed, accounts)
    return {
        "changed_accounts": changed,
        **alone,
        **{f"{name}_among_{accounts}": value for name, value in among.items()},
        **_derived(changed),
    }


def _rooted(changed: int, accounts: int) -> dict[str, Any]:
    leaves = [_leaf(number) for number in range(accounts)]
    tree = MerkleSumTree()
    for leaf in leaves:
        tree.update(leaf.number, record_of(leaf))
    tree.root()
    chosen = sorted(Random(accounts).sample(range(accounts), changed))
    preimages = _preimages(tree, [leaves[number] for number in chosen])

    def root() -> None:
        for number in chosen:
            tree.update(number, record_of(leaves[number]))
        tree.root()

    def bare() -> None:
        for preimage in preimages:
            keccak256(preimage)

    rooted, hashed = _fastest(root, bare)
    return {"root_ms": _ms(rooted), "bare_hashing_ms": _ms(hashed), "root_ratio": round(rooted / hashed, 2)}


def _derived(accounts: int) -> dict[str, Any]:
    """Time the way from a state to a batch: every account new, and no account changed."""
    engine = Engine()
    engine.apply(1, 1, Genesis(operator=b"operator"))
    for number in range(accounts):
        engine.apply(2 * number + 2, 1, OpenAccount(owner=keccak256(number.to_bytes(8))[:20]))
        account = len(engine.state.owner_of) - 1
        deposit = Deposit(account=account, asset=ETH, amount=10**9 + number, reference=b"%d" % number)
        engine.apply(2 * number + 3, 1, deposit)
    committer = Committer()
    committer.commit(engine.state, 1)
    first, again = _fastest(
        lambda: Committer().commit(engine.state, 1), lambda: committer.commit(engine.state, 2)
    )
    return {"batch_ms_all_new": _ms(first), "batch_ms_unchanged": _ms(again)}


def _leaf(number: int) -> Leaf:
    """Return a trader with a position and every eighth time a token."""
    random = Random(number)
    amount = random.randrange(10**12)
    return Leaf(
        number=number, owner=keccak256(number.to_bytes(8))[:20], status=0,
        lanes=(amount, 0, 2 * amount, 0, 0, 0), locked=(0, 0),
        positions=((0, 0, random.randrange(-(10**6), 10**6), amount),),
        tokens=((0, number),) if number % 8 == 0 else (),
    )  # fmt: skip


def _preimages(tree: MerkleSumTree, changed: list[Leaf]) -> list[bytes]:
    """Return everything that is hashed when these accounts change."""
    found: list[bytes] = []
    for leaf in changed:
        found += [_position_bytes(leaf)] * bool(leaf.positions) + [bytes(12)] * bool(leaf.tokens)
        found.append(content_of(leaf))
    numbers = {leaf.number for leaf in changed}
    for _ in range(depth_of(tree.count)):
        numbers = {number >> 1 for number in numbers}
        found += [NODE + number.to_bytes(2 * RECORD_BYTES) for number in numbers]
    return found


def _position_bytes(leaf: Leaf) -> bytes:
    return bytes(37 * len(leaf.positions))


def _fastest(*works: Callable[[], object]) -> list[float]:
    """Return the shortest processor time of each [s], in turns: what else the machine does only adds."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(REPEATS):
        for work, taken in zip(works, times, strict=True):
            began = time.process_time()
            work()
            taken.append(time.process_time() - began)
    return [min(taken) for taken in times]


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 1)
