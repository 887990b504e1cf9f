"""docs/spec/numbers.md §4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.reasons import Reject
from floorbook.core.rules import orders
from floorbook.units import LOTS_MAX, PRICE_MAX


@pytest.mark.parametrize(
    "text",
    ["", " ", "NaN", "nan", "inf", "-inf", "1e5", "+1", " 1", "1 ", "1\n", ".5", "5.", "1,0", "0x10", "1_000",
     "--1", "-", ".", "1.2.3", "\uff11\uff12", "\u0663", "\u00b9", "1" * 65,
     "9" * 10_000, "1/2", "null", "\x00"],
)  # fmt: skip
def test_what_is_not_a_number(text: str) -> None:
    assert orders.read_price(text, 4) is Reject.NOT_A_NUMBER
    assert orders.read_size(text, 2) is Reject.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20", 200_000), ("20.0001", 200_001), ("20.00010000", 200_001), ("0.0001", 1), ("007", 70_000),
        ("20.00005", Reject.OFF_TICK), ("-20.00005", Reject.OFF_TICK), ("0", Reject.PRICE_NOT_POSITIVE),
        ("-0.0", Reject.PRICE_NOT_POSITIVE), ("-5", Reject.PRICE_NOT_POSITIVE),
        ("9" * 60, Reject.PRICE_TOO_LARGE), (str(PRICE_MAX), Reject.PRICE_TOO_LARGE),
    ],
)  # fmt: skip
def test_prices(text: str, expected: int) -> None:
    got = orders.read_price(text, 4)
    assert got == expected
    assert isinstance(got, Reject) == isinstance(expected, Reject)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 100), ("0.01", 1), ("0.001", Reject.OFF_LOT), ("0", Reject.SIZE_NOT_POSITIVE),
        ("-1", Reject.SIZE_NOT_POSITIVE), (str(LOTS_MAX), Reject.SIZE_TOO_LARGE),
    ],
)  # fmt: skip
def test_sizes(text: str, expected: int) -> None:
    got = orders.read_size(text, 2)
    assert got == expected
    assert isinstance(got, Reject) == isinstance(expected, Reject)


@given(st.integers(1, PRICE_MAX), st.integers(0, 9))
def test_what_is_written_is_read(ticks: int, decimals: int) -> None:
    assert orders.read_price(orders.write(ticks, decimals), decimals) == ticks


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    assert isinstance(orders.read_price(text, 4), int)


def test_the_error_names_the_two_nearest_prices() -> None:
    assert orders.nearest_prices("20.00005", 4) == ("20", "20.0001")
    assert orders.nearest_prices("20.5", 4) == ("20.5", "20.5")
    assert orders.nearest_prices("0.00001", 4) is None
    assert orders.nearest_prices("x", 4) is None


def test_write() -> None:
    assert [orders.write(value, 4) for value in (0, 1, 10_000, -12_500)] == ["0", "0.0001", "1", "-1.25"]
    assert orders.write(7, 0) == "7"
