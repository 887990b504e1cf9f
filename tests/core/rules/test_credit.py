"""Debt, limits, commitments and interest, held against exact fractions."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import credit as rule
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE

ETHER = 10**9
PERCENT = PPB_ONE // 100
AMOUNTS = st.integers(0, 2**56)
SIGNED = st.integers(-(2**56), 2**56)
RATES = st.integers(0, PPB_ONE)


# ---- debt, limit, health -----------------------------------------------------------------------


@pytest.mark.parametrize(("own", "owed"), [(5, 0), (0, 0), (-3, 3)])
def test_debt_is_negative_equity(own: int, owed: int) -> None:
    assert rule.debt(own) == owed


@given(SIGNED, AMOUNTS, AMOUNTS)
def test_credit_covers_at_most_half(own: int, may_owe: int, initial: int) -> None:
    """A16, with exact halves: max(0, w) + min(L - D, IM / 2) >= IM."""
    owed = max(0, -own)
    exact = max(0, own) + min(Fraction(may_owe - owed), Fraction(initial, 2)) >= initial
    assert rule.covers(own, may_owe, initial) == exact


@given(st.integers(0, 2**56), AMOUNTS, st.integers(1, 2**56))
def test_the_kernels_two_tests_are_the_same(own: int, may_owe: int, initial: int) -> None:
    assert rule.covers(own, may_owe, initial) == (own + may_owe >= initial and 2 * own >= initial)


def test_who_owes_opens_nothing() -> None:
    assert not rule.covers(-1, 10**18, 1)
    assert rule.covers(-1, 1, 0)


@given(AMOUNTS, st.integers(1, PPB_ONE))
def test_at_the_margin_call_health_is_one(owed: int, backing: int) -> None:
    """nft_03: the floor at which a sale starts is debt / LT."""
    share = rule.margin_call_share(owed, backing)
    assert share == ceil(Fraction(owed * PPB_ONE, backing))
    assert rule.is_healthy(ceil(Fraction(share * backing, PPB_ONE)), owed)


def test_debt_needs_three_per_cent_rounded_up() -> None:
    assert rule.debt_margin(100 * ETHER) == 3 * ETHER
    assert rule.debt_margin(1) == 1


# ---- commitments -------------------------------------------------------------------------------


def test_promises_are_at_most_85_per_cent_of_claims() -> None:
    assert rule.promise_limit(1_000 * ETHER) == 850 * ETHER
    assert rule.promise_limit(1) == 0


def test_an_owner_gets_a_tenth_of_the_pool_or_five_ether() -> None:
    assert rule.owner_limit(1_000 * ETHER) == 100 * ETHER
    assert rule.owner_limit(10 * ETHER) == 5 * ETHER


@pytest.mark.parametrize(
    ("commitment", "backing", "owed", "left"), [(50, 80, 0, 50), (50, 30, 0, 30), (50, 30, 40, 40)]
)
def test_a_commitment_shrinks_with_what_could_be_drawn(
    commitment: int, backing: int, owed: int, left: int
) -> None:
    assert rule.shrunk(commitment, backing, owed) == left


# ---- interest ----------------------------------------------------------------------------------


@given(AMOUNTS, AMOUNTS)
def test_utilisation_is_at_most_one(owed: int, claims: int) -> None:
    used = rule.utilisation(owed, claims)
    assert used == (min(PPB_ONE, ceil(Fraction(owed * PPB_ONE, claims))) if claims else PPB_ONE * (owed > 0))


@given(RATES)
def test_the_rate_is_a_kinked_line(used: int) -> None:
    """3 % + 8 % to the optimum of 65 %, + 100 % to full use."""
    u, kink = Fraction(used, PPB_ONE), Fraction(65, 100)
    exact = Fraction(3, 100) + Fraction(8, 100) * min(u, kink) / kink + max(0, u - kink) / (1 - kink)
    assert 0 <= rule.rate_year(used) - exact * PPB_ONE < 2


@pytest.mark.parametrize(("used", "rate"), [(0, 3), (65, 11), (100, 111)])
def test_the_rate_at_the_corners(used: int, rate: int) -> None:
    assert rule.rate_year(used * PERCENT) == rate * PERCENT


@given(AMOUNTS, st.integers(0, 2 * PPB_ONE), st.integers(0, 365 * DAY_NS))
def test_interest_rounds_up_and_its_parts_sum_up(owed: int, rate: int, elapsed: int) -> None:
    exact = Fraction(owed * rate, PPB_ONE) * Fraction(elapsed, 365 * DAY_NS)
    paid = rule.interest(owed, rate, elapsed)
    assert paid == ceil(exact)
    assert rule.lenders_part(paid) == floor(Fraction(paid * 80, 100))


def test_a_year_of_a_tenth() -> None:
    assert rule.interest(100 * ETHER, 10 * PERCENT, 365 * DAY_NS) == 10 * ETHER
    assert rule.undrawn_fee(150 * ETHER, 50 * ETHER, 365 * DAY_NS) == ETHER
    assert rule.undrawn_fee(50 * ETHER, 60 * ETHER, 365 * DAY_NS) == 0


@given(st.lists(st.tuples(RATES, st.integers(0, HOUR_NS)), max_size=20))
def test_the_index_compounds_and_never_falls(steps: list[tuple[int, int]]) -> None:
    index, exact = rule.INDEX_ONE, Fraction(1)
    for rate, elapsed in steps:
        grown = rule.grown_index(index, rate, elapsed)
        exact *= 1 + Fraction(rate, PPB_ONE) * Fraction(elapsed, 365 * DAY_NS)
        assert grown >= index
        index = grown
    assert 0 <= index - exact * rule.INDEX_ONE < 2 * len(steps) + 1


def test_a_century_at_the_highest_rate_fits_the_index() -> None:
    index = rule.INDEX_ONE
    for _ in range(36_500):
        index = rule.grown_index(index, rule.rate_year(PPB_ONE), DAY_NS)
    assert index < 2 ** (8 * rule.INDEX_BYTES)
