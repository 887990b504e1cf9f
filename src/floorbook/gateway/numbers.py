"""Decimal strings on the wire, integers inside: exact both ways, nothing is rounded in.

A number on the wire is a string of digits with at most one point; its trailing zeros are left out.
Spec: docs/api.md §4
"""

import re

from floorbook.units import ASSET_DECIMALS

DIGITS_MAX = 40
_NUMBER = re.compile(rf"-?(?=[0-9.]{{1,{DIGITS_MAX}}}$)(?:[0-9]+\.?[0-9]*|\.[0-9]+)")


def parse(text: str, decimals: int) -> int | None:
    """Return the number in units of 10 ** -decimals; None if it is no number.

    Raises `Remainder` if it has digits below the unit.
    """
    if not _NUMBER.fullmatch(text):
        return None
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text)
    whole, _, fraction = digits.partition(".")
    rest = fraction[decimals:].strip("0")
    value = int((whole or "0") + fraction[:decimals].ljust(decimals, "0"))
    if rest:
        raise Remainder(sign * value)
    return sign * value


class Remainder(ValueError):
    """A number with digits below its unit; `below` is the part of whole units, toward zero."""

    def __init__(self, below: int) -> None:
        super().__init__(f"{below} and a part of a unit")
        self.below = below


def show(value: int, decimals: int) -> str:
    """Return a number of units of 10 ** -decimals as the wire writes it."""
    sign = "-" if value < 0 else ""
    digits = str(abs(value)).rjust(decimals + 1, "0")
    if not decimals:
        return sign + digits
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".")


def show_atoms(atoms: int, asset: int) -> str:
    """Return an amount of an asset in whole coins."""
    return show(atoms, ASSET_DECIMALS[asset])


def show_ppb(rate: int) -> str:
    """Return a rate in parts per billion as a fraction of one."""
    return show(rate, 9)
