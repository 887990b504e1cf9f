"""Token buckets: the burst, the refill, every key for itself, and no memory without end."""

from floorbook.gateway import buckets
from floorbook.gateway.buckets import Buckets

SECOND = 10**9


def test_burst_then_refill() -> None:
    limits = Buckets(burst=3, per_minute=60)
    assert [limits.take("a", 1, 0) for _ in range(4)] == [True, True, True, False]
    assert limits.waits_ms("a", 1, 0) == 1_000
    assert not limits.take("a", 1, SECOND - 1)
    assert limits.take("a", 1, SECOND)
    assert not limits.take("a", 1, SECOND)
    assert [limits.take("a", 1, 100 * SECOND) for _ in range(4)] == [True, True, True, False]


def test_a_refusal_costs_nothing_and_keys_are_apart() -> None:
    limits = Buckets(burst=2, per_minute=60)
    assert not limits.take("a", 3, 0)
    assert limits.take("a", 2, 0)
    assert limits.take("b", 2, 0)
    assert limits.waits_ms("c", 2, 0) == 0


def test_the_oldest_keys_are_forgotten() -> None:
    limits = Buckets(burst=1, per_minute=1)
    for number in range(buckets.KEYS_MAX + 5):
        assert limits.take(str(number), 1, 0)
    assert len(limits._full_at) == buckets.KEYS_MAX
