"""docs/spec/margin.md §9 to §11."""

from floorbook.core.rules import limits


def test_open_interest_is_bounded_by_insurance_and_by_the_cost_of_an_attack() -> None:
    assert limits.open_interest_max(50, 1_000) == 1_000
    assert limits.open_interest_max(50, 60) == 600
    assert limits.open_interest_max(-1, 60) == 0


def test_position_room_counts_position_and_resting_orders_of_the_side() -> None:
    # Paradex: limit 1,000, position -900: 100 may be sold, 1,900 bought.
    assert limits.position_room(-1, -900, 0, 1_000, 1, 1) == 100
    assert limits.position_room(1, -900, 0, 1_000, 1, 1) == 1_900
    assert limits.position_room(1, 900, 200, 1_000, 1, 1) == 0


def test_fills_stay_near_the_mark() -> None:
    assert limits.band_ppb(100_000_000) == 50_000_000
    assert limits.band_ppb(20_000_000) == 20_000_000
    assert limits.price_band(101, 50_000_000) == (96, 106)
    assert limits.price_band(1, 50_000_000) == (1, 1)
