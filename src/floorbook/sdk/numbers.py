"""Numbers in and out: exact decimals, never a float.

A float such as 0.1 is not one tenth, and what is signed must be what was meant: floats are refused, not
rounded.  On the wire a number is a decimal string without trailing zeros (docs/api.md §4).
"""

from decimal import Decimal, InvalidOperation

Number = Decimal | int | str


def exact(value: Number, name: str) -> Decimal:
    """Return the number; raises TypeError for a float and ValueError for what is no finite number."""
    if isinstance(value, float):
        raise TypeError(
            f"{name} is the float {value!r}, and a float is seldom the number it shows; "
            f'write "{value!r}" or Decimal("{value!r}")'
        )
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"{name} is {value!r}; write a Decimal, an int or decimal digits as text")
    try:
        number = Decimal(value)
    except InvalidOperation as fault:
        raise ValueError(f"{name} is {value!r}; write decimal digits") from fault
    if not number.is_finite():
        raise ValueError(f"{name} is {value!r}; write a finite number")
    return number


def wire(value: Number, name: str) -> str:
    """Return the number as the wire writes it: no exponent, no trailing zeros, no minus before zero."""
    text = format(exact(value, name), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
