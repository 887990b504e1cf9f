"""The formulas of docs/spec/appraisal.md §9, on numbers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.pricing.lending_value import Levels, counted_premium, lending_value

ATOMS = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("p10", "age", "expected"),
    [
        (120, 0, 10),  # half of 20
        (120, 15, 5),  # half faded
        (120, 30, 0),
        (120, 400, 0),
        (120, None, 0),  # never shown by a sale
        (900, 0, 25),  # half of half a floor
        (100, 0, 0),
        (90, 0, -10),  # a shortfall counts whole
        (90, None, -10),
    ],
)
def test_the_counted_premium(p10: int, age: int | None, expected: int) -> None:
    assert counted_premium(100, p10, age) == expected


def test_the_lowest_of_spot_average_and_bids_counts() -> None:
    value = lending_value(Levels(floor=1_000, floor_7d=900, floor_12h=990, bids=950), 1_200, 0)
    assert value.borrow_value == 900 + 100
    assert value.credit == 500
    assert value.liquidation_value == 1_000
    assert value.debt_max == 650


def test_a_falling_market_lowers_the_liquidation_value() -> None:
    value = lending_value(Levels(floor=1_000, floor_7d=1_000, floor_12h=700, bids=1_000), 1_000, 0)
    assert (value.borrow_value, value.liquidation_value) == (1_000, 700)


def test_a_worthless_token_counts_nothing() -> None:
    value = lending_value(Levels(floor=1_000, floor_7d=1_000, floor_12h=1_000, bids=0), 10, None)
    assert (value.borrow_value, value.credit, value.debt_max) == (0, 0, 0)


@given(ATOMS, ATOMS, ATOMS, ATOMS, ATOMS, st.none() | st.integers(0, 100))
def test_it_is_never_more_than_half_a_floor_above_the_market(
    floor: int, week: int, half_day: int, bids: int, p10: int, age: int | None
) -> None:
    value = lending_value(Levels(floor, week, half_day, bids), p10, age)
    assert 0 <= value.liquidation_value <= value.borrow_value <= min(floor, week, bids) + floor // 4
    assert value.credit <= value.borrow_value // 2 + 1
