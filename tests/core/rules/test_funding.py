"""docs/spec/funding.md, section by section."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import funding
from floorbook.units import PPB_ONE

rates = st.integers(-funding.RATE_HOUR_MAX_PPB, funding.RATE_HOUR_MAX_PPB)


@st.composite
def books(draw: st.DrawFn) -> list[int]:
    sizes = draw(st.lists(st.integers(-(10**9), 10**9), max_size=20))
    return [*sizes, -sum(sizes)]


@given(st.integers(1, 2**40), st.integers(1, 10**6), rates, books())
def test_every_settlement_is_zero_sum_with_dust_for_the_fund(
    index: int, unit: int, rate: int, sizes: list[int]
) -> None:
    got = funding.settle(index, unit, rate, sizes)
    assert sum(got.credits) + got.dust == 0
    assert 0 <= got.dust < len(sizes)
    for size, credit in zip(sizes, got.credits, strict=True):
        exact = -Fraction(index * unit * size * rate, PPB_ONE)
        assert exact - 1 < credit <= exact  # payers round up, receivers down


def test_longs_pay_shorts_when_the_mark_is_above() -> None:
    # 20 ETH index, 1 and 0.5 PUNK, 0.05 %: 0.01 and 0.005 ETH.
    got = funding.settle(200_000, 1_000, 500_000, [100, -50, -50])
    assert got == funding.Settlement((-10_000_000, 5_000_000, 5_000_000), 0)


def test_dust_is_what_rounding_leaves() -> None:
    got = funding.settle(1, 1, 500_000_000, [1, 1, -1, -1])
    assert got == funding.Settlement((-1, -1, 0, 0), 2)


def test_sizes_that_do_not_cancel_are_our_bug() -> None:
    with pytest.raises(AssertionError):
        funding.settle(1, 1, 1, [1])


@pytest.mark.parametrize(
    ("mark", "index", "expected"),
    [(102, 100, 20_000_000), (98, 100, -20_000_000), (4, 3, 333_333_333), (2, 3, -333_333_333)],
)
def test_premium_goes_toward_zero(mark: int, index: int, expected: int) -> None:
    assert funding.premium(mark, index) == expected


def test_missing_samples_count_as_zero() -> None:
    assert funding.hourly_rate([24_000] * 60, 10**9) == 1_000
    assert funding.hourly_rate([24_000] * 30, 10**9) == 500
    assert funding.hourly_rate([], 10**9) == 0
    assert funding.hourly_rate([-24_001] * 60, 10**9) == -1_000


def test_the_clamp_of_the_hour() -> None:
    assert funding.rate_cap(100_000_000, 50_000_000) == 5_000_000  # 3.75 % by margin, so 0.5 % binds (A18)
    assert funding.rate_cap(20_000_000, 16_000_000) == 3_000_000
    assert funding.hourly_rate([PPB_ONE] * 60, 5_000_000) == 5_000_000
    assert funding.hourly_rate([-PPB_ONE] * 60, 5_000_000) == -5_000_000


def test_the_clamp_of_the_day_stops_the_payer_and_never_turns_the_sign() -> None:
    full_day = [5_000_000] * 8
    assert funding.hourly_rate([PPB_ONE] * 60, 5_000_000, full_day) == 0
    assert funding.hourly_rate([PPB_ONE] * 60, 5_000_000, full_day[:7] + [2_000_000]) == 3_000_000
    assert funding.hourly_rate([-PPB_ONE] * 60, 5_000_000, full_day) == -5_000_000
    assert funding.hourly_rate([PPB_ONE] * 60, 5_000_000, [5_000_000] * 9) == 0


@given(st.lists(st.lists(st.integers(-PPB_ONE, PPB_ONE), max_size=61), min_size=1, max_size=60))
def test_no_side_pays_more_than_four_percent_in_any_day(hours: list[list[int]]) -> None:
    history: list[int] = []
    for samples in hours:
        history.append(funding.hourly_rate(samples * 30, 5_000_000, history[-23:]))
    for start in range(len(history)):
        day = history[start : start + 24]
        assert sum(rate for rate in day if rate > 0) <= funding.RATE_DAY_MAX_PPB
        assert sum(-rate for rate in day if rate < 0) <= funding.RATE_DAY_MAX_PPB


def test_the_sample_second_is_spread_and_depends_on_the_hash() -> None:
    one, two = bytes(32), bytes([1] * 32)
    seconds = [funding.sample_second(one, minute) for minute in range(6_000)]
    assert {*seconds} == {*range(60)}
    assert max(seconds.count(second) for second in range(60)) < 160
    assert seconds != [funding.sample_second(two, minute) for minute in range(6_000)]


def test_an_impact_premium_needs_depth_beyond_the_index() -> None:
    assert funding.impact_premium(101, 101, 102, 102, 100) == 10_000_000
    assert funding.impact_premium(98, 98, 99, 99, 100) == -10_000_000
    assert funding.impact_premium(99, 99, 101, 101, 100) == 0
    assert funding.impact_premium(101, None, 102, None, 100) == 0
    assert funding.impact_premium(None, None, None, None, 100) == 0
