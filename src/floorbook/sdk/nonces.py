"""Nonces: milliseconds since 1970, strictly increasing for each key, whichever thread asks.

The exchange accepts a nonce once for each signer, so every client of a key in this process shares one count.
"""

import threading
import time
from collections.abc import Callable

MS_NS = 10**6


def now_ms() -> int:
    """Return the time of now [ms]."""
    return time.time_ns() // MS_NS


class Nonces:
    """The nonces of one key."""

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        """Return a nonce [ms] larger than every one before."""
        with self._lock:
            self._last = max(self._clock(), self._last + 1)
            return self._last


_of_key: dict[bytes, Nonces] = {}
_lock = threading.Lock()


def nonces_of(address: bytes) -> Nonces:
    """Return the one count of a key's address in this process."""
    with _lock:
        return _of_key.setdefault(address, Nonces())
