"""The derivation of the packaged table, on raw files written by hand."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.derive_history import BOOK_FILE, PROVENANCE_FILE, TABLE_FILE, USD_FILE, write

FIRST = datetime(2020, 1, 1, 1, tzinfo=UTC)
LAST = datetime(2020, 1, 1, 3, tzinfo=UTC)
BOOK = """\
ts,floor_ask,floor_clean,top_bid,ask_2,n_asks,n_bids,n_sales,vol_eth
2020-01-01T00:00:00Z,9,9,9,9,9,9,9,9
2020-01-01T01:00:00Z,0.42,0.43,0.4,0.5,10,20,0,0.0
2020-01-01T02:00:00Z,0.42,0.43,0.4,0.5,11,20,1,0.42
2020-01-01T03:00:00Z,0.4,0.41,0.4,0.5,10,20,0,0.0
"""
USD = """\
ts,symbol,spot_close,perp_close
2020-01-01T00:00:00Z,ETHUSDT,128.87,1
2020-01-01T00:00:00Z,BTCUSDT,7177.02,1
2020-01-01T01:00:00Z,ETHUSDT,,1
2020-01-01T01:00:00Z,BTCUSDT,7180.5,1
2020-01-01T02:00:00Z,BTCUSDT,,1
2020-01-01T03:00:00Z,ETHUSDT,999,1
2020-01-01T03:00:00Z,BTCUSDT,999,1
"""
DERIVED = """\
ts,floor_ask,floor_clean,top_bid,n_asks,n_bids,n_sales,vol_eth,eth_usd,btc_usd
2020-01-01T01:00:00Z,0.42,0.43,0.4,10,20,0,0.0,128.87,7177.02
2020-01-01T02:00:00Z,0.42,0.43,0.4,11,20,1,0.42,128.87,7180.5
2020-01-01T03:00:00Z,0.4,0.41,0.4,10,20,0,0.0,128.87,7180.5
"""
CARRIED = """\
- 2020-01-01T02:00:00Z eth_usd
- 2020-01-01T03:00:00Z eth_usd btc_usd

"""


def raw(folder: Path, book: str = BOOK, usd: str = USD) -> Path:
    (folder / BOOK_FILE).write_bytes(gzip.compress(book.encode()))
    (folder / USD_FILE).write_bytes(gzip.compress(usd.encode()))
    return folder


def test_a_price_is_shifted_to_the_end_of_its_candle_and_carried_forward(tmp_path: Path) -> None:
    write(raw(tmp_path), tmp_path / "out", FIRST, LAST)
    assert gzip.decompress((tmp_path / "out" / TABLE_FILE).read_bytes()).decode() == DERIVED
    provenance = (tmp_path / "out" / PROVENANCE_FILE).read_text()
    assert CARRIED in provenance
    assert "(2 hours of eth_usd, 1 hours of btc_usd)" in provenance


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source = raw(tmp_path)  # once: gzip writes the time into what it packs
    for name in ("one", "two"):
        write(source, tmp_path / name, FIRST, LAST)
    packed = (tmp_path / "one" / TABLE_FILE).read_bytes()
    assert packed == (tmp_path / "two" / TABLE_FILE).read_bytes()
    assert packed[3:8] == bytes(5)  # no name, no time
    one, two = ((tmp_path / name / PROVENANCE_FILE).read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_book_with_a_missing_hour_stops_the_derivation(tmp_path: Path) -> None:
    book = "".join(line for line in BOOK.splitlines(keepends=True) if not line.startswith("2020-01-01T02"))
    with pytest.raises(SystemExit, match=r"no row for 2020-01-01T02:00:00Z; the book must be complete"):
        write(raw(tmp_path, book=book), tmp_path, FIRST, LAST)


def test_prices_that_do_not_reach_back_stop_the_derivation(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no close for 2020-01-01T00:00:00Z, so nothing to begin with"):
        write(raw(tmp_path, usd=USD.replace("128.87", "")), tmp_path, FIRST, LAST)
