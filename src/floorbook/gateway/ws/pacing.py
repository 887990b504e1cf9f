"""Not more often than the eye or a program can use: the first change at once, the later ones together."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")


class Pacer(Generic[K]):
    """Calls `act(key)` when a key is touched, and at most once an interval while it goes on."""

    def __init__(self, interval_s: float, act: Callable[[K], None]) -> None:
        self._interval_s = interval_s
        self._act = act
        self._resting: dict[K, bool] = {}  # key -> whether it was touched meanwhile

    def touch(self, key: K) -> None:
        """Something changed."""
        if key in self._resting:
            self._resting[key] = True
            return
        self._rest(key)
        self._act(key)

    def _rest(self, key: K) -> None:
        self._resting[key] = False
        asyncio.get_running_loop().call_later(self._interval_s, self._wake, key)

    def _wake(self, key: K) -> None:
        if not self._resting.pop(key):
            return
        self._rest(key)
        self._act(key)
