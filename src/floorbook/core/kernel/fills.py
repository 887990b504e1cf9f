"""The fills among a batch's event rows."""

import numpy as np

from floorbook.core.kernel.rows import EVENT, FILLED

_EVENTS = np.dtype(
    {
        "names": ["kind", "side", "market", "account", "maker", "price", "lots"],
        "formats": ["u1", "i1", "u1", "<u4", "<u4", "<i8", "<i8"],
        "offsets": [0, 2, 3, 24, 28, 32, 40],
        "itemsize": EVENT.size,
    }
)


def fills(events: bytes) -> list[tuple[int, ...]]:
    """Return (side, market, taker, maker, price [ticks], lots) of each fill, in order."""
    rows = np.frombuffer(events, _EVENTS)
    filled = rows[rows["kind"] == FILLED]
    names = ("side", "market", "account", "maker", "price", "lots")
    return list(zip(*(filled[name].tolist() for name in names), strict=True))
