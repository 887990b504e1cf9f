"""Reports: what reporters may say, and when their word counts.

Spec: docs/spec/reports.md
"""

from enum import IntEnum

INDEX, APPRAISAL, SHARE = 0, 1, 2  # kinds
# INDEX: (floor, bid prices at DEPTH_AT items, unrelated buyers' sales in 7 days, volatility [ppb a day])
# APPRAISAL: (P10, P50, P90, time of the last sale with a shared trait [ns]), all prices ETH atoms
# SHARE: (price of one whole,); `collection` is the instrument's number
DEPTH_AT = (1, 2, 5, 10, 20)


class Breaker(IntEnum):
    """What a collection's prices still allow, from everything to nothing but bids."""

    NORMAL = 0
    NO_BORROW = 1
    CLOSE_ONLY = 2
    FROZEN = 3


def feed_key(kind: int, collection: int, token: int = -1) -> int:
    """Return the number of a feed: kind, collection (or instrument) and token, -1 for the whole."""
    return ((collection << 40) + token + 1) * 4 + kind
