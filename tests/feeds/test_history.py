"""Reading history: what a good file becomes, and the message for every way a file can be wrong."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from floorbook.errors import HistoryError
from floorbook.feeds import table
from floorbook.feeds.history import History, Row, load_csv, load_packaged
from floorbook.units import HOUR_NS, MINUTE_NS, PRICE_MAX, Atoms, Ns, Ticks
from tests.feeds.tables import HEADER, line, write

HOUR_0 = "2022-02-15T00:00:00Z"
HOUR_1 = "2022-02-15T01:00:00Z"
HOUR_2 = "2022-02-15T02:00:00Z"
PRICE_MAX_ETH = f"{PRICE_MAX // 10**4}.{PRICE_MAX % 10**4:04}"
ETH_PRICE = "write a price in ETH above zero, such as 12.5"
COUNT = "write a whole number, zero or more, such as 12"
AMOUNT = "write an amount in ETH, zero or more, such as 31.0"
TIME = "write a whole hour in UTC such as 2021-02-15T00:00:00Z"


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def message_of(path: Path) -> str:
    with pytest.raises(HistoryError) as caught:
        load_csv(path)
    return str(caught.value).removeprefix(str(path))


def test_a_row_is_exact(tmp_path: Path) -> None:
    history = load_csv(write(tmp_path, line(HOUR_0)))
    assert history.rows == (
        Row(
            at=Ns(ns("2022-02-15T00:00")),
            floor=Ticks(98_000),
            floor_clean=Ticks(115_000),
            top_bid=Ticks(110_000),
            n_asks=957,
            n_bids=1279,
            n_sales=2,
            vol=Atoms(21_123_400_000),
        ),
    )


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("0.0001", 1),
        ("0.29", 2_900),  # binary fractions would give 2899.9999...
        ("1.00019999", 10_001),  # cut, not rounded
        (PRICE_MAX_ETH, PRICE_MAX),
    ],
)
def test_prices_are_read_as_decimals(tmp_path: Path, text: str, ticks: int) -> None:
    assert load_csv(write(tmp_path, line(HOUR_0, floor_ask=text))).rows[0].floor == ticks


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    names = HEADER.split(",")
    cells = line(HOUR_0).split(",")
    plain = load_csv(write(tmp_path, line(HOUR_0))).rows
    turned = write(tmp_path, ",".join(reversed(cells)), header=",".join(reversed(names)))
    assert load_csv(turned).rows == plain


def test_gzip_and_plain_files_read_alike(tmp_path: Path) -> None:
    plain = write(tmp_path, line(HOUR_0), line(HOUR_1))
    packed = tmp_path / "book.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load_csv(packed).rows == load_csv(plain).rows


def test_a_byte_order_mark_and_crlf_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, line(HOUR_0))
    plain = load_csv(path).rows
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_csv(path).rows == plain


def test_an_hour_without_sales_has_no_lowest_sale(tmp_path: Path) -> None:
    row = load_csv(write(tmp_path, line(HOUR_0, n_sales="0", vol_eth="0.0", min_sale=""))).rows[0]
    assert (row.n_sales, row.vol) == (0, 0)


def test_usd_prices_come_from_the_packaged_table_where_it_has_the_hour(tmp_path: Path) -> None:
    last_known, unknown = "2021-07-31T23:00:00Z", "2021-08-01T00:00:00Z"
    rows = load_csv(write(tmp_path, line(last_known), line(unknown))).rows
    packaged = load_packaged().rows[-1]
    assert (rows[0].eth_usd, rows[0].btc_usd) == (packaged.eth_usd, packaged.btc_usd)
    assert (rows[1].eth_usd, rows[1].btc_usd) == (None, None)


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("floor_ask", "nan", f"'nan' is not a plain decimal number; {ETH_PRICE}"),
        ("floor_clean", "inf", f"'inf' is not a plain decimal number; {ETH_PRICE}"),
        ("top_bid", "", f"the cell is empty; {ETH_PRICE}"),
        ("ask_2", "-9.8", f"'-9.8' is negative; {ETH_PRICE}"),
        ("ask_5", "0.0", f"0.0 is less than one step of the column; {ETH_PRICE}"),
        ("ask_10", "0.00009", f"0.00009 is less than one step of the column; {ETH_PRICE}"),
        ("ask_25", "twelve", f"'twelve' is not a plain decimal number; {ETH_PRICE}"),
        ("last_sale", "1e3", f"'1e3' is not a plain decimal number; {ETH_PRICE}"),
        ("last_sale", f"1{PRICE_MAX_ETH}", f"1{PRICE_MAX_ETH} is too large; {ETH_PRICE}"),
        ("floor_ask", " 9.8", f"' 9.8' is not a plain decimal number; {ETH_PRICE}"),
        ("floor_ask", "+9.8", f"'+9.8' is not a plain decimal number; {ETH_PRICE}"),
        ("floor_ask", "9.", f"'9.' is not a plain decimal number; {ETH_PRICE}"),
        ("floor_ask", "٩", f"'٩' is not a plain decimal number; {ETH_PRICE}"),
        ("floor_ask", "9" * 41, f"'{'9' * 40}...' is not a plain decimal number; {ETH_PRICE}"),
        ("n_asks", "957.0", f"'957.0' is not a whole number; {COUNT}"),
        ("n_bids", "-1", f"'-1' is negative; {COUNT}"),
        ("n_sales", "1000000001", f"1000000001 is too large; {COUNT}"),
        ("vol_eth", "", f"the cell is empty; {AMOUNT}"),
        ("vol_eth", "-0.5", f"'-0.5' is negative; {AMOUNT}"),
        ("min_sale", "", "the cell is empty though n_sales is not 0; write a price"),
        ("min_sale", "0", f"0 is less than one step of the column; {ETH_PRICE}"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, column: str, text: str, said: str) -> None:
    path = write(tmp_path, line(HOUR_0), line(HOUR_1, **{column: text}))
    assert message_of(path) == f", line 3, column {column}: {said}"


@pytest.mark.parametrize(
    ("ts", "said"),
    [
        ("yesterday", f"'yesterday' is not a time; {TIME}"),
        ("2022-02-15 01:00:00", f"'2022-02-15 01:00:00' is not a time; {TIME}"),
        ("2022-02-15T01:00:00+01:00", f"'2022-02-15T01:00:00+01:00' is not a time; {TIME}"),
        ("2022-02-30T01:00:00Z", f"'2022-02-30T01:00:00Z' is not a date of the calendar; {TIME}"),
        ("2022-02-15T01:30:00Z", f"'2022-02-15T01:30:00Z' is not a whole hour; {TIME}"),
        ("1969-12-31T23:00:00Z", "'1969-12-31T23:00:00Z' is out of range; write a year from 1970 to 2261"),
        ("9999-01-01T00:00:00Z", "'9999-01-01T00:00:00Z' is out of range; write a year from 1970 to 2261"),
        (
            HOUR_0,
            f"{HOUR_0} does not rise above {HOUR_0}, the row before; "
            f"write the rows in the order of time, here {HOUR_1}",
        ),
        (
            "2022-02-14T23:00:00Z",
            f"2022-02-14T23:00:00Z does not rise above {HOUR_0}, the row before; "
            f"write the rows in the order of time, here {HOUR_1}",
        ),
        (HOUR_2, f"{HOUR_2} comes 2 hours after the row before; write one row for every hour, here {HOUR_1}"),
    ],
)
def test_a_wrong_time_is_named(tmp_path: Path, ts: str, said: str) -> None:
    assert message_of(write(tmp_path, line(HOUR_0), line(ts))) == f", line 3, column ts: {said}"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace(",ask_10", ""), "column ask_10: is missing"),
        (HEADER + ",volume", "column 'volume': is unknown"),
        (HEADER + ",top_bid", "column top_bid: stands twice"),
        ("", "column ts: is missing"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, header: str, said: str) -> None:
    path = write(tmp_path, line(HOUR_0), header=header)
    assert message_of(path) == f", line 1, {said}; write the header {HEADER}"


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    assert message_of(write(tmp_path)) == ": has no rows; write one row for every hour below the header"


@pytest.mark.parametrize(("extra", "count"), [(",1", 15), ("", 0), ("1", 1)])
def test_a_line_of_another_length_is_refused(tmp_path: Path, extra: str, count: int) -> None:
    wrong = line(HOUR_1) + extra if count == 15 else extra
    path = write(tmp_path, line(HOUR_0), wrong)
    assert message_of(path) == f", line 3: has {count} cells; write 14, as many as the header"


def test_an_open_quote_is_refused(tmp_path: Path) -> None:
    assert "not CSV" in message_of(write(tmp_path, line(HOUR_0, floor_ask='"9.8')))


def test_text_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, line(HOUR_0))
    path.write_bytes(b"ts,\xff\n")
    assert message_of(path) == ": byte 3 is not UTF-8; save the file as UTF-8"


@pytest.mark.parametrize("cut", [12, -9])
def test_a_torn_gzip_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "book.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode())[:cut])
    assert "cannot be read" in message_of(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "cannot be read" in message_of(tmp_path / "nothing.csv")
    assert "cannot be read" in message_of(tmp_path)


def test_a_huge_table_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_packaged()
    monkeypatch.setattr(table, "BYTES_MAX", 100)
    path = tmp_path / "book.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 101))
    assert message_of(path) == ": is larger than 100 bytes; cut it to the hours you play"


def three_hours(folder: Path) -> History:
    return load_csv(write(folder, line(HOUR_0), line(HOUR_1), line(HOUR_2)))


@pytest.mark.parametrize(
    ("start_minute", "end_minute", "hours"),
    [
        (0, 60, (0, 1)),  # the row at 60 ends the straight line of minute 59
        (0, 1, (0, 1)),
        (59, 61, (0, 2)),
        (60, 120, (1, 2)),
        (0, 180, (0, 2)),  # the last row holds for its hour
        (179, 180, (2, 2)),
    ],
)
def test_between_keeps_the_rows_that_determine_the_range(
    tmp_path: Path, start_minute: int, end_minute: int, hours: tuple[int, int]
) -> None:
    history = three_hours(tmp_path)
    part = history.between(history.start + start_minute * MINUTE_NS, history.start + end_minute * MINUTE_NS)
    assert part.rows == history.rows[hours[0] : hours[1] + 1]


def test_an_empty_range_is_refused(tmp_path: Path) -> None:
    history = three_hours(tmp_path)
    with pytest.raises(HistoryError, match=r"is empty; name an end after the start$"):
        history.between(history.start, history.start)


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1), (10, 10)])
def test_a_range_beyond_the_rows_is_refused(tmp_path: Path, before: int, after: int) -> None:
    history = three_hours(tmp_path)
    with pytest.raises(HistoryError) as caught:
        history.between(history.start - before * HOUR_NS, history.end + after * HOUR_NS)
    covered = f"{HOUR_0} .. 2022-02-15T03:00:00Z (end exclusive)"
    assert str(caught.value).endswith(f"is not covered; name one within {covered}")
