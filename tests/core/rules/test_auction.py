"""The price against the power in Decimal, the set against trying all of them, the money against its sums."""

from decimal import Decimal, localcontext
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from floorbook.core.rules import auction as rule
from floorbook.core.rules.auction import Candidate, Curve
from floorbook.units import CASH_MAX, HOUR_NS, MINUTE_NS

ETHER = 10**9
amounts = st.integers(min_value=1, max_value=10**15)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    low, middle, high = sorted(draw(st.tuples(amounts, amounts, amounts)))
    return Curve(start=high, par=middle, end=low)


def power(high: int, low: int, elapsed: int, duration: int) -> Decimal:
    """The second implementation of the falling price."""
    with localcontext(prec=50):
        return Decimal(high) * (Decimal(low) / Decimal(high)) ** (Decimal(elapsed) / Decimal(duration))


# ---- the price ---------------------------------------------------------------------------------


def test_the_terms_of_a_sale() -> None:
    # P50 40, V_liq 30: start 1.2 * 40, par 40, end 0.7 * 30.
    assert rule.curve(40 * ETHER, 30 * ETHER, 0) == Curve(48 * ETHER, 40 * ETHER, 21 * ETHER)


def test_a_better_standing_bid_is_the_start() -> None:
    assert rule.curve(40 * ETHER, 30 * ETHER, 50 * ETHER).start == 50 * ETHER


def test_an_appraisal_below_the_end_does_not_bend_the_curve_upwards() -> None:
    # 1.2 * 10 is below 0.7 * 30 = 21.
    assert rule.curve(10 * ETHER, 30 * ETHER, 0) == Curve(21 * ETHER, 21 * ETHER, 21 * ETHER)


def test_a_worthless_token_has_a_curve() -> None:
    assert rule.curve(0, 0, 0) == Curve(1, 1, 0)


@given(curves())
def test_start_par_and_end_are_met_exactly(prices: Curve) -> None:
    assert rule.price_at(prices, 0) == prices.start
    assert rule.price_at(prices, rule.EXPONENTIAL_NS) == prices.par
    assert rule.price_at(prices, rule.DURATION_NS) == prices.end
    assert rule.price_at(prices, 10 * rule.DURATION_NS) == prices.end


@given(curves(), st.lists(st.integers(0, rule.DURATION_NS), min_size=2, max_size=20))
def test_the_price_never_rises(prices: Curve, times: list[int]) -> None:
    asked = [rule.price_at(prices, at) for at in sorted(times)]
    assert asked == sorted(asked, reverse=True)


@given(curves(), st.integers(0, rule.EXPONENTIAL_NS - 1))
@example(Curve(10**15, 1, 1), 1)
def test_the_price_never_rises_from_one_nanosecond_to_the_next(prices: Curve, at: int) -> None:
    assert rule.price_at(prices, at) >= rule.price_at(prices, at + 1)


@given(st.integers(1, 10**15), st.integers(1, 1_000), st.integers(0, rule.EXPONENTIAL_NS))
def test_the_power_is_the_power(low: int, ratio: int, elapsed: int) -> None:
    high = low * ratio
    expected = power(high, low, elapsed, rule.EXPONENTIAL_NS)
    asked = rule.exponential(high, low, elapsed, rule.EXPONENTIAL_NS)
    assert expected - 1 < asked < expected * (1 + Decimal("1e-11")) + 2


def test_half_way_through_the_power_is_the_geometric_mean() -> None:
    # sqrt(144 * 100) = 120.
    assert rule.exponential(144 * ETHER, 100 * ETHER, HOUR_NS, 2 * HOUR_NS) == 120 * ETHER


def test_the_line_in_the_middle() -> None:
    prices = Curve(48 * ETHER, 40 * ETHER, 20 * ETHER)
    assert rule.price_at(prices, 4 * HOUR_NS) == 30 * ETHER
    assert rule.price_at(prices, 5 * HOUR_NS) == 25 * ETHER


def test_the_largest_prices_fit() -> None:
    prices = rule.curve(CASH_MAX, CASH_MAX, CASH_MAX)
    assert prices == Curve(CASH_MAX, CASH_MAX, -(-CASH_MAX * 7 // 10))
    assert rule.price_at(Curve(CASH_MAX, 1, 0), rule.EXPONENTIAL_NS - 1) >= 1


@given(curves(), st.integers(0, 10**15))
def test_the_time_at_which_a_price_is_reached(prices: Curve, price: int) -> None:
    at = rule.falls_to(prices, price)
    if at is None:
        assert price < prices.end
        return
    assert rule.price_at(prices, at) <= price
    assert at == 0 or rule.price_at(prices, at - 1) > price


# ---- the clock ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "paused", "paused_since", "resumes", "runs"),
    [
        (10, 0, 0, 0, 10),  # runs
        (10, 4, 0, 0, 6),  # stood still before
        (10, 0, 7, 0, 7),  # stands still
        (10, 0, 7, 12, 7),  # in its grace
        (15, 0, 7, 12, 10),  # the grace is over, the tick has not come yet
        (15, 2, 7, 12, 8),
    ],
)
def test_the_clock_counts_running_time(
    now: int, paused: int, paused_since: int, resumes: int, runs: int
) -> None:
    base = 1_000
    shifted = [at + base if at else 0 for at in (paused_since, resumes)]
    assert rule.running_ns((base + now), base, paused, *shifted) == runs


# ---- which tokens ------------------------------------------------------------------------------


def fewest(candidates: list[Candidate], need: int) -> list[int]:
    """The second implementation: try all sets of one, of two, ..."""
    if need <= 0:
        return []
    for count in range(1, len(candidates) + 1):
        fitting = [
            (sum(c.gain for c in chosen), sorted(c.key for c in chosen))
            for chosen in combinations(candidates, count)
            if sum(c.gain for c in chosen) >= need
        ]
        if fitting:
            return min(fitting)[1]
    return sorted(c.key for c in candidates)


@given(
    st.dictionaries(st.integers(0, 50), st.integers(-5, 60), max_size=9),
    st.integers(-10, 300),
)
@example({1: 5, 2: 5, 3: 5, 4: 5}, 10)
def test_the_smallest_set_is_the_one_that_trying_all_finds(gains: dict[int, int], need: int) -> None:
    candidates = [Candidate(key, gain) for key, gain in gains.items()]
    assert rule.smallest_set(candidates, need) == fewest(candidates, need)


def test_one_token_that_suffices_goes_before_two_cheaper_ones() -> None:
    candidates = [Candidate(1, 4), Candidate(2, 4), Candidate(3, 9), Candidate(4, 8)]
    assert rule.smallest_set(candidates, 7) == [4]


def test_twenty_tokens_are_searched_exactly_and_more_greedily() -> None:
    twenty = [Candidate(key, 100 + key) for key in range(20)]
    found = rule.smallest_set(twenty, 1_045)  # ten of them: 1,000 + their keys
    assert len(found) == 10
    assert sum(100 + key for key in found) == 1_045
    more = [Candidate(key, 1) for key in range(50)]
    assert rule.smallest_set(more, 3) == [0, 1, 2]


def test_the_queue_of_a_collection() -> None:
    assert [rule.queue_capacity(sales) for sales in (0, 3, 4, 7, 8, 100)] == [1, 1, 1, 1, 2, 25]


# ---- the money ---------------------------------------------------------------------------------


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.booleans())
def test_the_parts_sum_to_the_price_and_the_debt_comes_first(price: int, debt: int, keeper: bool) -> None:
    parts = rule.split(price, debt, has_keeper=keeper)
    each = (parts.to_debt, parts.to_keeper, parts.to_protocol, parts.to_insurance, parts.to_owner)
    assert sum(each) == price
    assert min(each) >= 0
    assert parts.to_debt == min(price, debt)
    penalty = parts.to_keeper + parts.to_protocol + parts.to_insurance
    assert penalty <= price * 5 // 100 + 1
    assert parts.to_owner == 0 or penalty * 100 >= price * 5


def test_a_sale_with_a_surplus() -> None:
    # 100 ETH for a debt of 60: keeper 1 + 0.02, protocol 1, insurance 5 - 2.02, owner 35.
    parts = rule.split(100 * ETHER, 60 * ETHER, has_keeper=True)
    assert parts == rule.Split(60 * ETHER, 1_020_000_000, ETHER, 2_980_000_000, 35 * ETHER)


def test_a_sale_that_only_just_pays_the_debt_has_no_penalty() -> None:
    # A8: 70 for a debt of 70 leaves nothing to take.
    assert rule.split(70 * ETHER, 70 * ETHER, has_keeper=True) == rule.Split(70 * ETHER, 0, 0, 0, 0)


def test_the_keeper_never_gets_more_than_the_penalty() -> None:
    # 5 % of 0.1 ETH is less than the tip.
    parts = rule.split(ETHER // 10, 0, has_keeper=True)
    assert parts == rule.Split(0, 5_000_000, 0, 0, 95_000_000)


@pytest.mark.parametrize(
    ("end", "means", "best_bid", "paid"),
    [(20, 100, -1, 20), (20, 5, -1, 5), (20, 0, -1, 0), (20, 100, 19, 20), (20, 100, 20, -1), (20, 0, 3, -1)],
)
def test_after_the_last_run_the_higher_of_vault_and_bid_takes_the_token(
    end: int, means: int, best_bid: int, paid: int
) -> None:
    assert rule.backstop(end, means, best_bid) == paid


def test_the_times_stand_in_order() -> None:
    assert MINUTE_NS == rule.COOL_OFF_NS < rule.SELF_START_NS
