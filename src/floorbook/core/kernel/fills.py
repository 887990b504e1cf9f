"""What the rules need of a batch: its fills, and its orders that are good till a time."""

import numpy as np

from floorbook.core.kernel.rows import EVENT, FILLED, PLACED, ROW

_EVENTS = np.dtype(
    {
        "names": ["kind", "side", "market", "index", "order", "account", "maker", "price", "lots"],
        "formats": ["u1", "i1", "u1", "<u4", "<u8", "<u4", "<u4", "<i8", "<i8"],
        "offsets": [0, 2, 3, 4, 8, 24, 28, 32, 40],
        "itemsize": EVENT.size,
    }
)


_EXPIRES = np.dtype({"names": ["expires"], "formats": ["<i8"], "offsets": [40], "itemsize": ROW.size})


def fills(events: bytes) -> list[tuple[int, ...]]:
    """Return (side, market, taker, maker, price [ticks], lots) of each fill, in order."""
    rows = np.frombuffer(events, _EVENTS)
    filled = rows[rows["kind"] == FILLED]
    names = ("side", "market", "account", "maker", "price", "lots")
    return list(zip(*(filled[name].tolist() for name in names), strict=True))


def expiring(batch: bytes, events: bytes) -> list[tuple[int, int]]:
    """Return (expires [ns], order) of each placed order that is good till a time, in order."""
    expires = np.frombuffer(batch, _EXPIRES)["expires"]
    if not expires.any():
        return []
    rows = np.frombuffer(events, _EVENTS)
    placed = rows[rows["kind"] == PLACED]
    until = expires[placed["index"]]
    timed = until > 0
    return list(zip(until[timed].tolist(), placed["order"][timed].tolist(), strict=True))
