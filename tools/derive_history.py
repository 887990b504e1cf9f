"""Derive the packaged price history from the two raw hourly files.

    python tools/derive_history.py --data DIR [--out DIR]

Reads punks_book_hourly.csv.gz and eth_btc_usd_hourly.csv.gz from --data, writes punks_2020_2021.csv.gz and
PROVENANCE.md to --out.  The same input gives the same bytes: cells are copied as text, never recomputed, and
the gzip header carries neither a time nor a name.  Described in docs/data.md.
"""

import argparse
import csv
import gzip
import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

BOOK_FILE = "punks_book_hourly.csv.gz"
USD_FILE = "eth_btc_usd_hourly.csv.gz"
TABLE_FILE = "punks_2020_2021.csv.gz"
PROVENANCE_FILE = "PROVENANCE.md"
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
LAST = datetime(2021, 7, 31, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOK_COLUMNS = ("floor_ask", "floor_clean", "top_bid", "n_asks", "n_bids", "n_sales", "vol_eth")
SYMBOLS = {"eth_usd": "ETHUSDT", "btc_usd": "BTCUSDT"}
OUT_DEFAULT = Path(__file__).parents[1] / "src" / "floorbook" / "feeds" / "data"


class Table(NamedTuple):
    """Rows of the derived table as text, and the cells for which the source had no price."""

    rows: list[list[str]]
    filled: dict[str, list[str]]  # column -> the ts whose price is the last known one


def derive(data: Path, first: datetime, last: datetime) -> Table:
    """Return the table for every hour of first .. last; a missing book hour stops the program."""
    book = {row["ts"]: row for row in read_rows(data / BOOK_FILE)}
    closes = read_closes(data / USD_FILE)
    prices = {name: hourly_prices(closes[symbol], first, last) for name, symbol in SYMBOLS.items()}
    rows = []
    for at in hours(first, last):
        if at not in book:
            raise SystemExit(f"{BOOK_FILE}: no row for {at}; the book must be complete")
        cells = [book[at][column] for column in BOOK_COLUMNS]
        rows.append([at, *cells, *(prices[name].at[at] for name in SYMBOLS)])
    return Table(rows, {name: prices[name].filled for name in SYMBOLS})


class Prices(NamedTuple):
    """One asset's price at each hour, and the hours at which it is an older one carried forward."""

    at: dict[str, str]
    filled: list[str]


def hourly_prices(closes: dict[str, str], first: datetime, last: datetime) -> Prices:
    """Return the price known at every hour of first .. last.

    The source labels a candle with the hour it opens: the price at `ts` is the close of the candle before.
    """
    prices = Prices({}, [])
    price = ""
    for candle in hours(first - HOUR, last - HOUR):
        at = stamp(parse(candle) + HOUR)
        close = closes.get(candle, "")
        if not close:
            prices.filled.append(at)
        price = close or price
        if not price:
            raise SystemExit(f"{USD_FILE}: no close for {candle}, so nothing to begin with")
        prices.at[at] = price
    return prices


def read_closes(path: Path) -> dict[str, dict[str, str]]:
    """Return symbol -> ts the candle opens -> spot close, "" where the exchange was down."""
    closes: dict[str, dict[str, str]] = {symbol: {} for symbol in SYMBOLS.values()}
    for row in read_rows(path):
        closes[row["symbol"]][row["ts"]] = row["spot_close"]
    return closes


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a .csv.gz as text."""
    with gzip.open(path, "rt", encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def hours(first: datetime, last: datetime) -> list[str]:
    """Return every hour of first .. last as written in the files."""
    return [stamp(first + HOUR * number) for number in range((last - first) // HOUR + 1)]


def stamp(at: datetime) -> str:
    """Return a time as written in the files."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """Return the time written in a file."""
    return datetime.fromisoformat(text)


def table_csv(table: Table) -> bytes:
    """Return the table as CSV with a header and line feeds."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["ts", *BOOK_COLUMNS, *SYMBOLS])
    writer.writerows(table.rows)
    return text.getvalue().encode("ascii")


def packed(content: bytes) -> bytes:
    """Return the gzip of content without time and name, so that equal content gives equal bytes."""
    file = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as gz:
        gz.write(content)
    return file.getvalue()


PROVENANCE = """\
# Provenance of {table_file}

Written by `tools/derive_history.py`; do not edit. Quality and figures: `docs/data.md`.

## Content
{count:,} hourly rows, {first} to {last}, none missing.
A row is the state at `ts`, the end of its hour (UTC).

| column | unit | content |
|---|---|---|
| ts | UTC | end of the hour |
| floor_ask | ETH | lowest public ask |
| floor_clean | ETH | the same without asks typed by mistake |
| top_bid | ETH | best open bid, capped at floor_clean |
| n_asks, n_bids | count | open asks, open bids |
| n_sales, vol_eth | count, ETH | sales of the hour |
| eth_usd, btc_usd | USDT | spot price at `ts`, taken as USD |

## Sources
- `{book_file}`: CryptoPunks order book rebuilt from the events of the market contract (public Ethereum
  records) as scraped in pagoma3/CryptoPunks_Project, cryptopunksnotdead/punks.market (CC0) and
  iamyufan/cryptopunks-vis (MIT). Figures only.
- `{usd_file}`: Binance public hourly candles of ETHUSDT and BTCUSDT, spot.

## Derivation
- Book columns are copied cell by cell.
- The price file labels a candle with the hour it *opens* (the first trade of the BTC perpetual, 2019-09-08
  17:57, stands in its row 17:00), the book with the hour it *ends*. The price at `ts` is therefore the close
  of the candle labelled one hour earlier: nothing is known before it happened.
- Where the exchange was down a candle has no close: the last close is carried forward
  ({filled_count}). The book has no missing hour.

## Hours with a price carried forward
{filled}

## Checksums (SHA-256)
| file | sha256 |
|---|---|
| {book_file} | {book_sha} |
| {usd_file} | {usd_sha} |
| {table_file} | {packed_sha} |
| {table_file}, unpacked | {table_sha} |
"""


def provenance(data: Path, table: Table, content: bytes) -> str:
    """Return the text of PROVENANCE.md for a derived table and its CSV."""
    return PROVENANCE.format(
        table_file=TABLE_FILE,
        book_file=BOOK_FILE,
        usd_file=USD_FILE,
        count=len(table.rows),
        first=table.rows[0][0],
        last=table.rows[-1][0],
        filled_count=", ".join(f"{len(ats)} hours of {name}" for name, ats in table.filled.items()),
        filled="\n".join(f"- {at} {' '.join(names)}" for at, names in carried(table).items()) or "none",
        book_sha=sha256((data / BOOK_FILE).read_bytes()),
        usd_sha=sha256((data / USD_FILE).read_bytes()),
        packed_sha=sha256(packed(content)),
        table_sha=sha256(content),
    )


def carried(table: Table) -> dict[str, list[str]]:
    """Return ts -> the columns whose price is carried forward there, in the order of time."""
    ats = sorted({at for column in table.filled.values() for at in column})
    return {at: [name for name, column in table.filled.items() if at in column] for at in ats}


def sha256(content: bytes) -> str:
    """Return the checksum in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write(data: Path, out: Path, first: datetime, last: datetime) -> None:
    """Write the packed table and its provenance to the directory `out`."""
    table = derive(data, first, last)
    content = table_csv(table)
    out.mkdir(parents=True, exist_ok=True)
    (out / TABLE_FILE).write_bytes(packed(content))
    (out / PROVENANCE_FILE).write_text(provenance(data, table, content), encoding="ascii")


def main() -> None:
    """Read the command line and write both files."""
    parser = argparse.ArgumentParser(description="Derive the packaged price history.")
    parser.add_argument("--data", type=Path, required=True, help="directory of the two raw files")
    parser.add_argument("--out", type=Path, default=OUT_DEFAULT, help="directory to write to")
    options = parser.parse_args()
    write(options.data, options.out, FIRST, LAST)


if __name__ == "__main__":
    main()
