"""Each filter alone, their order, and that no verdict looks ahead."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.pricing import filters
from floorbook.pricing.dataset import KINDS, PRIVATE, UNKNOWN_WALLET, Sales
from floorbook.pricing.filters import PrintWindows, Verdict

ASK = KINDS.index("ask")
Row = tuple[int, int, float, int, int, int]


def table(rows: list[Row]) -> Sales:
    """Return sales from rows of hour, token, price, seller, buyer, kind."""
    hour, token, price, seller, buyer, kind = zip(*rows, strict=True)
    ints = [np.array(column, dtype=np.int64) for column in (hour, token, seller, buyer, kind)]
    return Sales(ints[0], ints[1], np.array(price, dtype=float), *ints[2:])


def verdicts(*rows: Row, funder: dict[int, int] | None = None) -> list[Verdict]:
    return [Verdict(verdict) for verdict in filters.wash_verdicts(table(list(rows)), funder)]


def test_a_wallet_buys_from_itself() -> None:
    assert filters.is_same_wallet(3, 3)
    assert not filters.is_same_wallet(3, 4)
    assert not filters.is_same_wallet(UNKNOWN_WALLET, UNKNOWN_WALLET)


def test_a_token_goes_to_and_fro() -> None:
    there, back = (1, 9, 1.0, 5, 6, ASK), (2, 9, 1.0, 6, 5, ASK)
    assert verdicts(there, back) == [Verdict.EVIDENCE, Verdict.BACK_AND_FORTH]
    assert verdicts(there, (2, 8, 1.0, 6, 5, ASK)) == [Verdict.EVIDENCE, Verdict.EVIDENCE]  # another token
    assert verdicts(there, (2, 9, 1.0, 6, 7, ASK))[1] == Verdict.EVIDENCE


def test_the_third_purchase_of_a_token_by_one_wallet() -> None:
    rows: list[Row] = [(hour, 9, 1.0, 10 + hour, 5, ASK) for hour in range(3)]
    assert verdicts(*rows) == [Verdict.EVIDENCE, Verdict.EVIDENCE, Verdict.REPEATED_BUYER]


def test_the_third_sale_of_a_token_by_one_wallet() -> None:
    rows: list[Row] = [(hour, 9, 1.0, 5, 10 + hour, ASK) for hour in range(3)]
    assert verdicts(*rows)[-1] == Verdict.REPEATED_BUYER


def test_an_unknown_wallet_repeats_nothing() -> None:
    rows: list[Row] = [(hour, 9, 1.0, 10 + hour, UNKNOWN_WALLET, ASK) for hour in range(5)]
    assert set(verdicts(*rows)) == {Verdict.EVIDENCE}


@pytest.mark.parametrize(
    ("funder", "expected"),
    [
        ({5: 1, 6: 1}, Verdict.COMMON_FUNDER),  # one wallet funded both
        ({5: 6}, Verdict.COMMON_FUNDER),  # the buyer funded the seller
        ({6: 5}, Verdict.COMMON_FUNDER),  # the seller funded the buyer
        ({5: 1, 6: 2}, Verdict.EVIDENCE),
        ({5: 1}, Verdict.EVIDENCE),
        ({}, Verdict.EVIDENCE),
    ],
)
def test_a_common_funder(funder: dict[int, int], expected: Verdict) -> None:
    assert verdicts((1, 9, 1.0, 5, 6, ASK), funder=funder) == [expected]


def test_gifts_and_private_sales() -> None:
    assert verdicts((1, 9, 0.0, 5, 6, ASK), (2, 8, 1.0, 5, 6, PRIVATE)) == [Verdict.FREE, Verdict.PRIVATE]


def test_the_first_broken_rule_names_the_verdict() -> None:
    assert verdicts((1, 9, 0.0, 5, 5, PRIVATE), (2, 9, 1.0, 5, 5, PRIVATE)) == [
        Verdict.FREE,
        Verdict.SAME_WALLET,
    ]


def test_below_a_fifth_of_the_median() -> None:
    recent = np.array([1.0, 10.0, 12.0])
    assert filters.is_far_below_median(1.99, recent)
    assert not filters.is_far_below_median(2.0, recent)
    assert not filters.is_far_below_median(0.1, np.array([]))


def test_an_outlier_is_three_deviations_off() -> None:
    # Median 0, median absolute deviation 0.4: the limit is 3 * 1.4826 * 0.4 = 1.77912.
    recent = np.array([-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6])
    assert filters.outlier_limit(recent) == pytest.approx(1.77912)
    assert filters.is_outlier(1.78, recent)
    assert filters.is_outlier(-1.78, recent)
    assert not filters.is_outlier(1.77, recent)
    assert not filters.is_outlier(9.0, np.array([]))


def test_a_calm_market_calls_no_small_error_an_outlier() -> None:
    calm = np.full(50, 0.01)
    assert not filters.is_outlier(0.85, calm, limit_min=0.9)
    assert filters.is_outlier(0.92, calm, limit_min=0.9)


def test_a_fifth_and_five_times_are_outliers_of_any_calm_market() -> None:
    recent = np.random.default_rng(1).normal(0, 0.2, 200)
    assert filters.is_outlier(float(np.log(5)), recent, 0.9)
    assert filters.is_outlier(float(np.log(0.2)), recent, 0.9)


def test_one_print_a_token_a_day() -> None:
    windows = PrintWindows()
    assert windows.judge(100, 9, 1, 2) == Verdict.EVIDENCE
    assert windows.judge(123, 9, 3, 4) == Verdict.TOKEN_WINDOW
    assert windows.judge(124, 9, 5, 6) == Verdict.EVIDENCE  # the refused print did not extend the window


def test_one_print_a_pair_a_day_in_either_direction() -> None:
    windows = PrintWindows()
    assert windows.judge(100, 9, 1, 2) == Verdict.EVIDENCE
    assert windows.judge(101, 8, 2, 1) == Verdict.PAIR_WINDOW
    assert windows.judge(101, 7, 1, UNKNOWN_WALLET) == Verdict.EVIDENCE
    assert windows.judge(102, 6, 1, UNKNOWN_WALLET) == Verdict.EVIDENCE


def test_unrelated_buyers_are_counted_not_volume() -> None:
    sales = table(
        [(1, 1, 5.0, 1, 2, ASK), (2, 2, 900.0, 3, 3, ASK), (3, 3, 1.0, 4, 2, ASK), (4, 4, 1.0, 5, 6, ASK)]
    )
    assert filters.unrelated_buyers(sales, filters.wash_verdicts(sales)) == 2


ROWS = st.lists(
    st.tuples(
        st.just(1), st.integers(0, 2), st.sampled_from([0.0, 1.0]), st.integers(0, 3), st.integers(0, 3),
        st.sampled_from([ASK, PRIVATE]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@given(ROWS, st.integers(0, 12))
def test_later_sales_change_no_verdict(rows: list[Row], cut: int) -> None:
    kept = rows[: max(1, cut)]
    assert verdicts(*rows)[: len(kept)] == verdicts(*kept)
