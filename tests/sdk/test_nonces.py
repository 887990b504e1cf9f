"""Nonces rise strictly, whatever the clock does and whoever asks."""

from concurrent.futures import ThreadPoolExecutor

from floorbook.sdk.nonces import Nonces, nonces_of


def test_the_clock_may_stand_or_go_back() -> None:
    clock = iter([1_000, 1_000, 999, 2_000])
    nonces = Nonces(lambda: next(clock))
    assert [nonces.next() for _ in range(4)] == [1_000, 1_001, 1_002, 2_000]


def test_threads_never_get_the_same() -> None:
    nonces = Nonces(lambda: 5)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: nonces.next(), range(2_000)))
    assert sorted(got) == list(range(5, 2_005))


def test_one_count_for_a_key_in_a_process() -> None:
    assert nonces_of(b"maker") is nonces_of(b"maker")
    assert nonces_of(b"maker") is not nonces_of(b"taker")
