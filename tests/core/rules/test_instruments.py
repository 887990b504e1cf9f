"""Fractions, fund, receipts, baskets: exact fractions beside the integers, nothing to win by rounding."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import basket, fractions, fund, receipts
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE

ETHER = 10**9
WHOLE = 10**9
amounts = st.integers(1, 10**13)
supplies = st.integers(WHOLE, 10**15)

# ---- fractions ---------------------------------------------------------------------------------


@given(st.integers(1, 10**15), st.lists(st.integers(1, 10**12), min_size=1, max_size=12))
def test_payouts_sum_to_the_price_whatever_the_order(price: int, holdings: list[int]) -> None:
    left, supply, paid = price, sum(holdings), []
    for amount in holdings:
        paid.append(fractions.share(left, amount, supply))
        left, supply = left - paid[-1], supply - amount
    assert left == 0
    assert sum(paid) == price


@given(st.integers(1, 10**15), st.lists(st.integers(1, 10**12), min_size=2, max_size=8))
def test_splitting_a_redemption_wins_at_most_an_atom_a_part(price: int, parts: list[int]) -> None:
    supply = sum(parts) + 10**12
    together = fractions.share(price, sum(parts), supply)
    left, rest, paid = price, supply, 0
    for part in parts:
        got = fractions.share(left, part, rest)
        left, rest, paid = left - got, rest - part, paid + got
    assert together - len(parts) <= paid <= together


def test_the_minimum_of_a_buyout() -> None:
    assert fractions.buyout_minimum(600 * ETHER, 0, WHOLE) == 480 * ETHER
    assert fractions.buyout_minimum(600 * ETHER, 500 * ETHER, WHOLE) == 500 * ETHER
    assert fractions.buyout_minimum(600 * ETHER, ETHER // 10, 10_000 * WHOLE) == 1_000 * ETHER
    assert fractions.buyout_minimum(1, 0, WHOLE) == 1  # up


def test_a_counter_bid_is_five_per_cent_more_rounded_up() -> None:
    assert fractions.counter_bid(10 * ETHER) == 105 * ETHER // 10
    assert fractions.counter_bid(1) == 2
    assert fractions.counter_end(10 * DAY_NS, DAY_NS) == 10 * DAY_NS
    assert fractions.counter_end(10 * DAY_NS, 10 * DAY_NS - HOUR_NS) == 12 * DAY_NS - HOUR_NS


def test_the_average_weighs_by_time() -> None:
    points = [(0, 10 * ETHER), (6 * HOUR_NS, 40 * ETHER)]
    assert fractions.average([], HOUR_NS) == 0
    assert fractions.average(points[:1], 0) == 10 * ETHER
    assert fractions.average(points, 6 * HOUR_NS) == 10 * ETHER
    assert fractions.average(points, 8 * HOUR_NS) == (6 * 10 + 2 * 40) * ETHER // 8


@given(st.integers(0, 10**13), st.integers(1, 10**13), st.integers(0, 10**13), st.integers(0, PPB_ONE))
def test_a_lowered_threshold_is_the_rate_less_the_cut(loan: int, value: int, worth: int, cut: int) -> None:
    exact = worth * max(Fraction(0), Fraction(loan, value) - Fraction(cut, PPB_ONE))
    assert fractions.lowered(loan, value, worth, cut) == exact.__floor__()


# ---- the fund ----------------------------------------------------------------------------------

rows = st.tuples(amounts, amounts, amounts).map(sorted)  # a token's low, true and high price


@given(st.lists(rows, min_size=1, max_size=6), rows, supplies, st.integers(1, 5))
def test_a_round_trip_through_the_fund_wins_nothing_while_the_truth_is_between(
    held: list[list[int]], token: list[int], supply: int, count: int
) -> None:
    """Bring copies of a token, take any of the fund's for all shares: what is left of them included."""
    low, true, high = (sum(row[i] for row in held) for i in range(3))
    shares = fund.shares_for(count * token[0], high, supply)
    assert Fraction(shares * (true + count * token[1]), supply + shares) <= count * token[1]
    now, low, true = supply + shares, low + count * token[0], true + count * token[1]
    for wanted in held:
        cost = fund.shares_to_take(wanted[2], low, now)
        if cost <= shares:
            rest = Fraction((shares - cost) * (true - wanted[1]), now - cost)
            assert wanted[1] + rest <= count * token[1]


@given(amounts, amounts, supplies)
def test_nobody_is_diluted_by_a_mint_or_a_redemption(brought: int, held: int, supply: int) -> None:
    shares = fund.shares_for(brought, held, supply)
    assert Fraction(held + brought, supply + shares) >= Fraction(held, supply)
    cost = fund.shares_to_take(brought, held + brought, supply)
    if cost < supply:
        assert Fraction(held, supply - cost) >= Fraction(held + brought, supply)


def test_fees_pull_towards_the_target() -> None:
    third = PPB_ONE // 3
    assert fund.fee_to_bring(third, third) == fund.fee_to_take(third, third) == 5_000_000
    assert fund.fee_to_bring(third + 50_000_000, third) == 10_000_000
    assert fund.fee_to_take(third + 50_000_000, third) == 1_000_000
    assert fund.fee_to_bring(PPB_ONE, third) == 20_000_000


@given(st.integers(0, 10**15), st.integers(0, 20_000_000))
def test_fees_round_to_the_fund(shares: int, fee: int) -> None:
    assert fund.after_fee(shares, fee) == (shares * (1 - Fraction(fee, PPB_ONE))).__floor__()
    assert fund.with_fee(shares, fee) == (shares * (1 + Fraction(fee, PPB_ONE))).__ceil__()
    assert fund.after_fee(fund.with_fee(shares, 0), fee) <= shares


def test_shares_carry_the_weakest_fifth_and_what_spreading_brings() -> None:
    # Three thirds at 50, 35 and 15 %: the weakest fifth has 15 %, spreading adds 5 * (1 - 1/3) points.
    parts = [(30 * ETHER, 15 * ETHER), (30 * ETHER, 105 * ETHER // 10), (30 * ETHER, 45 * ETHER // 10)]
    exact = 90 * (Fraction(15, 100) + Fraction(5, 100) * Fraction(2, 3)) * ETHER
    assert 0 <= exact - fund.carried(parts) <= 90
    # A tail of a tenth does not decide: the 35 % do.
    parts = [(60 * ETHER, 30 * ETHER), (30 * ETHER, 105 * ETHER // 10), (10 * ETHER, 15 * ETHER // 10)]
    squares = Fraction(36 + 9 + 1, 100)
    exact = 100 * (Fraction(35, 100) + Fraction(5, 100) * (1 - squares)) * ETHER
    assert 0 <= exact - fund.carried(parts) <= 100


@given(st.lists(st.tuples(amounts, st.integers(0, PPB_ONE)), min_size=1, max_size=8))
def test_shares_never_carry_more_than_their_parts(parts: list[tuple[int, int]]) -> None:
    loans = [(value, value * rate // PPB_ONE) for value, rate in parts]
    assert 0 <= fund.carried(loans) <= sum(loan for _, loan in loans)
    assert fund.diversification([value for value, _ in parts]) < fund.DIVERSIFICATION_MAX_PPB


# ---- receipts ----------------------------------------------------------------------------------

positions = st.builds(
    receipts.Position,
    lots=st.integers(1, 10**6),
    net=st.integers(-(10**12), 10**12),
    supply=st.integers(1, 10**15),
)


@given(positions, st.integers(1, 10**5))
def test_a_receipts_round_trip_brings_back_no_more(behind: receipts.Position, lots: int) -> None:
    plan = receipts.plan_mint(lots, 2, behind)
    assert plan is not None
    if not plan.units:
        return
    after = receipts.Position(behind.lots + plan.lots, behind.net + plan.net, behind.supply + plan.units)
    back = receipts.plan_redemption(plan.units, after)
    assert back.lots <= plan.lots
    assert back.units <= plan.units
    if back.lots == plan.lots:
        assert back.net <= plan.net


def test_the_first_receipt_is_a_whole_a_coin() -> None:
    assert receipts.plan_mint(100, 2, receipts.Position(0, 0, 0)) == receipts.Exchange(WHOLE, 100, 0)
    assert receipts.plan_mint(1, 3, receipts.Position(0, 0, 0)) == receipts.Exchange(WHOLE // 1_000, 1, 0)
    assert receipts.plan_mint(1, 2, receipts.Position(0, 5, WHOLE)) is None
    assert receipts.equity(receipts.Position(100, -2_000, WHOLE), 30, 1) == 1_000
    assert receipts.equity(receipts.Position(100, -4_000, WHOLE), 30, 1) == 0


def test_without_lots_units_share_what_is_there() -> None:
    behind = receipts.Position(0, 10, 3)
    assert receipts.plan_redemption(1, behind) == receipts.Exchange(1, 0, 3)
    assert receipts.plan_redemption(1, receipts.Position(0, -10, 3)).net == 0


# ---- baskets -----------------------------------------------------------------------------------

prices = st.integers(1, 2**31 - 1)
baskets = st.lists(st.tuples(st.integers(1, 1_000), prices), min_size=3, max_size=16)


def weights_of(parts: list[int]) -> list[int]:
    """Weights in proportion, in ppb, that sum to one."""
    shares = [part * PPB_ONE // sum(parts) for part in parts]
    shares[0] += PPB_ONE - sum(shares)
    return shares


@given(baskets, st.integers(1, basket.PRICE_MAX))
def test_a_rebalance_keeps_the_index_to_the_tick(rows_: list[tuple[int, int]], index: int) -> None:
    weights, at = weights_of([part for part, _ in rows_]), [price for _, price in rows_]
    units = basket.units(weights, at)
    divisor = basket.divisor(basket.value(units, at), index)
    assert basket.index(units, at, divisor) == index


@given(baskets, st.integers(1_000, 10**6), st.lists(st.integers(500, 2_000), min_size=16, max_size=16))
def test_the_index_moves_as_its_weights_do(
    rows_: list[tuple[int, int]], index: int, moves: list[int]
) -> None:
    weights = weights_of([part for part, _ in rows_])
    at = [max(1_000, price % 10**7) for _, price in rows_]
    after = [price * move // 1_000 for price, move in zip(at, moves, strict=False)]
    units = basket.units(weights, at)
    now = basket.index(units, after, basket.divisor(basket.value(units, at), index))
    exact = index * sum(
        Fraction(weight, PPB_ONE) * Fraction(new, old)
        for weight, old, new in zip(weights, at, after, strict=True)
    )
    assert abs(now - exact) <= 1 + exact / 10**6


def test_capped_weights_by_hand() -> None:
    # 60, 30, 10 at a cap of 40: the 20 go to 30 and 10 as 3 : 1, which takes the 30 above 40 as well.
    assert basket.capped_weights([60, 30, 10], 400_000_000) == [400_000_000, 400_000_000, 200_000_000]
    assert basket.capped_weights([50, 30, 20], 450_000_000) == [450_000_000, 330_000_000, 220_000_000]
    assert basket.capped_weights([1, 1], 400_000_000) == [500_000_000, 500_000_000]
    assert sum(basket.capped_weights([0, 0, 0], 400_000_000)) <= PPB_ONE


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=16), st.integers(1, PPB_ONE))
def test_capped_weights_sum_to_one_and_keep_the_cap(sizes: list[int], cap: int) -> None:
    weights = basket.capped_weights(sizes, cap)
    bound = max(cap, -(-PPB_ONE // len(sizes)))
    assert sum(weights) == PPB_ONE
    assert all(0 <= weight <= bound + len(sizes) for weight in weights)
    ranked = sorted(zip(sizes, weights, strict=True))
    assert all(w <= v + len(sizes) for (_, w), (_, v) in pairwise(ranked))
