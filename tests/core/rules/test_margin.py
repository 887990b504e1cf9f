"""docs/spec/margin.md, section by section."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import margin
from floorbook.core.rules.margin import Risk, Step, Tier
from floorbook.units import E12_ONE, NOTIONAL_MAX, PPB_ONE

# Hyperliquid's BTC table: 40x to 150 M, 20x above; maintenance half of the initial rate.
BTC = (
    Tier(notional_above=0, initial_ppb=25_000_000, maintenance_ppb=12_500_000),
    Tier(notional_above=150_000_000, initial_ppb=50_000_000, maintenance_ppb=25_000_000),
)
ONE_ASSET = (E12_ONE,)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Tier, ...]:
    count = draw(st.integers(1, 6))
    bounds = sorted(draw(st.sets(st.integers(1, 10**15), min_size=count - 1, max_size=count - 1)))
    rates = sorted(draw(st.lists(st.integers(0, PPB_ONE), min_size=count, max_size=count)))
    return tuple(
        Tier(notional_above=above, initial_ppb=rate, maintenance_ppb=rate // 2)
        for above, rate in zip([0, *bounds], rates, strict=True)
    )


def marginal(notional: int, tiers: tuple[Tier, ...]) -> Fraction:
    """Sum over the tiers of the notional inside each times its rate: the second implementation."""
    bounds = [tier.notional_above for tier in tiers[1:]] + [NOTIONAL_MAX * 2]
    return sum(
        (
            Fraction(max(0, min(notional, bound) - tier.notional_above) * tier.initial_ppb, PPB_ONE)
            for tier, bound in zip(tiers, bounds, strict=True)
        ),
        Fraction(0),
    )


@given(tables(), st.integers(0, NOTIONAL_MAX))
def test_requirement_is_the_marginal_form_rounded_up(tiers: tuple[Tier, ...], notional: int) -> None:
    exact = marginal(notional, tiers)
    got = margin.requirement(notional, margin.initial_steps(tiers))
    # One atom for the rounding up, one for each deduction rounded down: never below the exact value.
    assert exact <= got < exact + len(tiers)


@given(tables(), st.integers(0, NOTIONAL_MAX), st.integers(1, 10**12))
def test_requirement_rises_and_never_faster_than_the_notional(
    tiers: tuple[Tier, ...], notional: int, more: int
) -> None:
    steps = margin.initial_steps(tiers)
    growth = margin.requirement(notional + more, steps) - margin.requirement(notional, steps)
    assert 0 <= growth <= more


def test_requirement_is_continuous_at_the_edge() -> None:
    steps = margin.maintenance_steps(BTC)
    assert steps == (Step(12_500_000, 0), Step(25_000_000, 1_875_000))
    assert margin.requirement(150_000_000, steps) == 1_875_000
    assert margin.requirement(150_000_040, steps) == 1_875_001
    assert margin.requirement(0, steps) == 0


def test_falling_rates_are_our_bug() -> None:
    falling = (BTC[0], Tier(notional_above=10, initial_ppb=1, maintenance_ppb=1))
    with pytest.raises(AssertionError):
        margin.initial_steps(falling)


def test_open_interest_raises_initial_margin_only() -> None:
    half_way = margin.initial_steps(BTC, open_interest=150, lower=100, upper=200)
    assert half_way[0].rate_ppb == 512_500_000
    assert margin.initial_steps(BTC, 99, 100, 200) == margin.initial_steps(BTC)
    assert margin.initial_steps(BTC, 10**9, 100, 200)[0].rate_ppb == PPB_ONE


@given(tables(), st.integers(0, NOTIONAL_MAX), st.integers(0, 1_000), st.integers(0, 1_000))
def test_more_open_interest_never_lowers_the_requirement(
    tiers: tuple[Tier, ...], notional: int, interest: int, more: int
) -> None:
    before = margin.requirement(notional, margin.initial_steps(tiers, interest, 100, 900))
    assert margin.requirement(notional, margin.initial_steps(tiers, interest + more, 100, 900)) >= before


def test_a_users_own_leverage_binds_where_it_is_stricter() -> None:
    steps = margin.with_leverage(margin.initial_steps(BTC), 10)
    assert margin.requirement(1_000, steps) == 100
    assert margin.requirement(1_000, margin.with_leverage(margin.initial_steps(BTC), 50)) == 25
    assert margin.requirement(10, margin.with_leverage(margin.initial_steps(BTC), 3)) == 4


@pytest.mark.parametrize(
    ("size", "buys", "sells", "expected"),
    [(-1, 3, 2, 3), (0, 0, 0, 0), (5, 0, 3, 5), (5, 0, 20, 15), (-5, 3, 0, 5), (2, 4, 1, 6)],
)
def test_exposure_is_the_worse_side(size: int, buys: int, sells: int, expected: int) -> None:
    assert margin.exposure(size, buys, sells) == expected


def test_limit_loss_is_netted_over_the_orders_of_a_side() -> None:
    assert margin.limit_loss(1, 10 * 105 * 1_000, 10, 100, 1_000) == 50_000
    assert margin.limit_loss(1, 10 * 95 * 1_000, 10, 100, 1_000) == 0
    assert margin.limit_loss(-1, 10 * 95 * 1_000, 10, 100, 1_000) == 50_000
    assert margin.limit_loss(1, 10 * 105 * 1_000 + 10 * 97 * 1_000, 20, 100, 1_000) == 20_000


def test_one_asset_needs_no_haircut() -> None:
    risk = margin.assess((100,), (30,), ONE_ASSET, 900_000_000)
    assert risk == Risk(100, 30)
    assert (risk.free, risk.is_met) == (70, True)


def test_ninety_percent_of_a_foreign_surplus_counts() -> None:
    # 100 ETH free against 90 ETH worth of missing USDC: exactly enough, at 1/3000 ETH a USDC.
    price = 333_333_333_333_333  # e12: 1e-6 USDC = 333,333.3 ETH atoms per million
    risk = margin.assess((100, 0), (0, 270), (E12_ONE, E12_ONE // 3), 900_000_000)
    assert risk.free == 0
    assert margin.assess((100, 0), (0, 271), (E12_ONE, E12_ONE // 3), 900_000_000).free == -1
    assert margin.assess((100, 0), (0, 0), (E12_ONE, price), 900_000_000).free == 100


def test_a17_eth_backs_dollar_debt_only_at_the_haircut() -> None:
    # Audit A17: 100 ETH at 3,000 against -290,000 USDC shows 10k on paper; with the haircut it fails at once.
    eth = 100 * 10**9
    usdc_price = 10**9 * E12_ONE // (3_000 * 10**6)
    for weight in (margin.CROSS_WEIGHT_INITIAL_PPB, margin.CROSS_WEIGHT_MAINTENANCE_PPB):
        assert not margin.assess((eth, -290_000 * 10**6), (0, 0), (E12_ONE, usdc_price), weight).is_met
    assert margin.assess(
        (eth, -269_999 * 10**6), (0, 0), (E12_ONE, usdc_price), margin.CROSS_WEIGHT_INITIAL_PPB
    ).is_met


amounts = st.integers(-(10**15), 10**15)
weights = st.sampled_from([margin.CROSS_WEIGHT_INITIAL_PPB, margin.CROSS_WEIGHT_MAINTENANCE_PPB])
prices = st.integers(1, 10**16)


@given(amounts, amounts, st.integers(0, 10**15), st.integers(0, 10**15), prices, weights)
def test_assess_against_exact_fractions(
    eth: int, usdc: int, need_eth: int, need_usdc: int, price: int, weight: int
) -> None:
    got = margin.assess((eth, usdc), (need_eth, need_usdc), (E12_ONE, price), weight)
    frees = [Fraction(eth - need_eth), Fraction((usdc - need_usdc) * price, E12_ONE)]
    plus, minus = sum(f for f in frees if f > 0), -sum(f for f in frees if f < 0)
    h = Fraction(weight, PPB_ONE)
    exact = plus - minus / h if minus <= h * plus else h * plus - minus
    assert exact - 4 < got.free <= exact  # against the account, by less than a few atoms


@given(amounts, amounts, prices, weights, st.integers(0, 10**12))
def test_more_money_never_hurts(eth: int, usdc: int, price: int, weight: int, more: int) -> None:
    needs, values = (10**9, 10**6), (E12_ONE, price)
    before = margin.assess((eth, usdc), needs, values, weight).free
    assert margin.assess((eth + more, usdc), needs, values, weight).free >= before
    assert margin.assess((eth, usdc + more), needs, values, weight).free >= before


def test_a_reduction_must_keep_the_margin_ratio() -> None:
    before = Risk(40, 100)
    assert margin.reduces_risk(before, Risk(20, 50), 10, 5, loss=20)
    assert not margin.reduces_risk(before, Risk(19, 50), 10, 5, loss=21)
    assert not margin.reduces_risk(before, Risk(40, 100), 10, 10, loss=0)
    assert not margin.reduces_risk(before, Risk(40, 50), 10, -5, loss=0)  # through zero: opens


def test_a2_selling_at_one_tick_to_oneself_is_no_reduction() -> None:
    # Audit A2: 10 ETH, long 100 notional, sold at a tick: loss 90 against the mark, margin released 10.
    assert not margin.reduces_risk(Risk(10, 10), Risk(-80, 1), 100, 10, loss=90)


def test_unrealised_profit_stays_and_ten_percent_of_notional() -> None:
    assert margin.settled_net(50, [30, -20]) == 30
    assert margin.withdrawal_need(5, 101) == 11
    assert margin.withdrawal_need(20, 101) == 20


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_withdrawable_is_the_largest_amount_that_passes(
    eth: int, usdc: int, need_0: int, need_1: int
) -> None:
    nets, needs, values = (eth, usdc), (need_0, need_1), (E12_ONE, E12_ONE // 3)
    amount = margin.withdrawable(0, nets, needs, values, eth)

    def passes(taken: int) -> bool:
        return margin.assess((eth - taken, usdc), needs, values, margin.CROSS_WEIGHT_INITIAL_PPB).is_met

    assert 0 <= amount <= eth
    assert amount == 0 or passes(amount)
    assert amount == eth or not passes(amount + 1)


def test_effective_leverage_is_clamped() -> None:
    assert margin.effective_leverage(60, 6) == 10
    assert margin.effective_leverage(60, 600) == 1
    assert margin.effective_leverage(60_000, 6) == 100
    assert margin.effective_leverage(60, 0) == margin.effective_leverage(60, -1) == 100
