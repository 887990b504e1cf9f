"""The memory of the compiled kernel: flat arrays of rows that begin at a cache line and grow by copying.

Each list of fields is the C struct of the same name in book.pxd; Cython refuses an array that differs.
"""

from typing import Any

import numpy as np

ORDERS = [
    *((name, "i8") for name in ("lots", "expires", "placed", "arrival")), ("price", "i4"),
    *((name, "u4") for name in ("account", "next", "prev", "own_next", "own_prev", "generation")),
    ("market", "u1"), ("side", "i1"), ("flags", "u1"), ("live", "u1"),
]  # fmt: skip
LEVELS = [("head", "u4"), ("tail", "u4")]
POSITIONS = [
    ("size", "i8"), ("entry", "i8"), ("open", "i8", 2), ("cost", "i8", 2), ("margin", "i8"),
    ("head", "u4"), ("reduce_only", "u4"),
]  # fmt: skip
TERMS = [("limit", "i8"), ("rate", "i8")]
ACCOUNTS = [
    ("quote", "i8", 2), ("value", "i8", 2), ("margin", "i8", 2), ("markets", "u4"), ("epoch", "u4"),
    ("owner", "u4"), ("orders", "u2"), ("flags", "u1"), ("fee_tier", "u1"),
]  # fmt: skip
CREDITS = [("initial", "i8"), ("maintenance", "i8"), ("sibling", "u4"), ("zero", "u4")]
EVENTS = [
    ("kind", "u1"), ("reason", "u1"), ("side", "i1"), ("market", "u1"), ("index", "u4"), ("order", "u8"),
    ("maker_order", "u8"), ("account", "u4"), ("maker", "u4"),
    *((name, "i8") for name in ("price", "lots", "fee", "maker_fee")),
]  # fmt: skip
TIERS = [("rate", "i8", 4), ("deduction", "i8", 4), ("edge", "i8"), ("count", "i8")]
MARKETS = [
    *((name, "i8") for name in ("asset", "unit", "price_max", "lots_max", "lots_min", "mode", "mark")),
    *((name, "i8") for name in ("band_low", "band_high", "open_interest_max", "limit")),
    ("surcharge", "i8", 2),
    *((name, "i8") for name in ("base", "mark_value", "size_max", "limit_lots", "open_interest", "peak")),
    ("best", "i8", 2), ("initial", TIERS), ("maintenance", TIERS),
    ("fee_taker", "i8", 8), ("fee_maker", "i8", 8), ("fee_count", "i8"),
]  # fmt: skip
SAVED = [("account", ACCOUNTS), ("position", POSITIONS), ("id", "u4"), ("zero", "u4")]

CACHE_LINE = 64  # [bytes]


def aligned_rows(count: int, dtype: Any) -> Any:
    """Return zeroed rows that begin at a cache line; the system puts large arrays on huge pages."""
    size = np.dtype(dtype).itemsize
    memory = np.zeros(count * size + CACHE_LINE, dtype=np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    return memory[start : start + count * size].view(dtype)


class Arena:
    """Arrays by name; whoever asks for a larger one gets a copy and drops what it held."""

    def __init__(self) -> None:
        self.arrays: dict[str, Any] = {}

    def grown(self, name: str, count: int, dtype: Any) -> Any:
        """Return the array with room for `count` rows."""
        old, new = self.arrays.get(name), aligned_rows(count, dtype)
        if old is not None:
            new[: len(old)] = old
        self.arrays[name] = new
        return new

    def spread(self, name: str, rows: int, stride: int, dtype: Any) -> Any:
        """Return the array of `rows` times `stride`; both may have grown."""
        old, new = self.arrays.get(name), aligned_rows(rows * stride, dtype)
        if old is not None:
            new.reshape(rows, stride)[: len(old), : old.shape[1]] = old
        self.arrays[name] = new.reshape(rows, stride)
        return new

    def column(self, name: str, field: str, rows: Any) -> Any:
        """Return one field of some rows as int64, of all its parts if it is an array."""
        array = self.arrays[name].reshape(-1)
        return (array[field] if field else array)[rows].astype(np.int64)
