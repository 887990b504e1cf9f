"""The derivation of the order flow, on raw rows written by hand."""

import gzip
from pathlib import Path

import pytest

from tools.derive_flow import (
    CANCEL,
    CANCELLED,
    FILLED,
    HEADER,
    OPENING,
    OPENING_COMPLETED,
    PLACE,
    RAW_FILE,
    REPRICE,
    RESTING,
    Flow,
    Malformed,
    derive,
    read_rows,
    write,
)

# Orders 1 and 2 are older than the recording.  Order 12 sells into 2, which nobody saw before, and rests; 13
# takes the rest of 12 and rests itself.  1 is cancelled.
PLAIN = """\
1000,deleted,1,236.0,2.0,bid,1
1010,created,12,235.0,3.0,ask,1
1020,deleted,2,235.5,0.0,bid,1
1021,changed,12,235.0,1.00000001,ask,1
1022,trade,100,235.5,1.99999999,"",
1030,created,13,240.25,4.0,bid,1
1040,deleted,12,235.0,0.0,ask,1
1041,changed,13,240.25,2.99999999,bid,1
1042,trade,101,235.0,1.00000001,"",
"""
# A market buy of USD: it is repriced twice, shrinks with the price, and its last fill leaves a cent.
MARKET_BUY = """\
1000,created,11,235.0,1.0,ask,1
1001,created,12,236.0,1.0,ask,1
1010,created,13,234.0,1.6,bid,1
1020,changed,13,235.0,1.5,bid,1
1030,changed,13,235.0,0.5,bid,1
1031,deleted,11,235.0,0.0,ask,1
1032,trade,100,235.0,1.0,"",
1040,changed,13,236.0,0.4,bid,1
1050,deleted,13,236.0,0.4,bid,1
1051,changed,12,236.0,0.60004,ask,1
1052,trade,101,236.0,0.39996,"",
"""


def derived(folder: Path, body: str, header: str = ",".join(HEADER)) -> Flow:
    (folder / RAW_FILE).write_bytes(gzip.compress(f"{header}\n{body}".encode()))
    return derive(read_rows(folder / RAW_FILE))


def test_fills_make_trades_and_never_commands(tmp_path: Path) -> None:
    flow = derived(tmp_path, PLAIN)
    assert flow.commands == [
        (1000, OPENING, 1, 1, 23_600, 200_000_000),
        (1000, OPENING_COMPLETED, 2, 1, 23_550, 199_999_999),
        (1000, CANCEL, 1, 0, 0, 0),
        (1010, PLACE, 12, -1, 23_500, 300_000_000),
        (1030, PLACE, 13, 1, 24_025, 400_000_000),
    ]
    assert flow.trades == [(100, 1022, 2, 12, 23_550, 199_999_999), (101, 1042, 12, 13, 23_500, 100_000_001)]
    assert flow.ends == [(2, FILLED, 0), (12, FILLED, 0), (13, RESTING, 299_999_999)]


def test_a_repricing_is_a_command_and_carries_no_fill(tmp_path: Path) -> None:
    flow = derived(tmp_path, MARKET_BUY)
    assert flow.commands[2:] == [
        (1010, PLACE, 13, 1, 23_400, 160_000_000),
        (1020, REPRICE, 13, 1, 23_500, -10_000_000),
        (1040, REPRICE, 13, 1, 23_600, -10_000_000),
        (1050, CANCEL, 13, 0, 0, 0),
    ]
    assert flow.trades == [(100, 1032, 11, 13, 23_500, 100_000_000), (101, 1052, 12, 13, 23_600, 39_996_000)]
    assert flow.ends == [(11, FILLED, 0), (12, RESTING, 60_004_000), (13, CANCELLED, 4_000)]


def test_late_and_doubled_rows_of_an_order_are_put_in_their_only_order(tmp_path: Path) -> None:
    body = """\
1000,deleted,11,235.0,1.0,bid,1
1001,created,11,235.0,1.0,bid,1
1002,created,12,230.0,1.0,bid,1
1003,deleted,12,230.0,1.0,bid,1
1004,deleted,12,230.0,1.0,bid,1
1005,created,13,240.0,2.0,ask,1
1006,created,14,241.0,1.0,ask,1
1010,created,15,241.0,3.0,bid,1
1020,deleted,13,240.0,0.0,ask,1
1021,deleted,15,241.0,0.0,bid,1
1022,deleted,14,241.0,0.0,ask,1
1023,changed,15,241.0,1.0,bid,1
1024,trade,101,241.0,1.0,"",
1025,trade,100,240.0,2.0,"",
"""
    flow = derived(tmp_path, body)
    assert [row[1:3] for row in flow.commands] == [
        (PLACE, 11), (CANCEL, 11), (PLACE, 12), (CANCEL, 12), (PLACE, 13), (PLACE, 14), (PLACE, 15),
    ]  # fmt: skip
    assert [(row[0], *row[2:4]) for row in flow.trades] == [(100, 13, 15), (101, 14, 15)]
    assert flow.ends == [(13, FILLED, 0), (14, FILLED, 0), (15, FILLED, 0)]


def test_the_smallest_amounts_are_written_with_an_exponent(tmp_path: Path) -> None:
    body = "1000,created,11,235.0,1e-6,bid,1\n1001,created,12,236.0,3.61e-6,ask,1\n"
    assert [row[5] for row in derived(tmp_path, body).commands] == [100, 361]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    derived(tmp_path, PLAIN)
    for name in ("one", "two"):
        write(tmp_path, tmp_path / name)
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert len(one) == 4
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in two]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1000,created,11,235.0,1.0,bid", "6 cells instead of 7"),
        ("1000,created,11,235.0,1.0,bid,1,", "8 cells instead of 7"),
        ("1000,replaced,11,235.0,1.0,bid,1", "unknown event, side, time or id"),
        ("1000,created,11,235.0,1.0,buy,1", "unknown event, side, time or id"),
        ("1000,created,11,235.0,1.0,,1", "unknown event, side, time or id"),
        ("1000,trade,11,235.0,1.0,bid,", "unknown event, side, time or id"),
        ("1000.0,created,11,235.0,1.0,bid,1", "unknown event, side, time or id"),
        ("-1,created,11,235.0,1.0,bid,1", "unknown event, side, time or id"),
        ("1000,created,x,235.0,1.0,bid,1", "unknown event, side, time or id"),
        ("1000,created,11,235.001,1.0,bid,1", "bad price or amount"),
        ("1000,created,11,nan,1.0,bid,1", "bad price or amount"),
        ("1000,created,11,0.0,1.0,bid,1", "bad price or amount"),
        ("1000,created,11,-235.0,1.0,bid,1", "bad price or amount"),
        ("1000,created,11,1e-6,1.0,bid,1", "bad price or amount"),
        ("1000,created,11,235.0,0.0,bid,1", "bad price or amount"),
        ("1000,created,11,235.0,1.000000001,bid,1", "bad price or amount"),
        ("1000,created,11,235.0,1e6,bid,1", "bad price or amount"),
        ("1000,created,11,235.0,1.25e-7,bid,1", "bad price or amount"),
        ("999,created,11,235.0,1.0,bid,1\n998,created,12,235.0,1.0,bid,1", "time runs backwards"),
    ],
)
def test_a_row_of_another_form_is_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        derived(tmp_path, f"{row}\n")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r":1: expected the columns ts_ms,event"):
        derived(tmp_path, PLAIN, ",".join(reversed(HEADER)))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("1000,trade,100,235.0,1.0,,", "no two orders explain trade 100"),
        (PLAIN.replace("1042,trade,101,235.0", "1042,trade,101,235.01"), "no two orders explain trade 101"),
        (PLAIN.replace("1042,trade", "1142,trade"), "no two orders explain trade 101"),
        ("\n".join(PLAIN.splitlines()[:8]) + "\n", "no trade explains the reductions in rows \\[8, 9\\]"),
        ("1000,deleted,1,235.0,0.0,bid,1\n", "no trade explains the reductions in rows \\[2\\]"),
        (PLAIN + "1050,deleted,13,240.25,1.0,bid,1\n", "deleted with another remainder than before"),
        (PLAIN + "1050,changed,13,240.25,3.5,bid,1\n", "a change that does not reduce the order"),
        (PLAIN + "1050,created,13,240.25,3.5,bid,1\n", "created twice or deleted in two ways"),
        (PLAIN + "1050,deleted,13,240.25,2.99999999,ask,1\n", "is on both sides"),
    ],
)
def test_what_the_rules_do_not_explain_is_refused(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        derived(tmp_path, body)
