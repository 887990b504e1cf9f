"""What an appraisal learns from: traits, sales and quotes of one collection, as columns.

Time is whole hours since 1970 UTC: a sale of hour h happened in [h, h + 1), a quote of hour h was known when
h began.  Prices are ETH as floats: this package estimates, and rounds to atoms only on the way out.
Tables and their columns: docs/data.md
"""

import csv
import gzip
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from floorbook.errors import HistoryError

PACKAGED = Path(__file__).parent / "data"
TRAITS_FILE, SALES_FILE, BOOK_FILE = "punks_traits.csv.gz", "punks_sales.csv.gz", "punks_book.csv.gz"
UNKNOWN_WALLET = 0
TYPE, COUNT, ACCESSORY = range(3)
KINDS = ("", "ask", "bid", "wrapped", "private")
PRIVATE = KINDS.index("private")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Traits(msgspec.Struct, frozen=True):
    """The traits of tokens 0 .. n - 1: an indicator matrix and the names of its columns."""

    names: tuple[str, ...]
    kind: Ints  # of each column: TYPE (a token shows two or three), COUNT (one) or ACCESSORY
    matrix: Floats
    of_token: tuple[dict[str, str], ...]  # trait name -> value, what rarity is computed from


class Sales(msgspec.Struct, frozen=True):
    """Sales in order of time; wallets are small integers, 0 is unknown."""

    hour: Ints
    token: Ints
    price: Floats  # [ETH]
    seller: Ints
    buyer: Ints
    kind: Ints  # index into KINDS

    def take(self, rows: Ints | Bools | slice) -> "Sales":
        """Return some of the sales."""
        hour, token, seller, buyer, kind = (column[rows] for column in _integers(self))
        return Sales(hour, token, self.price[rows], seller, buyer, kind)


class Book(msgspec.Struct, frozen=True):
    """Quotes at the hours at which one changed."""

    hour: Ints
    floor: Floats  # [ETH] lowest ask
    bid: Floats  # [ETH] best bid, at most the floor
    ask_10: Floats  # [ETH] tenth ask

    def row_at(self, hour: Ints) -> Ints:
        """Return the row known when each hour began; -1 before the first."""
        return np.searchsorted(self.hour, hour, side="right").astype(np.int64) - 1

    def average_floor(self, hour: int, hours: int) -> float:
        """Return the time-weighted average of the floor over the hours that end when `hour` begins [ETH]."""
        return float(self.floor[np.maximum(self.row_at(np.arange(hour - hours, hour)), 0)].mean())


class Dataset(msgspec.Struct, frozen=True):
    """One collection."""

    traits: Traits
    sales: Sales
    book: Book


@cache
def load(folder: Path = PACKAGED) -> Dataset:
    """Return the tables of a folder; HistoryError names the file that is missing or malformed."""
    try:
        return Dataset(
            _traits(_rows(folder / TRAITS_FILE)),
            _sales(_rows(folder / SALES_FILE)),
            _book(folder / BOOK_FILE),
        )
    except (OSError, KeyError, ValueError) as error:
        raise HistoryError(f"{folder}: not the tables of an appraisal: {error}") from error


def indicators(row: dict[str, str]) -> list[tuple[str, int]]:
    """Return the columns of the indicator matrix that hold for a token, with their kinds."""
    accessories = accessories_of(row)
    types = [row["type"], f"{row['type']} {row['gender']}"]
    types += [f"{row['type']} {row['gender']}, {row['skin']} skin"] if row["skin"] else []
    number = f"{len(accessories)} {'accessory' if len(accessories) == 1 else 'accessories'}"
    return [(name, TYPE) for name in types] + [(number, COUNT)] + [(name, ACCESSORY) for name in accessories]


def accessories_of(row: dict[str, str]) -> list[str]:
    """Return the accessories of a token."""
    return [name for name in row["attributes"].split("|") if name]


def merged(sales: Sales, more: Sales) -> Sales:
    """Return both, in order of time; inside an hour the first argument's sales come first."""
    pairs = zip(_integers(sales), _integers(more), strict=True)
    hour, token, seller, buyer, kind = (np.concatenate(pair) for pair in pairs)
    price = np.concatenate([sales.price, more.price])
    return Sales(hour, token, price, seller, buyer, kind).take(np.argsort(hour, kind="stable"))


def _integers(sales: Sales) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    return sales.hour, sales.token, sales.seller, sales.buyer, sales.kind


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _traits(rows: Sequence[dict[str, str]]) -> Traits:
    shown = [indicators(row) for row in rows]
    columns = sorted({column for token in shown for column in token})
    place = {column: number for number, column in enumerate(columns)}
    matrix = np.zeros((len(rows), len(columns)))
    for token, token_columns in enumerate(shown):
        matrix[token, [place[column] for column in token_columns]] = 1.0
    names, kind = zip(*columns, strict=True)
    return Traits(names, np.array(kind), matrix, tuple(_rarity_traits(row) for row in rows))


def _rarity_traits(row: dict[str, str]) -> dict[str, str]:
    """Return a token's traits by name: an accessory is a trait that most tokens lack."""
    fixed = {"type": row["type"], "gender": row["gender"]} | ({"skin": row["skin"]} if row["skin"] else {})
    return fixed | {f"accessory {name}": "yes" for name in accessories_of(row)}


def _sales(rows: Sequence[dict[str, str]]) -> Sales:
    def ints(name: str) -> Ints:
        return np.array([int(row[name]) for row in rows], dtype=np.int64)

    price = np.array([float(row["price_eth"]) for row in rows])
    kind = np.array([KINDS.index(row["kind"]) for row in rows], dtype=np.int64)
    return Sales(ints("hour"), ints("token"), price, ints("seller"), ints("buyer"), kind)


def _book(path: Path) -> Book:
    rows = _rows(path)
    hour = np.array([int(row["hour"]) for row in rows], dtype=np.int64)
    quotes = [np.array([float(row[name]) for row in rows]) for name in ("floor", "bid", "ask_10")]
    return Book(hour, quotes[0], np.minimum(quotes[1], quotes[0]), quotes[2])
