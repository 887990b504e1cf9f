"""What `floorbook appraise` says a token counts for, worked out by hand.  Spec: collateral.md §2, §4."""

from floorbook.cli.lending_value import Levels, lending_value
from floorbook.units import DAY_NS


def test_the_lowest_of_spot_average_and_bid_counts() -> None:
    # P10 1.2 floors, shown today: half of 0.2 counts, so everything is worth 1.1.
    value = lending_value(Levels(1_000, bid=950, floor_borrow=900, floor_liquidation=990), 1_200, 0)
    assert (value.borrow_value, value.liquidation_value) == (990, 1_089)
    assert value.credit == 495  # 50 %
    assert value.debt_max == 707  # 65 % of 1,089 is 707.85


def test_a_falling_market_lowers_the_credit() -> None:
    value = lending_value(Levels(1_000, bid=1_000, floor_borrow=1_000, floor_liquidation=700), 1_000, 0)
    assert (value.borrow_value, value.liquidation_value) == (1_000, 700)
    assert value.credit == 350


def test_a_premium_nobody_has_paid_for_a_month_counts_nothing() -> None:
    levels = Levels(1_000, bid=1_000, floor_borrow=1_000, floor_liquidation=1_000)
    assert lending_value(levels, 90_000, 30 * DAY_NS).borrow_value == 1_000
    assert lending_value(levels, 90_000, 15 * DAY_NS).borrow_value == 1_125  # half of a quarter


def test_a_token_without_bids_carries_no_credit() -> None:
    value = lending_value(Levels(1_000, bid=0, floor_borrow=1_000, floor_liquidation=1_000), 10, 0)
    assert (value.borrow_value, value.credit) == (0, 0)
    assert (value.liquidation_value, value.debt_max) == (10, 6)
