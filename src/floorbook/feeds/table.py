"""Strict reading of hourly CSV tables: text in, integers out, or a `HistoryError` that names the place.

A cell is a plain decimal (`12.5`): no sign, no exponent, no thousands separator, no NaN.  It is scaled by its
column's power of ten on the text itself, so no binary fraction is ever involved; digits beyond the column's
step are cut.  Rows stand on whole hours, one for every hour, in rising order.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, NoReturn

from floorbook.errors import HistoryError
from floorbook.units import CASH_MAX, HOUR_NS, PRICE_MAX, SECOND_NS, Ns

BYTES_MAX = 64 * 2**20  # [bytes] of one table, unpacked
COUNT_MAX = 10**9
SHOWN_MAX = 40  # [characters] of a wrong cell that a message repeats

_GZIP_MAGIC = b"\x1f\x8b"
_DECIMAL = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,18}))?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Column(NamedTuple):
    """How the cells of a column are read: integer = decimal * 10^decimals, within low .. high."""

    decimals: int
    low: int
    high: int
    write: str  # what a message tells the reader to write
    may_be_empty: bool = False  # an empty cell reads as 0


ETH_PRICE = Column(4, 1, PRICE_MAX, "a price in ETH above zero, such as 12.5")  # [ticks]
USD_PRICE = Column(2, 1, PRICE_MAX, "a price in USD above zero, such as 1800.42")  # [cents]
ETH_PRICE_OR_EMPTY = ETH_PRICE._replace(may_be_empty=True)
ETH_AMOUNT = Column(9, 0, CASH_MAX, "an amount in ETH, zero or more, such as 31.0")  # [atoms]
COUNT = Column(0, 0, COUNT_MAX, "a whole number, zero or more, such as 12")


class Line(NamedTuple):
    """One data line: its number in the file, its time, and its other cells by column."""

    number: int
    at: Ns
    cells: dict[str, int]


def read_table(name: str, content: bytes, columns: Mapping[str, Column]) -> Iterator[Line]:
    """Yield the lines of a CSV whose header holds `ts` and exactly the given columns, in any order.

    `name` is what messages call the file.  Raises HistoryError naming file, line and column.
    """
    reader = csv.reader(io.StringIO(_text(name, content), newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(name, header, columns)
        before: Ns | None = None
        for texts in reader:
            line = _line(name, reader.line_num, dict(zip(header, texts, strict=False)), columns, len(texts))
            _check_step(name, line, before)
            before = line.at
            yield line
    except csv.Error as error:
        raise HistoryError(f"{name}, line {reader.line_num}: not CSV ({error})") from error
    if before is None:
        raise HistoryError(f"{name}: has no rows; write one row for every hour below the header")


def read_bytes(path: Path) -> bytes:
    """Return the content of a file, unpacked if it is gzip by its first bytes.  Raises HistoryError."""
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise HistoryError(f"{path}: cannot be read ({error}); name a CSV or a .csv.gz file") from error
    if len(content) > BYTES_MAX:
        raise HistoryError(f"{path}: is larger than {BYTES_MAX} bytes; cut it to the hours you play")
    return content


def refuse(name: str, line: int, column: str, problem: str, write: str) -> NoReturn:
    """Raise the HistoryError of one cell."""
    raise HistoryError(f"{name}, line {line}, column {column}: {problem}; write {write}")


def stamp(at: int) -> str:
    """Return a time [ns] as the tables write it, to the second."""
    return datetime.fromtimestamp(at // SECOND_NS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HistoryError(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from error


def _check_header(name: str, header: list[str], columns: Mapping[str, Column]) -> None:
    expected = ["ts", *columns]
    write = f"the header {','.join(expected)}"
    for column in header:
        if column not in expected:
            refuse(name, 1, _shown(column), "is unknown", write)
        if header.count(column) > 1:
            refuse(name, 1, column, "stands twice", write)
    for column in expected:
        if column not in header:
            refuse(name, 1, column, "is missing", write)


def _line(name: str, number: int, texts: dict[str, str], columns: Mapping[str, Column], count: int) -> Line:
    if count != len(columns) + 1:
        raise HistoryError(
            f"{name}, line {number}: has {count} cells; write {len(columns) + 1}, as many as the header"
        )
    at = _time(name, number, texts["ts"])
    cells = {key: _cell(name, number, key, texts[key], column) for key, column in columns.items()}
    return Line(number, at, cells)


def _time(name: str, number: int, text: str) -> Ns:
    write = "a whole hour in UTC such as 2021-02-15T00:00:00Z"
    if not _TIME.fullmatch(text):
        refuse(name, number, "ts", f"{_shown(text)} is not a time", write)
    try:
        seconds = int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        refuse(name, number, "ts", f"{_shown(text)} is not a date of the calendar", write)
    if seconds * SECOND_NS % HOUR_NS:
        refuse(name, number, "ts", f"{_shown(text)} is not a whole hour", write)
    if not 0 <= seconds * SECOND_NS < 2**63:
        refuse(name, number, "ts", f"{_shown(text)} is out of range", "a year from 1970 to 2261")
    return Ns(seconds * SECOND_NS)


def _check_step(name: str, line: Line, before: Ns | None) -> None:
    if before is None or line.at == before + HOUR_NS:
        return
    wanted = stamp(before + HOUR_NS)
    if line.at <= before:
        problem = f"{stamp(line.at)} does not rise above {stamp(before)}, the row before"
        refuse(name, line.number, "ts", problem, f"the rows in the order of time, here {wanted}")
    hours = (line.at - before) // HOUR_NS
    problem = f"{stamp(line.at)} comes {hours} hours after the row before"
    refuse(name, line.number, "ts", problem, f"one row for every hour, here {wanted}")


def _cell(name: str, number: int, key: str, text: str, column: Column) -> int:
    if not text and column.may_be_empty:
        return 0
    match = _DECIMAL.fullmatch(text)
    if match is None or (match[2] is not None and column.decimals == 0):
        refuse(name, number, key, _problem(text, column), column.write)
    value = int(match[1] + (match[2] or "").ljust(column.decimals, "0")[: column.decimals])
    if value < column.low:
        refuse(name, number, key, f"{text} is less than one step of the column", column.write)
    if value > column.high:
        refuse(name, number, key, f"{text} is too large", column.write)
    return value


def _problem(text: str, column: Column) -> str:
    if not text:
        return "the cell is empty"
    if text.startswith("-") and _DECIMAL.fullmatch(text[1:]):
        return f"{_shown(text)} is negative"
    return f"{_shown(text)} is not a {'plain decimal' if column.decimals else 'whole'} number"


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "...")
