"""Numbers go out as exact text; a float never does.  Expected texts: docs/api.md §4 (no trailing zeros)."""

from decimal import Decimal
from typing import cast

import pytest

from floorbook.sdk.numbers import Number, exact, wire


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("12.3400"), "12.34"),
        ("0.00010", "0.0001"),
        (100, "100"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        ("-0.0", "0"),
        ("-5.50", "-5.5"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_wire_text(value: Number, text: str) -> None:
    assert wire(value, "price") == text


def test_a_float_is_refused_and_the_message_says_what_to_write() -> None:
    with pytest.raises(TypeError, match=r'price is the float 0.1.*Decimal\("0.1"\)'):
        exact(cast("Number", 0.1), "price")


@pytest.mark.parametrize("value", [True, None, b"1", [1]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="size is"):
        exact(cast("Number", value), "size")


@pytest.mark.parametrize("value", ["", "one", "NaN", "Infinity", Decimal("-Infinity"), "0x10"])
def test_text_without_a_finite_number_is_refused(value: Number) -> None:
    with pytest.raises(ValueError, match="size is"):
        exact(value, "size")
