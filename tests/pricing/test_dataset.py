"""The tables: what is read, what is refused, and what the book knew when."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from floorbook.errors import HistoryError
from floorbook.pricing import dataset
from floorbook.pricing.dataset import ACCESSORY, COUNT, TYPE, Book, Dataset


def test_the_packaged_collection(packaged: Dataset) -> None:
    traits = packaged.traits
    assert traits.matrix.shape[0] == len(traits.of_token) == 10_000
    assert traits.of_token[7804] == {"type": "Alien", "gender": "Male", "accessory Cap Forward": "yes",
                                     "accessory Pipe": "yes", "accessory Small Shades": "yes"}  # fmt: skip
    assert (traits.matrix[:, traits.kind == COUNT].sum(axis=1) == 1).all()
    assert traits.matrix[:, traits.names.index("Alien")].sum() == 9
    assert {*np.unique(traits.kind)} == {TYPE, COUNT, ACCESSORY}
    assert (np.diff(packaged.sales.hour) >= 0).all()
    assert (packaged.sales.price > 0).all()
    assert (packaged.book.bid <= packaged.book.floor).all()


def test_a_quote_is_known_from_its_hour_on() -> None:
    book = Book(np.array([10, 12]), np.array([1.0, 3.0]), np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    assert book.row_at(np.array([9, 10, 11, 12, 99])).tolist() == [-1, 0, 0, 1, 1]


def test_the_average_floor_is_over_time_not_over_quotes() -> None:
    book = Book(np.array([0, 9]), np.array([1.0, 3.0]), np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    assert book.average_floor(10, 10) == pytest.approx((9 * 1.0 + 1 * 3.0) / 10)


def test_merging_keeps_the_order_of_time(small: Dataset) -> None:
    both = dataset.merged(small.sales, small.sales.take(slice(10, 20)))
    assert len(both.hour) == len(small.sales.hour) + 10
    assert (np.diff(both.hour) >= 0).all()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="not the tables of an appraisal"):
        dataset.load(tmp_path)


def test_a_malformed_table_is_named(tmp_path: Path) -> None:
    for name in (dataset.TRAITS_FILE, dataset.SALES_FILE, dataset.BOOK_FILE):
        (tmp_path / name).write_bytes(gzip.compress(b"token,hour\n1,x\n"))
    with pytest.raises(HistoryError, match="not the tables"):
        dataset.load(tmp_path)
