"""The table that ships: its provenance, its size, and the figures docs/data.md states of it.

The figures were computed from the raw files by a separate program, in decimals.
"""

import gzip
import hashlib
from datetime import UTC, datetime
from importlib.resources import files

from floorbook.feeds.history import History, load_packaged
from floorbook.units import HOUR_NS

FOLDER = files("floorbook.feeds") / "data"
PACKED = (FOLDER / "punks_2020_2021.csv.gz").read_bytes()
PROVENANCE = (FOLDER / "PROVENANCE.md").read_text(encoding="ascii")


def ns(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 10**9


def month() -> History:
    return load_packaged().between(ns(2021, 2, 15), ns(2021, 3, 14, 23))


def test_the_checksums_of_the_provenance_hold() -> None:
    assert f"| punks_2020_2021.csv.gz | {hashlib.sha256(PACKED).hexdigest()} |" in PROVENANCE
    unpacked = hashlib.sha256(gzip.decompress(PACKED)).hexdigest()
    assert f"| punks_2020_2021.csv.gz, unpacked | {unpacked} |" in PROVENANCE


def test_the_package_data_stay_small() -> None:
    assert len(PACKED) + len(PROVENANCE) < 300_000


def test_the_packaged_history_covers_every_hour_with_prices() -> None:
    history = load_packaged()
    assert (history.start, history.end) == (ns(2020, 1, 1), ns(2021, 8, 1))
    assert len(history.rows) == 13_872
    assert [row.at for row in history.rows] == list(range(history.start, history.end, HOUR_NS))
    assert all(row.eth_usd and row.btc_usd for row in history.rows)
    assert sum(row.n_sales for row in history.rows) == 10_534
    assert sum(row.vol for row in history.rows) == 236_699_464_600_000


def test_the_bid_never_passes_the_clean_floor() -> None:
    assert all(row.floor <= row.floor_clean >= row.top_bid for row in load_packaged().rows)
    assert sum(row.floor < row.floor_clean for row in load_packaged().rows) == 123


def test_the_price_at_an_hour_is_the_close_of_the_candle_before() -> None:
    """The crash of 2021-05-19: the candle that opened at 12:00 closed at 2,365.18 and 35,234.62."""
    row = load_packaged().between(ns(2021, 5, 19, 13), ns(2021, 5, 19, 14)).rows[0]
    assert (row.eth_usd, row.btc_usd) == (236_518, 3_523_462)


def test_a_price_is_carried_over_an_outage() -> None:
    """2021-04-25: candles 05:00 to 07:00 have no close, so 06:00 to 08:00 repeat 05:00."""
    rows = load_packaged().between(ns(2021, 4, 25, 5), ns(2021, 4, 25, 8)).rows
    assert len({(row.eth_usd, row.btc_usd) for row in rows}) == 1
    assert PROVENANCE.count(" eth_usd btc_usd\n") == 25


def test_the_month_of_the_demo_is_the_one_documented() -> None:
    rows = month().rows
    assert len(rows) == 672
    low, high = min(rows, key=lambda row: row.floor_clean), max(rows, key=lambda row: row.floor_clean)
    assert (low.at, low.floor_clean) == (ns(2021, 2, 15, 16), 77_900)
    assert (high.at, high.floor_clean) == (ns(2021, 2, 23, 6), 240_000)
    assert (rows[0].floor_clean, rows[-1].floor_clean) == (82_500, 210_000)
    assert sum(row.n_sales for row in rows) == 2_213
    assert sum(row.vol for row in rows) == 69_168_935_000_000


def test_the_march_fall_is_the_one_documented() -> None:
    rows = {row.at: row for row in month().rows}
    before, after = rows[ns(2021, 3, 4, 14)], rows[ns(2021, 3, 5, 14)]
    assert (before.floor_clean, before.top_bid) == (223_000, 220_000)
    assert (after.floor_clean, after.top_bid) == (169_900, 160_000)
    assert rows[ns(2021, 3, 6, 15)].floor_clean == 160_000
