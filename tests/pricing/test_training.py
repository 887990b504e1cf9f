"""The walk finds known prices, looks at nothing later, and filters what it should."""

import numpy as np
import pytest

from floorbook.pricing import dataset as tables
from floorbook.pricing import training
from floorbook.pricing.dataset import Book, Dataset, Sales
from floorbook.pricing.features import TokenTable
from floorbook.pricing.filters import Verdict
from tests.pricing import village
from tests.pricing.village import CONFIG, START

CUT = START + 150 * 24


@pytest.fixture(scope="module")
def small_walk(small: Dataset) -> training.Walk:
    return training.walk_forward(small, CONFIG)


def test_it_finds_the_known_prices(small_walk: training.Walk) -> None:
    sold = small_walk.sold
    late = sold.sales.hour >= CUT
    assert np.abs(sold.full - village.premium(sold.sales.token))[late].max() < 0.15
    # The error of a perfect prediction is the noise, whose median size is 0.67 deviations.
    assert np.median(np.abs(sold.premium - sold.full)[late]) < 0.067 * 1.15


def test_its_band_covers_what_it_says(small_walk: training.Walk) -> None:
    sold = small_walk.sold
    late = sold.sales.hour >= CUT
    inside = (sold.premium >= sold.low) & (sold.premium <= sold.high)
    # The levels are 9 and 91 %: the outliers of real markets take the rest, and here are none.
    assert inside[late].mean() == pytest.approx(0.82, abs=0.05)


def test_the_future_changes_nothing(small: Dataset, small_walk: training.Walk) -> None:
    later = small.sales.hour >= CUT
    wild = Sales(
        small.sales.hour, np.where(later, 0, small.sales.token), np.where(later, 99.0, small.sales.price),
        np.where(later, 1, small.sales.seller), np.where(later, 1, small.sales.buyer), small.sales.kind,
    )  # fmt: skip
    factor = np.where(small.book.hour > CUT, 5.0, 1.0)
    book = Book(
        small.book.hour, small.book.floor * factor, small.book.bid * factor, small.book.ask_10 * factor
    )
    other = training.walk_forward(Dataset(small.traits, wild, book), CONFIG)
    before = small_walk.sold.sales.hour < CUT
    for name in ("verdict", "base", "full", "scale", "low", "high"):
        old, new = getattr(small_walk.sold, name)[before], getattr(other.sold, name)[before]
        assert np.array_equal(old, new, equal_nan=True), name
    weeks = small_walk.weeks.hour <= CUT
    assert np.array_equal(small_walk.weeks.full[weeks], other.weeks.full[weeks])


def test_ending_earlier_is_the_beginning_of_ending_later(small: Dataset, small_walk: training.Walk) -> None:
    short = training.walk_forward(small, CONFIG, until="2020-05-01")
    count = len(short.sold.premium)
    assert 0 < count < len(small_walk.sold.premium)
    assert np.array_equal(short.sold.full, small_walk.sold.full[:count], equal_nan=True)


def test_sales_of_one_hour_do_not_know_each_other(small: Dataset) -> None:
    row = int(np.searchsorted(small.sales.hour, CUT))
    hour = int(small.sales.hour[row])
    twins = Sales(*(np.array([one, one]) for one in (hour, 3, 500.0, 901, 902, 1)))
    with_twins = Dataset(small.traits, tables.merged(small.sales, twins), small.book)
    walk = training.walk_forward(with_twins, CONFIG, until="2020-06-15")
    same = (walk.sold.sales.hour == hour) & (walk.sold.sales.token == 3)
    assert len(np.unique(walk.sold.full[same])) == 1


def test_a_print_far_from_the_prediction_is_an_outlier(small: Dataset) -> None:
    hours = START + np.array([170, 180, 190]) * 24
    rows = [np.array(column) for column in ([7, 8, 9], [60.0, 2.0, 10.0], [901, 902, 903], [904, 905, 906])]
    prints = Sales(hours, rows[0], rows[1] * 1.0, rows[2], rows[3], np.ones(3, dtype=np.int64))
    dirty = Dataset(small.traits, tables.merged(small.sales, prints), small.book)
    sold = training.walk_forward(dirty, CONFIG).sold
    verdicts = [int(sold.verdict[sold.sales.seller == seller][-1]) for seller in rows[2]]
    assert verdicts == [Verdict.OUTLIER, Verdict.OUTLIER, Verdict.EVIDENCE]


def test_the_oldest_sales_say_how_traits_compare(small: Dataset) -> None:
    tokens = TokenTable(small, CONFIG)
    rare, plain = tokens.columns[0, -1], tokens.columns[1, -1]
    assert rare > plain + 0.3
    assert tokens.columns[:, -1] == pytest.approx(tokens.columns[:, :-1] @ tokens.prior)


def test_no_sales_no_model(small: Dataset) -> None:
    walk = training.walk_forward(small, CONFIG, until="2020-01-04")
    assert not walk.weeks.base.any()
    assert np.isnan(walk.sold.base).all()
