"""Token buckets: so much at once, so much a minute, one for each key; keys that rest are forgotten."""

from collections import OrderedDict

KEYS_MAX = 100_000
NS_PER_MINUTE = 60 * 10**9


class Buckets:
    """How much each key may still ask; `burst` at once, refilled with `per_minute`."""

    def __init__(self, burst: int, per_minute: int) -> None:
        assert burst > 0
        assert per_minute > 0
        self._full_ns = burst * NS_PER_MINUTE // per_minute  # how long an empty bucket takes to fill
        self._cost_ns = NS_PER_MINUTE // per_minute
        self._full_at: OrderedDict[bytes | str, int] = OrderedDict()  # when the key's bucket is full again

    def take(self, key: bytes | str, cost: int, now_ns: int) -> bool:
        """Return whether the key may ask for so much now; if so, it is taken."""
        full_at = max(self._full_at.get(key, 0), now_ns) + cost * self._cost_ns
        if full_at - now_ns > self._full_ns:
            return False
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > KEYS_MAX:
            self._full_at.popitem(last=False)
        return True

    def waits_ms(self, key: bytes | str, cost: int, now_ns: int) -> int:
        """Return after how long the key may ask for so much [ms]; 0: now."""
        over = max(self._full_at.get(key, 0), now_ns) + cost * self._cost_ns - now_ns - self._full_ns
        return max(0, -(-over // 10**6))
