"""The kernel benchmark's command flow, recorded once and then replayed on fresh kernels.

    44.6 %  limit orders that rest (one in four post-only)       10 %  limit orders that cross
    40.4 %  cancels of a live order                               5 %  modifies of a live order

over 8 markets and 131,072 accounts around 2^20 resting orders, with margin checks, fees and rebates,
position limits, self-trade prevention and events on.  The recording asks the kernel which orders live,
so almost every cancel meets an order; what was filled meanwhile is refused as in life.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from floorbook.core.kernel import Kernel
from floorbook.core.kernel.rows import CANCEL, GTC, IOC, MODIFY, OPEN, PLACE, POST_ONLY

ROW = np.dtype(
    {
        "names": [
            "kind",
            "side",
            "tif",
            "flags",
            "account",
            "market",
            "zero",
            "order",
            "price",
            "lots",
            "expires",
        ],
        "formats": ["u1", "i1", "u1", "u1", "<u4", "<u4", "<u4", "<u8", "<i8", "<i8", "<i8"],
    }
)
MARK = 100_000  # [ticks]
BAND = 5_000
UNIT = 1_000  # [atoms per tick and lot]
SHARES = {"rest": 0.446, "cross": 0.100, "cancel": 0.404, "modify": 0.050}
BATCH = 2_048


@dataclass(frozen=True)
class Shape:
    """How large the world of one run is."""

    resting: int = 2**20
    accounts: int = 131_072
    commands: int = 10_000_000
    markets: int = 8
    seed: int = 1


def new_kernel(shape: Shape, make: type = Kernel) -> Any:
    """Return a kernel whose accounts are funded and whose markets are open."""
    kernel = make(shape.markets, shape.accounts, shape.resting + shape.resting // 8)
    for account in range(shape.accounts):
        # Every 64th account is a sub-account of the one before it: self-trade prevention has work.
        kernel.open_account(account - 1 if account % 64 == 63 else -1)
        kernel.adjust(account, 0, 10**15)
        kernel.set_account(account, 0, account % 3)
    for market in range(shape.markets):
        kernel.open_market(0, UNIT, 2**20, 2**24, 1)
        set_mark(kernel, market, MARK)
        kernel.set_fees(market, [(1_500_000, -500_000), (1_200_000, -500_000), (1_000_000, -500_000)])
    return kernel


def set_mark(kernel: Any, market: int, mark: int) -> None:
    """Begin a mark epoch with two margin tiers."""
    kernel.configure(
        market, OPEN, mark, mark - BAND, mark + BAND, 2**40, 10**14, 0, 0,
        [(20_000_000, 0), (50_000_000, 3 * 10**12)], [(10_000_000, 0), (25_000_000, 15 * 10**11)],
    )  # fmt: skip


def filling(shape: Shape) -> list[bytes]:
    """Return the batches that build the book up to its resting orders."""
    chance = np.random.default_rng(shape.seed)
    left = shape.resting
    batches = []
    while left:
        count = min(left, BATCH)
        batches.append(resting_orders(chance, shape, count).tobytes())
        left -= count
    return batches


def record(shape: Shape) -> tuple[list[bytes], list[bytes]]:
    """Return the filling batches and the flow, by running them once."""
    kernel = new_kernel(shape)
    first = filling(shape)
    for batch in first:
        kernel.process(1, batch)
    chance = np.random.default_rng(shape.seed + 1)
    batches: list[bytes] = []
    block = max(256, min(131_072, shape.resting // 8))  # between two looks at what lives
    left = shape.commands
    while left:
        count = min(left, block)
        rows = mixed_commands(kernel, chance, shape, count).tobytes()
        for start in range(0, len(rows), BATCH * ROW.itemsize):
            batches.append(rows[start : start + BATCH * ROW.itemsize])
            kernel.process(1, batches[-1])
        left -= count
    return first, batches


def mixed_commands(kernel: Any, chance: Any, shape: Shape, count: int) -> Any:
    """Return commands in the shares of `SHARES`, in random order."""
    kinds = chance.choice(4, size=count, p=list(SHARES.values()))
    rows = np.zeros(count, ROW)
    rest, cross, old = kinds == 0, kinds == 1, kinds >= 2
    rows[rest] = resting_orders(chance, shape, int(rest.sum()))
    rows[cross] = crossing_orders(chance, shape, int(cross.sum()))
    live = live_rows(kernel)
    picked = chance.choice(live, size=min(int(old.sum()), len(live)), replace=False)
    rows[np.flatnonzero(old)[: len(picked)]] = cancels(kernel, picked)
    modified = np.flatnonzero(kinds == 3)
    modified = modified[rows["kind"][modified] == CANCEL]
    rows["kind"][modified] = MODIFY
    shrink = chance.random(len(modified)) < 0.5  # half keep their place, half move
    rows["lots"][modified[shrink]] = np.maximum(1, rows["lots"][modified[shrink]] - 1)
    moved = modified[~shrink]
    rows["price"][moved] += np.where(rows["side"][moved] > 0, -1, 1) * chance.integers(1, 20, len(moved))
    rows["side"][modified] = 0
    return rows


def resting_orders(chance: Any, shape: Shape, count: int) -> Any:
    """Return limit orders behind the mark, dense near it."""
    rows = placements(chance, shape, count)
    away = 2 + np.minimum(chance.exponential(300, count).astype(np.int64), BAND - 100)
    rows["price"] = MARK - rows["side"] * away
    rows["tif"] = np.where(chance.random(count) < 0.25, POST_ONLY, GTC)
    rows["lots"] = chance.integers(1, 100, count)
    return rows


def crossing_orders(chance: Any, shape: Shape, count: int) -> Any:
    """Return limit orders that take what rests within a few ticks of the mark; the rest is cancelled."""
    rows = placements(chance, shape, count)
    rows["price"] = MARK + rows["side"].astype(np.int64) * BAND // 2
    rows["tif"] = IOC
    rows["lots"] = chance.integers(1, 60, count)
    return rows


def placements(chance: Any, shape: Shape, count: int) -> Any:
    """Return placements of random accounts; account 0 only receives fees."""
    rows = np.zeros(count, ROW)
    rows["kind"] = PLACE
    rows["side"] = chance.choice([1, -1], count)
    rows["account"] = chance.integers(1, shape.accounts, count)
    rows["market"] = chance.integers(0, shape.markets, count)
    return rows


def live_rows(kernel: Any) -> Any:
    """Return the rows of the live orders."""
    every = np.arange(kernel.slot_counts()[0]) + 1
    return every[kernel.column("orders", "live", every) != 0]


def cancels(kernel: Any, picked: Any) -> Any:
    """Return a cancel of each order; price, side and lots are the order's, for whoever makes it a modify."""
    rows = np.zeros(len(picked), ROW)
    rows["kind"] = CANCEL
    for name in ("account", "market", "price", "lots", "side"):
        rows[name] = kernel.column("orders", name, picked)
    rows["order"] = kernel.column("orders", "generation", picked) << 24 | picked - 1
    return rows
