"""Collateral's rules: examples worked by hand from docs/spec/collateral.md, and what always holds."""

from decimal import Decimal, localcontext
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import collateral as rule
from floorbook.core.rules.auction import END_PPB
from floorbook.core.rules.collateral import POINT, Conditions, Point
from floorbook.core.rules.reports import DEPTH_AT
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE

ETH = 10**9
NOW = 10**18
prices = st.integers(1, 2**42)
shares = st.integers(0, PPB_ONE)
books = st.lists(st.integers(0, 2**42), min_size=len(DEPTH_AT), max_size=len(DEPTH_AT)).map(
    lambda bids: tuple(sorted(bids, reverse=True))
)
conditions = st.builds(
    Conditions,
    sigma_day=st.integers(0, 3 * PPB_ONE),
    depth=shares,
    age_ns=st.integers(0, 2 * DAY_NS),
    sales_week=st.integers(0, 10_000),
    pledged=st.integers(0, 500),
    pledged_max=st.integers(0, 300),
)
tiers = st.sampled_from(sorted(rule.TIERS))


def history(*pieces: tuple[int, int, int]) -> list[Point]:
    """Points from (seconds, floor, index) pieces."""
    points = [Point(0, 0, 0)]
    for seconds, floor, index in pieces:
        last = points[-1]
        points.append(Point(last.at_s + seconds, last.floor + floor * seconds, last.index + index * seconds))
    return points


# --- averages ----------------------------------------------------------------------------------------


def test_average_weighs_prices_by_time() -> None:
    points = history((3_600, 100, 10), (3_600, 200, 30))
    assert rule.averages(points, 7_200, (0, 0)) == (150, 20)
    # The span of 90 minutes takes half of the first hour: (100 * 1,800 + 200 * 3,600) / 5,400.
    assert rule.averages(points, 5_400, (0, 0)) == (166, 23)


def test_a_short_history_is_all_there_is_and_none_is_now() -> None:
    assert rule.averages(history((60, 100, 10)), 86_400, (7, 7)) == (100, 10)
    assert rule.averages([], 86_400, (7, 8)) == (7, 8)
    assert rule.averages([Point(5, 0, 0)], 86_400, (7, 8)) == (7, 8)


def test_floor_at_a_time_is_its_hours() -> None:
    points = history((3_600, 100, 1), (3_600, 200, 1))
    assert [rule.floor_at(points, at, 7) for at in (-5, 10, 3_700, 99_999)] == [100, 100, 200, 200]
    assert rule.floor_at(points[:1], 10, 7) == 7


@given(st.lists(st.tuples(st.integers(1, 5_000), prices, prices), min_size=1), st.integers(1, 10**6))
def test_an_average_lies_between_its_prices(pieces: list[tuple[int, int, int]], span: int) -> None:
    floor, index = rule.averages(history(*pieces), span, (1, 1))
    assert min(p[1] for p in pieces) - 1 <= floor <= max(p[1] for p in pieces)
    assert min(p[2] for p in pieces) - 1 <= index <= max(p[2] for p in pieces)


def test_an_average_is_brought_to_now_by_the_index() -> None:
    # A6: 50 ETH on average, the index 35 % below its average.
    assert rule.referred(50 * ETH, 100_000, 65_000) == 32_500_000_000
    assert rule.referred(50 * ETH, 0, 65_000) == 50 * ETH


# --- several tokens ----------------------------------------------------------------------------------


def test_a_rank_between_two_depths_counts_as_the_deeper() -> None:
    bids = (50, 40, 30, 20, 10)
    assert [rule.bid_at(bids, item) for item in (1, 2, 3, 5, 6, 10, 11, 20, 21)] == [
        50, 40, 30, 30, 20, 20, 10, 10, 0,
    ]  # fmt: skip
    assert rule.walk(bids, 4) == (50 + 40 + 30 + 30, 0)
    assert rule.walk(bids, 22) == (50 + 40 + 3 * 30 + 5 * 20 + 10 * 10, 2)


@given(books, st.integers(0, 25))
def test_so_many_tokens_bring_at_most_so_many_times_the_first(bids: tuple[int, ...], count: int) -> None:
    total, unsold = rule.walk(bids, count)
    assert total <= count * bids[0]
    assert 0 <= unsold <= count


@given(books)
def test_slopes_fall_from_one_to_the_auctions_end(bids: tuple[int, ...]) -> None:
    slopes = rule.slopes(bids)
    if not bids[0]:
        assert slopes == ()
        return
    assert slopes[0] == PPB_ONE
    assert all(a >= b >= END_PPB for a, b in pairwise(slopes))


# --- a token's own value -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "days", "fresh", "expected"),
    [
        (80, 0, True, 800_000_000),  # below the floor: P10
        (80, 99, False, 800_000_000),  # bad news does not expire
        (120, 0, True, 1_100_000_000),  # half of the premium of 20
        (300, 0, True, 1_250_000_000),  # half of at most half a floor
        (300, 15, True, 1_125_000_000),  # half of that after half of the time
        (300, 30, True, PPB_ONE),
        (300, 0, False, PPB_ONE),
        (100, 0, True, PPB_ONE),
    ],
)
def test_factor(low: int, days: int, fresh: bool, expected: int) -> None:
    assert rule.factor(low, 100, days * DAY_NS, is_fresh=fresh) == expected


@given(prices, prices, prices, st.integers(-DAY_NS, 60 * DAY_NS), st.booleans())
def test_a_token_counts_at_most_a_quarter_more_and_never_falls_with_its_appraisal(
    low: int, more: int, floor: int, age: int, fresh: bool,
) -> None:  # fmt: skip
    first, second = (rule.factor(value, floor, age, is_fresh=fresh) for value in (low, low + more))
    assert 0 <= first <= second <= PPB_ONE * 5 // 4


# --- thresholds --------------------------------------------------------------------------------------


def test_queue() -> None:
    # 70 a week are 10 a day, of which a quarter: 2.5 a day.
    assert [rule.queue_days(n, 70) for n in (1, 2, 3, 5, 6, 17)] == [1, 1, 2, 2, 3, 7]


def test_recovery_of_a_blue_chip() -> None:
    # T = 1.5 d: 0.70 * (1 - 2.33 * 0.05 * sqrt(1.5)) = 0.60012...
    assert rule.recovery_share(50_000_000, 700, 1) // 10**4 == 60_012
    assert rule.recovery_share(50_000_000, 0, 1) == 0
    assert rule.recovery_share(PPB_ONE, 700, 1) == 0


@given(st.integers(0, PPB_ONE), st.integers(1, 10_000), st.integers(1, 300))
def test_recovery_is_never_above_the_exact_one(sigma: int, sales: int, tokens: int) -> None:
    with localcontext(prec=40):
        days = Decimal("0.5") + rule.queue_days(tokens, sales)
        exact = Decimal("0.70") * (1 - Decimal("2.33") * Decimal(sigma) / PPB_ONE * days.sqrt())
    got = rule.recovery_share(sigma, sales, tokens)
    assert 0 <= got <= max(Decimal(0), exact) * PPB_ONE
    assert got >= max(Decimal(0), exact) * PPB_ONE - 10


def test_a_calm_blue_chip_has_what_recovery_leaves_of_its_tier() -> None:
    calm = Conditions(
        sigma_day=50_000_000, depth=93 * POINT, age_ns=0, sales_week=700, pledged=0, pledged_max=175
    )
    lt = rule.threshold(rule.starting_parameters("blue"), calm)
    assert lt == 60 * POINT
    assert rule.loan_share(50 * POINT, lt, lt) == 50 * POINT


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 40),  # recovery / V is 0.70 * (1 - 2.33 * 0.12 * sqrt(1.5)) = 0.460
        ({"sigma_day": 160_000_000}, 33),  # cut 0.5 * (16 / 12 - 1) = 1/6; recovery / V 0.380
        ({"depth": 375_000_000}, 30),  # cut 0.5 * (1 - 37.5 / 75) = 1/4
        ({"age_ns": 3 * HOUR_NS}, 38),  # cut 0.1 * 3 / 6
        ({"pledged": 75}, 38),  # cut 0.1 * (2 * 75 / 100 - 1); 75 of 250 a day are still one day
        (
            {"sigma_day": 240_000_000},
            20,
        ),  # cut 1/2; recovery / V 0.70 * (1 - 2.33 * 0.24 * sqrt(1.5)) = 0.220
        ({"sigma_day": PPB_ONE}, 0),  # nothing is sure to be recovered
    ],
)
def test_haircuts_of_a_tail_collection(change: dict[str, int], points: int) -> None:
    calm = {
        "sigma_day": 120_000_000, "depth": 75 * POINT, "age_ns": 0, "sales_week": 7_000, "pledged": 0,
        "pledged_max": 100,
    }  # fmt: skip
    assert rule.threshold(rule.starting_parameters("tail"), Conditions(**calm | change)) == points * POINT


@given(tiers, conditions)
def test_a_threshold_is_never_above_recovery_or_tier(tier: str, now: Conditions) -> None:
    values = rule.starting_parameters(tier)
    lt = rule.threshold(values, now)
    assert 0 <= lt <= rule.recovery_share(now.sigma_day, now.sales_week, now.pledged)
    assert lt <= values["lt"]
    assert lt % POINT == 0


@given(tiers, shares, shares)
def test_ten_points_lie_between_loan_and_sale(tier: str, lt: int, opened: int) -> None:
    ltv = rule.loan_share(rule.TIERS[tier]["ltv"], lt, opened)
    assert ltv == 0 or ltv + rule.GAP_MIN_PPB <= min(lt, opened)


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 10 * DAY_NS)), min_size=1, max_size=12),
    st.integers(1, 100),
)
def test_a_ramp_never_jumps(targets: list[tuple[int, int]], first: int) -> None:
    """Whatever the targets: up by at most a point a day, down no faster than all of it in seven days."""
    before, after, started, until = first * POINT, first * POINT, NOW, NOW
    now = NOW
    for points, stays in targets:
        value = rule.ramp_at(before, after, started, until, now)
        pace = (after - before, until - started) if now < until else (0, 0)
        before, after, started = value, points * POINT, now
        until = rule.ramp_end(value, after, now, pace)
        assert rule.ramp_at(before, after, started, until, now) == value
        assert until - now >= 0
        steps = [now + stays * k // 8 for k in range(9)]
        path = [rule.ramp_at(before, after, started, until, at) for at in steps]
        for (a, b), (at, then) in zip(pairwise(path), pairwise(steps), strict=True):
            assert b - a <= POINT * (then - at) // DAY_NS + 2
            assert a - b <= 100 * POINT * (then - at) // rule.RAMP_NS + 2
        now = steps[-1]
    assert rule.ramp_at(before, after, started, until, until) == after


def test_a_fall_takes_seven_days_and_a_rise_a_day_a_point() -> None:
    assert rule.ramp_end(60 * POINT, 40 * POINT, NOW, (0, 0)) == NOW + 7 * DAY_NS
    assert rule.ramp_end(40 * POINT, 60 * POINT, NOW, (0, 0)) == NOW + 20 * DAY_NS
    assert rule.ramp_end(40 * POINT, 41 * POINT, NOW, (0, 0)) == NOW + 7 * DAY_NS
    # Half-way from 60 to 40, the target becomes 39: at the old pace of 20 points in 7 days it takes 3.85.
    half = rule.ramp_end(50 * POINT, 39 * POINT, NOW, (-20 * POINT, 7 * DAY_NS))
    assert half == NOW + 7 * DAY_NS * 11 // 20


# --- caps --------------------------------------------------------------------------------------------


def test_caps() -> None:
    assert rule.pledged_max(10_000, 10_000) == 300
    assert rule.pledged_max(10_000, 70) == 17
    assert rule.share_max(0, rule.OWNER_SHARE_PPB) == 100 * ETH
    assert rule.share_max(5_000 * ETH, rule.GROUP_SHARE_PPB) == 2_000 * ETH


def test_a_line_rises_once_a_day_and_falls_at_once() -> None:
    line_max = 1_000 * ETH
    line, at = rule.next_line(0, 0, 0, line_max, NOW)
    assert (line, at) == (50 * ETH, NOW)
    assert rule.next_line(line, at, 40 * ETH, line_max, NOW + DAY_NS - 1) == (50 * ETH, NOW)
    assert rule.next_line(line, at, 40 * ETH, line_max, NOW + DAY_NS) == (90 * ETH, NOW + DAY_NS)
    assert rule.next_line(90 * ETH, NOW, 10 * ETH, line_max, NOW + 1) == (60 * ETH, NOW)
    assert rule.next_line(990 * ETH, NOW, 990 * ETH, line_max, NOW + DAY_NS)[0] == line_max


# --- parameters --------------------------------------------------------------------------------------


def test_every_tier_is_within_the_bounds() -> None:
    for tier in rule.TIERS:
        values = rule.starting_parameters(tier)
        assert all(rule.may_change(key, value, values) for key, value in values.items())


@pytest.mark.parametrize(
    ("key", "value"),
    [("ltv", 56 * POINT), ("lt", 59 * POINT), ("lt", 81 * POINT), ("sigma", 0), ("shade", 1)],
)
def test_a_parameter_keeps_its_bounds_and_the_gap(key: str, value: int) -> None:
    assert not rule.may_change(key, value, rule.starting_parameters("blue"))
