"""Margin, limits, fees, entry costs and the sweep; expectations worked out by hand.

10 lots at 1,000 ticks are 10^7 atoms: 10^6 initial and 500,000 maintenance margin.
"""

from typing import Any

import pytest

from floorbook.core.kernel.rows import CANCELLED, FILLED, FOK, IOC, LIQUIDATION, MARKET, PLACED, REDUCE_ONLY
from floorbook.core.reasons import Cancel, Reject
from tests.core.kernel.world import (
    BUY,
    ETH,
    FEES,
    FUNDS,
    MAKER,
    OTHER,
    POOR,
    SELL,
    TAKER,
    USDC,
    WHALE,
    open_world,
    place,
    sample,
    told,
)

REFUSED = Reject.INSUFFICIENT_MARGIN


def reason_of(events: list[tuple[int, ...]]) -> int:
    """Return why a command was refused, 0 if it was not."""
    return events[0][1]


def with_funds(make: Any, atoms: int, asset: int = ETH) -> Any:
    kernel = open_world(make)
    kernel.adjust(POOR, asset, atoms)
    return kernel


# Rule (a).


@pytest.mark.parametrize(
    ("price", "fee", "need"),
    [
        (1_000, 0, 1_000_000),
        (990, 0, 1_000_000),
        (1_010, 0, 1_100_000),  # plus 10 ticks lost against the mark
        (1_000, 1_500_000, 1_015_000),  # plus the taker fee
        (1_000, 1, 1_000_001),  # which rounds up
    ],
)
def test_an_order_needs_its_margin_to_the_atom(make: Any, price: int, fee: int, need: int) -> None:
    kernel = with_funds(make, need - 1)
    kernel.set_fees(0, [(fee, 0)])
    assert reason_of(place(kernel, POOR, BUY, price, 10)) == REFUSED
    kernel.adjust(POOR, ETH, 1)
    assert reason_of(place(kernel, POOR, BUY, price, 10)) == 0


def test_a_surcharge_is_for_increasing_orders_of_one_side(make: Any) -> None:
    kernel = with_funds(make, 1_000_000)
    sample(kernel, surcharge_buy=1)
    assert reason_of(place(kernel, POOR, BUY, 1_000, 10)) == REFUSED
    assert reason_of(place(kernel, POOR, SELL, 1_000, 10)) == 0


def test_resting_orders_reserve_the_larger_side_and_their_loss(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, BUY, 1_010, 10)
    place(kernel, MAKER, SELL, 1_020, 30)
    assert kernel.risk(MAKER) == (FUNDS - 3_100_000, 3_100_000, FUNDS, 0)
    sample(kernel, mark=1_030)  # 3,090,000 for 30 lots; sells lose 10 ticks, buys nothing
    assert kernel.risk(MAKER)[1] == 3_390_000


def test_losses_are_netted_per_side(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, BUY, 1_010, 10)
    place(kernel, MAKER, BUY, 985, 10)
    assert kernel.risk(MAKER)[1] == 2_000_000  # 100,000 lost, 150,000 won
    place(kernel, MAKER, BUY, 1_010, 10)
    assert kernel.risk(MAKER)[1] == 3_050_000


def test_margin_is_the_largest_tier_and_the_accounts_own_rate(make: Any) -> None:
    kernel = open_world(make)
    tiers = [(100_000_000, 0), (200_000_000, 1_000_000)]
    sample(kernel, initial=tiers, maintenance=[(50_000_000, 0), (100_000_001, 500_000)])
    kernel.trade(1, 0, MAKER, OTHER, 10, 10_000_000)
    assert kernel.risk(MAKER)[1::2] == (
        1_000_000,
        500_001,
    )  # the edge, where both tiers agree but for an atom
    kernel.trade(1, 0, MAKER, OTHER, 5, 5_000_000)
    assert kernel.risk(MAKER)[1::2] == (2_000_000, 1_000_001)  # ceil(1,500,000.015) - 500,000
    kernel.set_rate(MAKER, 0, 300_000_000)
    assert kernel.risk(MAKER)[1::2] == (4_500_000, 1_000_001)
    kernel.set_rate(MAKER, 0, 0)
    assert kernel.risk(MAKER)[1] == 2_000_000


def test_another_asset_counts_with_its_haircut(make: Any) -> None:
    kernel = with_funds(make, 2_000_000, USDC)
    kernel.set_asset_prices(
        [10**12, 5 * 10**11], 900_000_000, 950_000_000
    )  # worth 1,000,000, counted 900,000
    assert reason_of(place(kernel, POOR, BUY, 1_000, 10)) == REFUSED
    assert reason_of(place(kernel, POOR, BUY, 1_000, 9)) == 0
    assert kernel.risk(POOR) == (0, 900_000, 1_000_000, 0)
    kernel.trade(1, 0, POOR, MAKER, 9, 9_000_000)
    kernel.one(1, 4, POOR, 0)
    # 450,000 lacking in ETH use up ceil(450,000 / 0.95) = 473,685 of the surplus.
    assert kernel.risk(POOR) == (0, 900_000, 526_315, 450_000)
    kernel.adjust(POOR, USDC, -1)
    assert kernel.risk(POOR)[0] == -1  # surplus 999,999, counted 899,999


def test_a_market_may_settle_in_the_other_asset(make: Any) -> None:
    kernel = with_funds(make, 500_000)  # ETH, counted 450,000 for a lack of 2 x 450,000 USDC atoms
    kernel.set_asset_prices([10**12, 5 * 10**11], 900_000_000, 950_000_000)
    market = kernel.open_market(USDC, 1_000, 10**6, 10**4, 2)
    sample(kernel, market=market)
    assert reason_of(place(kernel, POOR, BUY, 1_000, 9, market=market)) == 0
    assert kernel.risk(POOR) == (0, 450_000, 500_000, 0)
    assert reason_of(place(kernel, POOR, BUY, 1_000, 2, market=market)) == REFUSED
    place(kernel, MAKER, SELL, 1_000, 9, market=market)
    assert (kernel.quote(POOR, USDC), kernel.cash(POOR, USDC), kernel.quote(POOR, ETH)) == (
        -9_000_000,
        0,
        500_000,
    )


def test_credit_counts_as_equity(make: Any) -> None:
    kernel = with_funds(make, 500_000)
    kernel.set_credit(POOR, 500_000, 200_000)
    assert kernel.credit(POOR) == (500_000, 200_000)
    assert reason_of(place(kernel, POOR, BUY, 1_000, 10)) == 0
    assert kernel.risk(POOR)[0] == 0
    place(kernel, MAKER, SELL, 1_000, 10)
    assert kernel.risk(POOR)[2:] == (200_000, 500_000)
    kernel.adjust(POOR, ETH, -201_000)
    assert kernel.sweep() == [POOR]
    kernel.set_credit(POOR, 0, 201_000)
    assert kernel.sweep() == []


@pytest.mark.parametrize(
    ("cash", "credit", "lots", "reason"),
    [
        (500_000, 500_000, 10, 0),
        (499_999, 500_001, 10, REFUSED),  # the own half is an atom short
        (499_999, 10**9, 10, REFUSED),  # however much credit there is
        (500_000, 499_999, 10, REFUSED),  # the whole is
        (0, 10**9, 2, REFUSED),
        (-1, 10**9, 2, REFUSED),
        (150_000, 10**9, 3, 0),
    ],
)
def test_credit_covers_at_most_half_of_the_initial_margin(
    make: Any, cash: int, credit: int, lots: int, reason: int
) -> None:
    """A16: max(0, w) + min(L - D, IM / 2) >= IM."""
    kernel = with_funds(make, cash)
    kernel.set_credit(POOR, credit, credit)
    assert reason_of(place(kernel, POOR, BUY, 1_000, lots)) == reason


def test_the_loss_of_an_order_is_no_part_of_the_half(make: Any) -> None:
    """10 lots at 1,010 lose 100,000 against the mark: the account needs that and half a million."""
    for cash, reason in ((600_000, 0), (599_999, REFUSED)):
        kernel = with_funds(make, cash)
        kernel.set_credit(POOR, 10**9, 10**9)
        assert reason_of(place(kernel, POOR, BUY, 1_010, 10)) == reason


def test_a_fill_is_checked_against_the_half_too(make: Any) -> None:
    """A resting order whose owner's cash has gone meanwhile does not fill on credit alone."""
    kernel = with_funds(make, 500_000)
    kernel.set_credit(POOR, 10**9, 10**9)
    place(kernel, POOR, BUY, 1_000, 10)
    kernel.adjust(POOR, ETH, -1)
    place(kernel, MAKER, SELL, 1_000, 10)
    assert kernel.position(POOR, 0)[0] < 10


# Rule (b).


def under_water(make: Any) -> Any:
    """POOR is long 10 with equity 500,000 at mark 950: initial 950,000, maintenance 475,000."""
    kernel = with_funds(make, 1_000_000)
    place(kernel, MAKER, SELL, 1_000, 10)
    place(kernel, POOR, BUY, 1_000, 10)
    sample(kernel, mark=950, band_low=850)
    return kernel


@pytest.mark.parametrize(
    ("side", "price", "lots", "reason"),
    [
        (BUY, 940, 2, REFUSED),
        (SELL, 950, 5, 0),
        (SELL, 930, 5, 0),  # loses 100,000, frees 237,500
        (SELL, 902, 5, REFUSED),  # loses 240,000
        (SELL, 950, 11, REFUSED),  # turns
        (SELL, 950, 10, 0),
    ],
)
def test_below_initial_margin_one_may_only_improve(
    make: Any, side: int, price: int, lots: int, reason: int
) -> None:
    assert reason_of(place(under_water(make), POOR, side, price, lots)) == reason


def test_resting_reductions_count_together(make: Any) -> None:
    kernel = under_water(make)
    assert reason_of(place(kernel, POOR, SELL, 960, 6)) == 0
    assert reason_of(place(kernel, POOR, SELL, 960, 5)) == REFUSED
    assert reason_of(place(kernel, POOR, SELL, 960, 4)) == 0


def test_equity_over_maintenance_must_not_fall(make: Any) -> None:
    kernel = under_water(make)
    kernel.adjust(POOR, ETH, -400_000)  # equity 100,000 against 475,000
    # Half sold 10 ticks below: equity 50,000 against 237,500 is the same ratio.
    assert reason_of(place(kernel, POOR, SELL, 940, 5, IOC)) == 0
    assert reason_of(place(kernel, POOR, SELL, 939, 5, IOC)) == REFUSED


def test_a_maker_without_margin_leaves_and_the_next_is_asked(make: Any) -> None:
    kernel = with_funds(make, 1_000_000)
    place(kernel, POOR, SELL, 1_000, 10)
    place(kernel, MAKER, SELL, 1_000, 10)
    sample(kernel, mark=1_001)
    assert told(place(kernel, TAKER, BUY, 1_000, 10)) == [
        (PLACED, 0, TAKER, 0, 1_000, 10),
        (CANCELLED, Cancel.MAKER_MARGIN, POOR, 0, 1_000, 10),
        (FILLED, 0, TAKER, MAKER, 1_000, 10),
    ]


def test_a_market_order_stops_where_its_margin_ends(make: Any) -> None:
    kernel = with_funds(make, 1_000_000)
    place(kernel, MAKER, SELL, 1_000, 5)
    place(kernel, MAKER, SELL, 1_010, 5)
    assert reason_of(place(kernel, POOR, BUY, 0, 10, FOK, MARKET)) == Reject.NOT_FILLABLE
    assert told(place(kernel, POOR, BUY, 0, 10, IOC, MARKET)) == [
        (PLACED, 0, POOR, 0, 1_100, 10),
        (FILLED, 0, POOR, MAKER, 1_000, 5),
        (CANCELLED, Cancel.TAKER_MARGIN, POOR, 0, 1_100, 5),
    ]


# Limits.


def test_open_interest_stops_the_taker(make: Any) -> None:
    kernel = open_world(make)
    place(kernel, MAKER, SELL, 1_000, 5)
    place(kernel, MAKER, SELL, 1_000, 5)
    sample(kernel, open_interest_max=9)
    assert told(place(kernel, TAKER, BUY, 1_000, 10)) == [
        (PLACED, 0, TAKER, 0, 1_000, 10),
        (FILLED, 0, TAKER, MAKER, 1_000, 5),
        (CANCELLED, Cancel.OPEN_INTEREST, TAKER, 0, 1_000, 5),
    ]
    assert kernel.open_interest(0) == 5
    sample(kernel, open_interest_max=0)
    assert told(place(kernel, OTHER, BUY, 1_000, 5))[1][:2] == (CANCELLED, Cancel.OPEN_INTEREST)
    place(kernel, OTHER, BUY, 999, 5)
    assert told(place(kernel, TAKER, SELL, 999, 5))[1][0] == FILLED  # passes positions on, adds none


def test_position_limit_goes_by_owner_and_exposure(make: Any) -> None:
    kernel = open_world(make)
    second = kernel.open_account(MAKER)
    kernel.adjust(second, ETH, FUNDS)
    sample(kernel, limit=10_000_000)
    assert reason_of(place(kernel, MAKER, BUY, 990, 11)) == Reject.POSITION_LIMIT
    place(kernel, MAKER, BUY, 990, 6)
    assert reason_of(place(kernel, second, SELL, 1_010, 5)) == Reject.POSITION_LIMIT
    assert reason_of(place(kernel, second, SELL, 1_010, 4)) == 0
    assert reason_of(place(kernel, MAKER, SELL, 1_010, 6)) == 0  # the larger side counts
    assert reason_of(place(kernel, MAKER, SELL, 1_010, 2)) == Reject.POSITION_LIMIT
    kernel.set_limit(MAKER, 0, 12_000_000)
    assert reason_of(place(kernel, MAKER, SELL, 1_010, 2)) == 0
    assert reason_of(place(kernel, second, SELL, 1_010, 2)) == Reject.POSITION_LIMIT


def test_no_order_may_carry_a_position_past_the_markets_largest(make: Any) -> None:
    kernel = open_world(make)
    kernel.adjust(WHALE, ETH, 10**12)
    assert reason_of(place(kernel, WHALE, BUY, 990, 10_000)) == 0
    assert reason_of(place(kernel, WHALE, BUY, 990, 2)) == Reject.POSITION_LIMIT
    assert reason_of(place(kernel, WHALE, SELL, 1_010, 10_000)) == 0


# Fees, entry costs, money.


def test_fees_round_up_and_rebates_down(make: Any) -> None:
    kernel = open_world(make)
    kernel.set_fees(0, [(1_500_000, -500_000), (1_000_000, 200_000)])
    place(kernel, MAKER, SELL, 1_001, 3)
    event = place(kernel, TAKER, BUY, 1_001, 3)[1]
    assert event[11:] == (4_505, -1_501)  # 4,504.5 and 1,501.5 of 3,003,000
    assert (kernel.cash(FEES, ETH), kernel.cash(TAKER, ETH), kernel.cash(MAKER, ETH)) == (
        3_004, FUNDS - 4_505, FUNDS + 1_501,
    )  # fmt: skip
    kernel.set_account(MAKER, 0, 7)  # above the last tier: the last
    place(kernel, MAKER, SELL, 1_001, 3)
    assert place(kernel, TAKER, BUY, 1_001, 3)[1][11:] == (4_505, 601)


def test_a_liquidation_pays_no_fee_and_earns_no_rebate(make: Any) -> None:
    kernel = open_world(make)
    kernel.trade(1, 0, TAKER, WHALE, 10, 10_000_000)
    kernel.set_fees(0, [(1_500_000, -500_000), (1_000_000, 200_000)])
    kernel.set_account(OTHER, 0, 1)
    place(kernel, MAKER, BUY, 1_000, 5)
    place(kernel, OTHER, BUY, 1_000, 5)
    events = place(kernel, TAKER, SELL, 1_000, 10, IOC, REDUCE_ONLY | LIQUIDATION)
    assert [event[11:] for event in events[1:]] == [(0, 0), (0, 1_000)]


def test_the_closed_share_of_the_entry_cost_goes(make: Any) -> None:
    kernel = open_world(make)

    def trade(side: int, lots: int, price: int) -> tuple[int, ...]:
        place(kernel, MAKER, -side, price, lots)
        place(kernel, TAKER, side, price, lots)
        return (*kernel.position(TAKER, 0)[:2], kernel.cash(TAKER, ETH) - FUNDS)

    assert trade(BUY, 3, 1_000) == (3, 3_000_000, 0)
    assert trade(BUY, 2, 1_010) == (5, 5_020_000, 0)
    assert trade(SELL, 2, 1_005) == (3, 3_012_000, 2_000)
    assert trade(SELL, 5, 1_000) == (-2, -2_000_000, -10_000)
    assert trade(BUY, 2, 1_000) == (0, 0, -10_000)


def test_the_closed_share_is_truncated(make: Any) -> None:
    kernel = open_world(make)
    kernel.trade(1, 0, TAKER, MAKER, 3, 10)
    kernel.trade(1, 0, MAKER, TAKER, 1, 5)
    assert (kernel.position(TAKER, 0)[:2], kernel.position(MAKER, 0)[:2]) == ((2, 7), (-2, -7))
    kernel.trade(1, 0, MAKER, TAKER, 3, 10)  # closes 2 for trunc(10 * 2 / 3) = 6, opens 1 for 4
    assert (kernel.position(TAKER, 0)[:2], kernel.position(MAKER, 0)[:2]) == ((-1, -4), (1, 4))
    assert kernel.positions(0) == [(MAKER, 1, 4), (TAKER, -1, -4)]
    assert kernel.cash(TAKER, ETH) + kernel.cash(MAKER, ETH) == 2 * FUNDS


def test_the_sweep_finds_whom_maintenance_margin_no_longer_covers(make: Any) -> None:
    kernel = with_funds(make, 1_000_000)
    kernel.trade(1, 0, POOR, MAKER, 10, 10_000_000)
    sample(kernel, mark=948)  # equity 480,000 against 474,000
    assert kernel.sweep() == []
    sample(kernel, mark=947)  # 470,000 against 473,500
    assert kernel.risk(POOR) == (470_000 - 947_000, 947_000, -3_500, 473_500)
    assert kernel.sweep() == [POOR]
    assert POOR in kernel.suspects()
