"""The worst scenario, held against a plain second implementation in fractions."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core.rules import scenario as rule
from floorbook.core.rules.scenario import Exposure, Group, Resting
from floorbook.units import PPB_ONE

ETHER = 10**9
SHOCKS = [Fraction(each, 100) for each in (-50, -30, -20, -10, 10, 20, 30, 50)]


def long(eth: int) -> Exposure:
    return Exposure(eth * ETHER)


def alone(own: int, recovery: int, *exposures: Exposure, commitment: int = 10**6) -> int:
    """Return the worst equity of one group, in ETH."""
    found = rule.equity(own * ETHER, commitment * ETHER, [Group(exposures, recovery * ETHER)])
    assert found % ETHER == 0
    return found // ETHER


# ---- by hand -----------------------------------------------------------------------------------


def test_the_audits_example_is_wrong_way() -> None:
    """A6: NFT 50 at LT 70 %, cash 5, long 100: at -35 % the rule sees 5 and the truth is -7.25."""
    at_35 = rule.equity(5 * ETHER, 10**15, [Group((long(100),), 35 * ETHER)], (-350_000_000,))
    assert at_35 == -7_250_000_000
    assert rule.equity(5 * ETHER, 10**15, [Group((long(100),), 35 * ETHER)]) == -27_500_000_000


def test_a_short_on_the_own_collection_helps_by_half() -> None:
    """-50 %: tokens lose 25 of 50, the short of 50 gains 25 and counts 12.5; +50 %: it loses 25."""
    hedged = [Group((long(-50),), 50 * ETHER)]
    assert rule.equity(0, 10**15, hedged, (-500_000_000,)) == 37_500_000_000
    assert rule.equity(0, 10**15, hedged, (500_000_000,)) == 50 * ETHER + 12_500_000_000 - 25 * ETHER
    assert rule.equity(0, 10**15, hedged) == 37_500_000_000


def test_groups_fall_each_to_their_own_worst() -> None:
    """A long in one group and a short in another offset nothing."""
    groups = [Group((long(10),)), Group((long(-10),))]
    assert rule.equity(0, 0, groups) == -10 * ETHER
    assert rule.equity(0, 0, [Group((long(10), long(-10)))]) == -5 * ETHER + 2_500_000_000


def test_tokens_count_at_most_the_commitment() -> None:
    assert alone(0, 100, long(20), commitment=5) == -5
    assert alone(0, 100, long(20), commitment=100) == 40


def test_a_resting_order_fills_where_it_hurts() -> None:
    """A purchase of 10 at 100 in a market at 100 loses 5 at -50 % and nothing at +50 %."""
    order = Resting(10 * ETHER, 10 * ETHER)
    assert rule.profit(Exposure(0, (order,)), -500_000_000) == -5 * ETHER
    assert rule.profit(Exposure(0, (order,)), 500_000_000) == 0
    sale = Resting(-10 * ETHER, -9 * ETHER)
    assert rule.profit(Exposure(0, (sale,)), 500_000_000) == -6 * ETHER


def test_a_far_purchase_does_not_fill_at_a_gain() -> None:
    """At half the price it breaks even at -50 % and is not counted below."""
    assert rule.profit(Exposure(0, (Resting(10 * ETHER, 5 * ETHER),)), -500_000_000) == 0


# ---- against fractions -------------------------------------------------------------------------

VALUES = st.integers(-(2**40), 2**40)
ORDERS = st.builds(
    lambda side, mark, at: (side * mark, side * at),
    st.sampled_from((1, -1)), st.integers(0, 2**40), st.integers(0, 2**40),
)  # fmt: skip
MARKETS = st.tuples(VALUES, st.lists(ORDERS, max_size=3))
GROUPS = st.lists(
    st.tuples(st.lists(MARKETS, max_size=2), st.integers(0, 2**40)), min_size=1, max_size=2
)  # fmt: skip


def halved(change: Fraction) -> Fraction:
    return change / 2 if change > 0 else change


def plainly(own: int, commitment: int, groups: list) -> Fraction:
    """Every combination of the groups' shocks, every order filled or not."""
    worst = None
    for shocks in product(SHOCKS, repeat=len(groups)):
        profit, tokens = Fraction(0), Fraction(0)
        for (markets, recovery), shock in zip(groups, shocks, strict=True):
            tokens += recovery + halved(recovery * shock)
            for value, orders in markets:
                profit += halved(value * shock)
                for mark, limit in orders:
                    profit += min(Fraction(0), mark * (1 + shock) - limit)
        total = own + profit + min(Fraction(commitment), tokens)
        worst = total if worst is None else min(worst, total)
    assert worst is not None
    return worst


@settings(max_examples=50)
@given(VALUES, st.integers(0, 2**41), GROUPS)
def test_the_worst_is_found(own: int, commitment: int, drawn: list) -> None:
    groups = [
        Group(
            tuple(Exposure(value, tuple(Resting(*order) for order in orders)) for value, orders in markets),
            recovery,
        )
        for markets, recovery in drawn
    ]
    terms = sum(1 + sum(2 + len(orders) for _, orders in markets) for markets, _ in drawn)
    error = plainly(own, commitment, drawn) - rule.equity(own, commitment, groups)
    assert 0 <= error <= 2 * terms + 2  # each term is rounded down


@pytest.mark.parametrize("shock", rule.SHOCKS_PPB)
def test_more_money_never_hurts(shock: int) -> None:
    before = rule.equity(0, 10**15, [Group((long(10),), ETHER)], (shock,))
    assert rule.equity(ETHER, 10**15, [Group((long(10),), ETHER)], (shock,)) == before + ETHER


def test_shocks_are_those_of_the_page() -> None:
    assert [Fraction(shock, PPB_ONE) for shock in rule.SHOCKS_PPB] == SHOCKS
