"""Hand-made book tables for the tests of the feeds."""

from pathlib import Path

GOOD = {  # column -> cell
    "floor_ask": "9.8",
    "floor_clean": "11.5",
    "top_bid": "11.0",
    "ask_2": "11.6",
    "ask_5": "11.8",
    "ask_10": "12.0",
    "ask_25": "13.25",
    "n_asks": "957",
    "n_bids": "1279",
    "last_sale": "10.5",
    "n_sales": "2",
    "vol_eth": "21.1234",
    "min_sale": "10.5",
}
HEADER = ",".join(["ts", *GOOD])


def line(ts: str, **changed: str) -> str:
    """Return one data line with good cells except the changed ones."""
    return ",".join([ts, *(GOOD | changed).values()])


def write(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """Write a table and return its path."""
    path = folder / "book.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path
