"""How much one key may ask of /exchange: a bucket of weight for each.

    weight of a request   1, and 1 more for every 40 orders in it

Limits of IP addresses stand in front of every route (guard).  Spec: docs/api.md §6
"""

import time
from collections.abc import Callable

from floorbook.gateway.buckets import Buckets


class Limits:
    """The weight that keys have left; a rate of 0 is none."""

    def __init__(self, burst: int, per_minute: int, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._buckets = Buckets(burst, per_minute) if per_minute else None
        self._clock = clock

    def take(self, key: bytes, weight: int) -> bool:
        """Return whether a key may ask for so much now; if so, it is taken."""
        return self._buckets is None or self._buckets.take(key, weight, self._clock())
