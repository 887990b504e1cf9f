"""Hourly price history: the table that ships with the package, or a file of the user's.

    Row.at      the end of the hour: the row is the state at that instant
    floor, floor_clean, top_bid   [ticks of 0.0001 ETH], digits beyond the tick are cut
    vol         [ETH atoms] sold in the hour
    eth_usd, btc_usd              [cents of USD], None where no price is known

What ships and where it comes from: docs/data.md.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from floorbook.errors import HistoryError
from floorbook.feeds.table import (
    COUNT,
    ETH_AMOUNT,
    ETH_PRICE,
    ETH_PRICE_OR_EMPTY,
    USD_PRICE,
    Column,
    Line,
    read_bytes,
    read_table,
    refuse,
    stamp,
)
from floorbook.units import HOUR_NS, Atoms, Ns, Ticks, div_up

PACKAGED_FILE = "punks_2020_2021.csv.gz"

PACKAGED_COLUMNS: dict[str, Column] = {
    "floor_ask": ETH_PRICE,
    "floor_clean": ETH_PRICE,
    "top_bid": ETH_PRICE,
    "n_asks": COUNT,
    "n_bids": COUNT,
    "n_sales": COUNT,
    "vol_eth": ETH_AMOUNT,
    "eth_usd": USD_PRICE,
    "btc_usd": USD_PRICE,
}
BOOK_COLUMNS: dict[str, Column] = {
    "floor_ask": ETH_PRICE,
    "floor_clean": ETH_PRICE,
    "top_bid": ETH_PRICE,
    "ask_2": ETH_PRICE,
    "ask_5": ETH_PRICE,
    "ask_10": ETH_PRICE,
    "ask_25": ETH_PRICE,
    "n_asks": COUNT,
    "n_bids": COUNT,
    "last_sale": ETH_PRICE,
    "n_sales": COUNT,
    "vol_eth": ETH_AMOUNT,
    "min_sale": ETH_PRICE_OR_EMPTY,  # an hour without sales has none
}


class Row(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The market at the end of one hour."""

    at: Ns
    floor: Ticks
    floor_clean: Ticks  # without asks typed by mistake
    top_bid: Ticks
    n_asks: int
    n_bids: int
    n_sales: int
    vol: Atoms
    eth_usd: int | None = None  # [cents]
    btc_usd: int | None = None  # [cents]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Rows at consecutive hours, at least one; it covers [first row, last row + 1 h)."""

    name: str  # what messages call it
    rows: tuple[Row, ...]

    @property
    def start(self) -> Ns:
        return self.rows[0].at

    @property
    def end(self) -> Ns:
        """The first instant not covered: the last row holds for an hour, as no row follows it."""
        return Ns(self.rows[-1].at + HOUR_NS)

    def between(self, start: int, end: int) -> "History":
        """Return the rows that determine the prices of [start, end): whole hours around it.

        Raises HistoryError if the range is empty or not covered.
        """
        wanted = f"{stamp(start)} .. {stamp(end)}"
        if start >= end:
            raise HistoryError(f"{self.name}: the range {wanted} is empty; name an end after the start")
        if start < self.start or end > self.end:
            covered = f"{stamp(self.start)} .. {stamp(self.end)} (end exclusive)"
            raise HistoryError(f"{self.name}: the range {wanted} is not covered; name one within {covered}")
        first = (start - self.start) // HOUR_NS
        last = div_up(end - self.start, HOUR_NS)
        return History(name=self.name, rows=self.rows[first : last + 1])


@cache
def load_packaged() -> History:
    """Return the history that ships with the package: CryptoPunks, 2020-01-01 to 2021-07-31."""
    path = Path(str(files("floorbook.feeds"))) / "data" / PACKAGED_FILE
    lines = read_table(PACKAGED_FILE, read_bytes(path), PACKAGED_COLUMNS)
    rows = tuple(_row(line, line.cells["eth_usd"], line.cells["btc_usd"]) for line in lines)
    return History(name=PACKAGED_FILE, rows=rows)


def load_csv(path: Path) -> History:
    """Return a user's history: a CSV, plain or gzip, with `ts` and the columns of BOOK_COLUMNS.

    It has no ETH and BTC prices: hours that the packaged history knows get that one's, others None.
    Raises HistoryError naming file, line, column and what to write.
    """
    prices = {row.at: (row.eth_usd, row.btc_usd) for row in load_packaged().rows}
    rows = []
    for line in read_table(str(path), read_bytes(path), BOOK_COLUMNS):
        if line.cells["n_sales"] and not line.cells["min_sale"]:
            refuse(str(path), line.number, "min_sale", "the cell is empty though n_sales is not 0", "a price")
        rows.append(_row(line, *prices.get(line.at, (None, None))))
    return History(name=str(path), rows=tuple(rows))


def _row(line: Line, eth_usd: int | None, btc_usd: int | None) -> Row:
    cells = line.cells
    return Row(
        at=line.at,
        floor=Ticks(cells["floor_ask"]),
        floor_clean=Ticks(cells["floor_clean"]),
        top_bid=Ticks(cells["top_bid"]),
        n_asks=cells["n_asks"],
        n_bids=cells["n_bids"],
        n_sales=cells["n_sales"],
        vol=Atoms(cells["vol_eth"]),
        eth_usd=eth_usd,
        btc_usd=btc_usd,
    )
