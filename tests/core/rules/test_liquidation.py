"""docs/spec/liquidation.md, section by section."""

from hypothesis import assume, given
from hypothesis import strategies as st

from floorbook.core.rules import liquidation
from floorbook.core.rules.fees import fee
from floorbook.core.rules.liquidation import Account, Position
from floorbook.core.rules.margin import Step, Tier, maintenance_steps, requirement
from floorbook.units import E12_ONE, MINUTE_NS

FLAT_5 = (Step(50_000_000, 0),)
RISING = maintenance_steps(
    (
        Tier(notional_above=0, initial_ppb=20_000_000, maintenance_ppb=10_000_000),
        Tier(notional_above=5_000, initial_ppb=100_000_000, maintenance_ppb=50_000_000),
        Tier(notional_above=20_000, initial_ppb=500_000_000, maintenance_ppb=300_000_000),
    )
)
sizes = st.integers(-100, 100).filter(bool)


@given(
    sizes,
    st.integers(-60_000, 60_000),
    st.integers(-60_000, 60_000),
    st.integers(-60_000, 60_000),
    st.integers(0, 2_000),
    st.sampled_from([FLAT_5, RISING]),
    st.integers(0, 1),
)
def test_liquidation_price_is_exact_to_the_tick(
    size: int, cost: int, eth: int, usdc: int, need: int, steps: tuple[Step, ...], asset: int
) -> None:
    position = Position(size, cost, 3, asset)
    rest = Account((eth, usdc), (need, need // 2), (E12_ONE, E12_ONE // 3))
    last = 1_500  # beyond every solution that the amounts above allow, except the unbounded ones

    def is_liquidatable(mark: int) -> bool:
        return not liquidation.risk_at(mark, position, steps, rest).is_met

    marks = range(1, last + 1) if size < 0 else range(last, 0, -1)
    brute = next((mark for mark in marks if is_liquidatable(mark)), None)
    assume(brute != last or size < 0)
    got = liquidation.liquidation_price(position, steps, rest)
    if brute is None:
        assert got is None or got > last
    else:
        assert got == brute


def test_dydx_liquidation_price_of_a_single_short() -> None:
    # dYdX's documentation: e 1000, s -3, p 3000, mmf 5 %: 3174.60; a tick is 0.01, so 3174.61 is the first.
    position = Position(-3, 0, 1, 0)
    rest = Account((100_000 + 3 * -300_000 * -1,), (0,), (E12_ONE,))
    got = liquidation.liquidation_price(position, FLAT_5, rest)
    assert got == 317_461


def test_no_liquidation_price_without_debt() -> None:
    assert (
        liquidation.liquidation_price(Position(1, 0, 1, 0), FLAT_5, Account((10,), (0,), (E12_ONE,))) is None
    )


@given(
    sizes,
    st.integers(1, 10**6),
    st.integers(-(10**6), 10**6),
    st.integers(1, 10**6),
    st.data(),
)
def test_closing_at_the_zero_total_keeps_equity_over_maintenance(
    size: int, notional: int, equity: int, maintenance: int, data: st.DataObject
) -> None:
    after = data.draw(st.integers(0, maintenance))
    zero = liquidation.zero_total(size, notional, equity, maintenance, after)
    paid = notional - zero if size > 0 else zero - notional  # what the slice costs against the mark
    left = equity - paid
    assert left * maintenance >= equity * after
    assert (left - 1) * maintenance < equity * after or maintenance == 1


def test_closing_everything_of_one_position_takes_the_equity_to_zero() -> None:
    # Survey §7: long 10 at 10, collateral 10, mark 9.4: equity 4, margin 4.7, zero price 9.
    assert liquidation.zero_total(10, 9_400, 400, 470, 0) == 9_000
    assert liquidation.zero_price(10, 9_000, 10, 1) == 900
    assert liquidation.zero_total(10, 8_500, -367, 425, 0) == 8_867


def test_a9_equity_of_the_whole_account_sets_the_zero_price() -> None:
    # Audit A9: long 10 at 10, cash 2, credit 28, mark 7.2: 9.8 on cash alone, 7.0 with the credit.
    # Equity is 2 + 72 - 100 = -26 on cash alone, 2 with the credit; prices in hundredths.
    assert liquidation.zero_total(10, 7_200, -2_600, 360, 0) == 9_800
    assert liquidation.zero_total(10, 7_200, 200, 360, 0) == 7_000


def test_tiers_move_the_zero_price_of_a_slice() -> None:
    # Audit A9: 1 % to 50 and 3 % above, N 100, E 1: a fifth releases 30 % of the margin, so -1.5 %, not -1 %.
    steps = maintenance_steps(
        (
            Tier(notional_above=0, initial_ppb=10_000_000, maintenance_ppb=10_000_000),
            Tier(notional_above=50_000, initial_ppb=30_000_000, maintenance_ppb=30_000_000),
        )
    )
    before, after = requirement(100_000, steps), requirement(80_000, steps)
    assert (before, after) == (2_000, 1_400)
    assert liquidation.zero_total(1, 20_000, 1_000, before, after) == 19_700


def test_the_price_rounds_against_the_account_and_stays_a_price() -> None:
    assert liquidation.zero_price(1, 1_001, 10, 1) == 101
    assert liquidation.zero_price(-1, 1_009, 10, 1) == 100
    assert liquidation.zero_price(-1, -5, 10, 1) == 1


def test_another_settle_asset() -> None:
    # 4 ETH atoms of equity are 12 USDC atoms at 1/3.
    assert liquidation.zero_total(1, 100, 4, 10, 0, E12_ONE // 3 + 1) == 100 - 11
    assert liquidation.zero_total(-1, 100, -4, 10, 0, E12_ONE // 3 + 1) == 88


def test_a_round_is_a_fifth_rounded_up_or_everything() -> None:
    assert liquidation.round_lots(101, 10**6, 9, 10, 100) == 21
    assert liquidation.round_lots(-101, 100, 9, 10, 100) == 101
    assert liquidation.round_lots(101, 10**6, 199, 300, 100) == 101
    assert liquidation.round_lots(101, 10**6, 200, 300, 100) == 21


def test_the_fee_comes_only_out_of_the_surplus() -> None:
    assert liquidation.liquidation_fee(1, 10_000, 9_000) == 100
    assert liquidation.liquidation_fee(1, 10_000, 9_970) == 30
    assert liquidation.liquidation_fee(1, 10_000, 10_001) == 0
    assert liquidation.liquidation_fee(-1, 10_000, 11_000) == 100
    assert liquidation.surplus(-1, 10_000, 9_990) == -10


def test_the_offer_walks_from_the_mark_to_the_zero_price() -> None:
    assert liquidation.offer_price(100, 90, 0) == 100
    assert liquidation.offer_price(100, 90, 30 * 10**9) == 99
    assert liquidation.offer_price(100, 90, 5 * MINUTE_NS) == 90
    assert liquidation.offer_price(100, 90, 9 * MINUTE_NS) == 90
    assert liquidation.offer_price(100, 110, MINUTE_NS) == 102


@given(sizes, st.integers(1, 10**12), st.integers(0, 2_000_000))
def test_an_offer_leaves_room_for_the_taker_fee(size: int, total: int, taker_ppb: int) -> None:
    worst = liquidation.offer_total(size, total, taker_ppb)
    kept = worst - fee(worst, taker_ppb) if size > 0 else worst + fee(worst, taker_ppb)
    assert kept >= total - 1 if size > 0 else kept <= total + 1


def test_fund_gives_a_slice_away_at_most_half_a_per_cent_from_the_mark() -> None:
    assert liquidation.unwind_total(10, 1_001) == 996  # floor(5.005) = 5 below
    assert liquidation.unwind_total(-10, 1_001) == 1_006
