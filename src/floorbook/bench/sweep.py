"""The risk sweep: a million accounts with a position in each of eight markets."""

import time
from typing import Any

from floorbook.bench.kernel_flow import MARK, Shape, new_kernel, set_mark

LOTS = 10


def measure(quick: bool) -> dict[str, Any]:
    """Return ms of a sweep with nobody, 0.1 % and 5 % of the accounts flagged for the exact check."""
    accounts = 20_000 if quick else 1_000_000
    shape = Shape(resting=1_024, accounts=accounts, commands=0)
    kernel = new_kernel(shape)
    for market in range(shape.markets):
        for account in range(0, accounts - 1, 2):
            kernel.trade(1, market, account, account + 1, LOTS, LOTS * MARK * 1_000)
    figures: dict[str, Any] = {"accounts": accounts, "positions_each": shape.markets}
    figures["ms_nobody"] = _sweep_ms(kernel, 0)
    for name, share in (("ms_0.1_percent", 1_000), ("ms_5_percent", 20)):
        figures[name] = _sweep_ms(kernel, _impoverish(kernel, accounts, share))
    return figures


def _impoverish(kernel: Any, accounts: int, every: int) -> int:
    """Take the money of one account in `every`; return how many are below their margin then."""
    for account in range(every, accounts, every):
        kernel.adjust(account, 0, -kernel.cash(account, 0))
    return len(kernel.sweep())


def _sweep_ms(kernel: Any, expected: int) -> float:
    """Return the best of five sweeps after a mark change [ms]."""
    times = []
    for lap in range(5):
        set_mark(kernel, 0, MARK + lap % 2)
        began = time.perf_counter()
        found = len(kernel.sweep())
        times.append((time.perf_counter() - began) * 1e3)
        assert abs(found - expected) <= max(1, expected // 10)
    return round(min(times), 2)
