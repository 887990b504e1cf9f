"""docs/spec/index.md, section by section."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import index
from floorbook.core.rules.index import Accumulator, Limited, Quote
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, PPB_ONE

NOW = 1_000 * HOUR_NS


def test_the_index_is_the_middle_of_lowest_floor_and_highest_bid() -> None:
    quotes = [Quote(10_200, 9_700, NOW), Quote(10_000, 9_800, NOW), Quote(10_400, 9_750, NOW)]
    assert index.raw_index(quotes, NOW, quorum=3) == 9_900


def test_a_bid_above_the_floor_counts_as_the_floor() -> None:
    assert index.index_price(100, 120) == 100
    assert index.index_price(101, 100) == 100


def test_too_few_fresh_venues_are_no_index() -> None:
    fresh, old = Quote(100, 90, NOW), Quote(100, 90, NOW - index.AGE_MAX_NS - 1)
    assert index.raw_index([fresh, old], NOW, quorum=2) is None
    assert index.raw_index([fresh, old], NOW, quorum=1) == 95
    assert index.raw_index([], NOW, quorum=0) is None


def test_one_venue_alone_cannot_pull_the_floor_down_or_the_bid_up() -> None:
    quotes = [Quote(1_000, 900, NOW), Quote(1_010, 905, NOW), Quote(500, 1_000, NOW)]
    # Floors: median 1,000, so 500 counts as 950; bids: median 905, so 1,000 counts as 950.
    assert index.raw_index(quotes, NOW, quorum=3) == 950


@given(st.lists(st.integers(1, 2**40), min_size=1, max_size=9), st.integers(0, PPB_ONE))
def test_clipped_prices_lie_in_the_band(prices: list[int], band: int) -> None:
    middle = index.median(prices)
    for price, kept in zip(prices, index.clip(prices, band), strict=True):
        assert abs(kept - middle) * PPB_ONE <= band * middle
        assert kept == price or abs(price - middle) * PPB_ONE > band * middle


def test_median_of_an_even_number_is_the_mean_of_both() -> None:
    assert index.median([3_375, 1_000, 2_250, 1_500]) == 1_875
    assert index.median([1, 2]) == 1


def test_the_limiter_moves_at_a_rate_per_hour() -> None:
    start = index.start_limit(1_000, NOW)
    assert index.limit_move(start, 2_000, NOW + HOUR_NS // 2, 200_000_000).value == 1_100
    assert index.limit_move(start, 500, NOW + HOUR_NS // 2, 200_000_000).value == 900
    assert index.limit_move(start, 1_050, NOW + HOUR_NS // 2, 200_000_000).value == 1_050
    # The second hour starts from a new anchor: 1,200 * 20 %.
    assert index.limit_move(start, 2_000, NOW + 2 * HOUR_NS, 200_000_000).value == 1_440


@given(
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    st.integers(50_000_000, 2 * PPB_ONE),
    st.integers(0, HOUR_NS),
    st.lists(st.integers(0, 5 * HOUR_NS), min_size=1, max_size=12),
)
def test_the_number_of_updates_changes_nothing(
    value: int, raw: int, rate: int, start: int, moments: list[int]
) -> None:
    first = Limited(value, value, NOW + start)
    times = sorted(first.at + moment for moment in moments)
    many = first
    for at in times:
        many = index.limit_move(many, raw, at, rate)
    assert many == index.limit_move(first, raw, times[-1], rate)
    assert min(value, raw) <= many.value <= max(value, raw)


def test_a_cheap_index_still_moves() -> None:
    assert index.limit_move(Limited(2, 2, NOW), 5, NOW + HOUR_NS, 100_000_000).value == 3


def test_a15_opening_toward_raw_pays_the_gap() -> None:
    # Audit A15: the true floor is 20 % lower and everybody would sell at a price known to fall.
    assert index.surcharges(80, 100) == (0, 200_000_000)
    assert index.surcharges(120, 100) == (200_000_000, 0)
    assert index.surcharges(99, 100) == (0, 0)
    assert index.surcharges(1_000, 1) == (PPB_ONE, 0)


def test_a15_liquidation_needs_both_marks() -> None:
    assert index.marks_to_test(1_000, 99, 100) == (1_000,)
    assert index.marks_to_test(1_000, 80, 100) == (1_000, 800)


@pytest.mark.parametrize(
    ("minutes", "shock"), [(0, 0), (1, 10_000_000), (20, 200_000_000), (600, 200_000_000)]
)
def test_a14_staleness_is_no_shield(minutes: int, shock: int) -> None:
    assert index.stale_shock(minutes * MINUTE_NS) == shock
    assert index.shock_loss(1_000, shock) == shock * 1_000 // PPB_ONE


def test_a_day_of_staleness_ends_the_market() -> None:
    assert not index.must_wind_up(DAY_NS - 1)
    assert index.must_wind_up(DAY_NS)


def test_the_average_is_weighted_by_time() -> None:
    # BendDAO's test: 400 from 15, 410 from 30, 420 from 45: 405 between 15 and 45.
    marks = [Accumulator(0, 400, 15)]
    for price, at in [(410, 30), (420, 45)]:
        marks.append(index.accumulate(marks[-1], price, at))
    assert index.twap(marks[0], marks[2]) == 405
    assert index.twap(marks[1], marks[2]) == 410
    assert index.twap(marks[2], marks[2]) == 420
