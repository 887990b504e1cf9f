"""Derive the packaged tables of the appraisal from the raw files.

    python tools/derive_appraisal.py --data DIR [--out DIR]

Reads punks_attributes, punks_sales, punks_events and punks_book_hourly (.csv.gz) from --data, writes
punks_traits, punks_sales and punks_book (.csv.gz) and PROVENANCE.md to --out.  The same input gives the same
bytes.  Wallets become numbers in order of their appearance; 0 is a wallet that the source does not name.
Described in docs/data.md.
"""

import argparse
import csv
import gzip
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

SOURCES = (
    "punks_attributes.csv.gz",
    "punks_sales.csv.gz",
    "punks_events.csv.gz",
    "punks_book_hourly.csv.gz",
)
OUT_DEFAULT = Path(__file__).parents[1] / "src" / "floorbook" / "pricing" / "data"
NOBODY = "0x" + "0" * 40
HOUR_S = 3_600
KINDS = {
    "sale_ask_taken": "ask",
    "sale_bid_accepted": "bid",
    "sale_wrapped": "wrapped",
    "sale_other": "private",
}
GWEI = Decimal("0.000000001")

Row = dict[str, str]
Cells = Sequence[object]


def main() -> None:
    """Write the three tables and their provenance."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OUT_DEFAULT)
    options = parser.parse_args()
    tables = derive(options.data)
    for name, content in tables.items():
        (options.out / name).write_bytes(packed(content))
    (options.out / "PROVENANCE.md").write_text(provenance(options.data, tables), encoding="utf-8")


def derive(data: Path) -> dict[str, bytes]:
    """Return the tables by name, unpacked."""
    attributes, sales, events, book = (read_rows(data / name) for name in SOURCES)
    return {
        "punks_traits.csv.gz": table(("token", "type", "gender", "skin", "attributes"), traits(attributes)),
        "punks_sales.csv.gz": table(
            ("hour", "token", "price_eth", "seller", "buyer", "kind"), sale_rows(sales, events)
        ),
        "punks_book.csv.gz": table(("hour", "floor", "bid", "ask_10"), book_changes(book)),
    }


def traits(attributes: list[Row]) -> Iterable[Cells]:
    """Yield what a token shows: its type, gender, skin and accessories."""
    for row in sorted(attributes, key=lambda row: int(row["punk_id"])):
        yield row["punk_id"], row["type"], row["gender"], row["skin_tone"], row["attributes"]


def sale_rows(sales: list[Row], events: list[Row]) -> Iterable[Cells]:
    """Yield the sales in order of time; the source's order decides inside a second."""
    wallets = {NOBODY: 0}
    kinds = kinds_of_sales(events)
    for row in sorted(sales, key=lambda row: row["ts"]):
        seller = wallets.setdefault(row["from_addr"], len(wallets))
        buyer = wallets.setdefault(row["to_addr"], len(wallets))
        price = Decimal(row["price_eth"]).quantize(GWEI).normalize()
        kind = kinds.get(sale_key(row), "bid" if buyer == 0 else "")
        yield hour_of(row["ts"]), row["punk_id"], f"{price:f}", seller, buyer, kind


def kinds_of_sales(events: list[Row]) -> dict[tuple[str, str, Decimal], str]:
    """Return how a sale came about, by token, day and price; events begin in 2020."""
    kinds: dict[tuple[str, str, Decimal], str] = defaultdict(str)
    for event in events:
        if event["event"] == "sale":
            kinds[sale_key(event)] = KINDS[event["kind"]]
    return kinds


def sale_key(row: Row) -> tuple[str, str, Decimal]:
    """Return what identifies a sale in both files."""
    return row["punk_id"], row["ts"][:10], Decimal(row["price_eth"]).normalize()


def book_changes(book: list[Row]) -> Iterable[Cells]:
    """Yield the hours at which a quote changed: floor without typing errors, top bid, the tenth ask."""
    before: tuple[str, ...] = ()
    for row in book:
        quotes = (row["floor_clean"], row["top_bid"], row["ask_10"])
        if quotes != before:
            yield hour_of(row["ts"]), *quotes
        before = quotes


def hour_of(ts: str) -> int:
    """Return the whole hours from 1970 to ts."""
    return int(datetime.fromisoformat(ts).timestamp()) // HOUR_S


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a .csv.gz as text."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(header: Cells, rows: Iterable[Cells]) -> bytes:
    """Return a CSV with line feeds."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def packed(content: bytes) -> bytes:
    """Return the gzip of content without time and name, so that equal content gives equal bytes."""
    file = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as gz:
        gz.write(content)
    return file.getvalue()


def provenance(data: Path, tables: dict[str, bytes]) -> str:
    """Return the page that stands beside the tables."""
    derived = "\n".join(
        f"| {name} | {len(content.splitlines()) - 1:,} | {hashlib.sha256(content).hexdigest()} |"
        for name, content in tables.items()
    )
    sources = "\n".join(
        f"| {name} | {hashlib.sha256((data / name).read_bytes()).hexdigest()} |" for name in SOURCES
    )
    return PROVENANCE.format(derived=derived, sources=sources)


PROVENANCE = """\
# Provenance of the appraisal's tables

Written by `tools/derive_appraisal.py`; do not edit. Columns and quality: `docs/data.md`.

| table | rows | SHA-256 of the unpacked text |
|---|---|---|
{derived}

## Sources
Traits, sales, events and order book of CryptoPunks: figures computed from the public records of the market
contract on Ethereum as scraped in pagoma3/CryptoPunks_Project, cryptopunksnotdead/punks.market (CC0) and
iamyufan/cryptopunks-vis (MIT). No images, no names of people; wallets are numbers in order of appearance.

| file | SHA-256 |
|---|---|
{sources}
"""

if __name__ == "__main__":
    main()
