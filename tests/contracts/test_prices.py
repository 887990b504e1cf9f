"""The engine gives the prices and medians that the contracts are tested with."""

import json
from typing import Any

import pytest

from floorbook.core.rules import auction, reports
from floorbook.core.rules.index import median
from tests.contracts.prices import FOLDER
from tests.contracts.vectors import FILES, text

SECOND_NS = 10**9


def rows(file: str, table: str) -> list[dict[str, int]]:
    columns: dict[str, list[str]] = json.loads((FOLDER / file).read_text())[table]
    return [dict(zip(columns, map(int, row), strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize("name", FILES)
def test_files_hold_what_the_second_implementation_gives(name: str) -> None:
    assert (FOLDER / name).read_text() == text(name)


def test_power_is_the_engines() -> None:
    for row in rows("auction_price.json", "exponential"):
        assert auction.exponential(row["high"], row["low"], row["elapsed"], row["duration"]) == row["price"]


def test_terms_are_the_engines() -> None:
    for row in rows("auction_price.json", "curve"):
        found = auction.curve(row["appraisal"], row["liquidation"], row["bid"])
        assert (found.start, found.par, found.end) == (row["start"], row["par"], row["end"])


def test_price_is_the_engines() -> None:
    for row in rows("auction_price.json", "priceAt"):
        sale = auction.Curve(start=row["start"], par=row["par"], end=row["end"])
        assert auction.price_at(sale, row["elapsed"] * SECOND_NS) == row["price"]


def test_published_prices_hold() -> None:
    for row in rows("auction_price.json", "published"):
        found = auction.exponential(row["high"], row["low"], row["elapsed"], row["duration"])
        assert abs(found - row["price"]) <= row["within"]


def test_medians_are_the_engines() -> None:
    given: dict[str, list[Any]] = json.loads((FOLDER / "medians.json").read_text())
    for values, middle, agreeing in zip(given["values"], given["median"], given["agreeing"], strict=True):
        numbers = [int(value) for value in values]
        assert (median(numbers), reports.largest_agreement(numbers)) == (int(middle), int(agreeing))
