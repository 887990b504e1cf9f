"""The whole state of a kernel as little-endian int64 numbers, the same in every build, and back.

Nothing of the memory's shape shows: no padding, no capacity, no cached sum.  Spec: docs/spec/kernel.md
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from floorbook.core.kernel.rows import DUMP_VERSION
from floorbook.units import ASSETS


def dump(kernel: Any) -> bytes:
    """Return the state; `kernel` is any build of `Kernel`."""
    markets, accounts, _ = kernel.counts()
    parts = [
        [DUMP_VERSION, *kernel.asset_terms(), markets],
        *(kernel.market_terms(market) for market in range(markets)),
        _accounts(kernel, accounts),
        _positions(kernel, accounts, markets),
        _slots(kernel),
        _orders(kernel),
    ]
    return b"".join(np.asarray(part, dtype="<i8").tobytes() for part in parts)


def load(kernel: Any, numbers: bytes) -> None:
    """Write a dump's state into an empty kernel; the bytes are those that `dump` wrote."""
    source = iter(np.frombuffer(numbers, dtype="<i8").tolist())
    assert next(source) == DUMP_VERSION
    kernel.set_asset_prices(_some(source, ASSETS), next(source), next(source))
    for _ in range(next(source)):
        terms = _some(source, 14)
        kernel.load_market(terms, *(_table(source) for _ in range(3)))
    for account in range(next(source)):
        owner, flags, fee_tier, initial, maintenance, *quotes = _some(source, 5 + ASSETS)
        kernel.open_account(-1 if owner == account else owner)
        kernel.set_account(account, flags, fee_tier)
        kernel.set_credit(account, initial, maintenance)
        kernel.load_quotes(account, quotes)
    for _ in range(next(source)):
        kernel.load_position(*_some(source, 6))
    generations = _some(source, next(source))
    kernel.load_slots(generations, _some(source, next(source)))
    for _ in range(next(source)):
        kernel.load_order(*_some(source, 9))
    assert next(source, None) is None


def _accounts(kernel: Any, count: int) -> Any:
    every = np.arange(count)
    columns = [
        kernel.column("accounts", "owner", every),
        kernel.column("accounts", "flags", every) & 3,
        kernel.column("accounts", "fee_tier", every),
        kernel.column("credits", "initial", every),
        kernel.column("credits", "maintenance", every),
        *kernel.column("accounts", "quote", every).reshape(-1, ASSETS).T,
    ]
    return np.append(count, np.stack(columns, axis=1))


def _positions(kernel: Any, accounts: int, markets: int) -> Any:
    """(account, market, size, entry, rate, limit) of every position that says something."""
    account, market = np.divmod(np.arange(accounts * markets), max(1, markets))
    index = account << kernel.stride_bits() | market
    size = kernel.column("holdings", "size", index)
    rate = kernel.column("terms", "rate", index)
    limit = kernel.column("terms", "limit", index)
    kept = np.flatnonzero((size != 0) | (rate != 0) | (limit != 0))
    entry = kernel.column("holdings", "entry", index[kept])
    columns = [account[kept], market[kept], size[kept], entry, rate[kept], limit[kept]]
    return np.append(len(kept), np.stack(columns, axis=1))


def _slots(kernel: Any) -> Any:
    """Generation of every slot, then the free slots; a slot is a row less one."""
    used, free = kernel.slot_counts()
    generations = kernel.column("orders", "generation", np.arange(used) + 1)
    return np.concatenate([[used], generations, [free], kernel.column("free", "", np.arange(free)) - 1])


def _orders(kernel: Any) -> Any:
    """Live orders by arrival."""
    every = np.arange(kernel.slot_counts()[0]) + 1
    live = every[kernel.column("orders", "live", every) != 0]
    live = live[np.argsort(kernel.column("orders", "arrival", live))]
    ids = kernel.column("orders", "generation", live) << 24 | live - 1
    names = ("account", "market", "side", "price", "lots", "flags", "expires", "placed")
    columns = [ids, *(kernel.column("orders", name, live) for name in names)]
    return np.append(len(live), np.stack(columns, axis=1))


def _some(source: Iterator[int], count: int) -> list[int]:
    return [next(source) for _ in range(count)]


def _table(source: Iterator[int]) -> list[tuple[int, int]]:
    return [(next(source), next(source)) for _ in range(next(source))]
