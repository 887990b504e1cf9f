"""Orders as text: decimal strings in, ticks and lots out, and the other way round.

Only `[-]digits[.digits]` in ASCII is a number: no exponent, no sign but minus, no space, no NaN.
Spec: docs/spec/numbers.md §4
"""

import re

from floorbook.core.reasons import Reject
from floorbook.units import LOTS_MAX, PRICE_MAX, Lots, Ticks

TEXT_MAX = 64  # [characters]
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")


def read_price(text: str, price_decimals: int, price_max: int = PRICE_MAX) -> Ticks | Reject:
    """Return the price in ticks, or why it is none.  Spec: numbers.md §4."""
    ticks = _read(text, price_decimals)
    if ticks is None:
        return Reject.NOT_A_NUMBER
    value, is_exact = ticks
    if not is_exact:
        return Reject.OFF_TICK
    if value <= 0:
        return Reject.PRICE_NOT_POSITIVE
    return Reject.PRICE_TOO_LARGE if value > price_max else Ticks(value)


def read_size(text: str, size_decimals: int, lots_max: int = LOTS_MAX) -> Lots | Reject:
    """Return the size in lots, or why it is none.  Spec: numbers.md §4."""
    lots = _read(text, size_decimals)
    if lots is None:
        return Reject.NOT_A_NUMBER
    value, is_exact = lots
    if not is_exact:
        return Reject.OFF_LOT
    if value <= 0:
        return Reject.SIZE_NOT_POSITIVE
    return Reject.SIZE_TOO_LARGE if value > lots_max else Lots(value)


def nearest_prices(text: str, price_decimals: int) -> tuple[str, str] | None:
    """Return the valid prices just below and above an off-tick one, for the error message.

    None if the text is no number or lies beyond the valid prices.
    """
    ticks = _read(text, price_decimals)
    if ticks is None or not 1 <= ticks[0] < PRICE_MAX:
        return None
    below, is_exact = ticks
    return write(below, price_decimals), write(below if is_exact else below + 1, price_decimals)


def write(value: int, decimals: int) -> str:
    """Return an integer of 10 ** -decimals as decimal text without trailing zeros."""
    whole, rest = divmod(abs(value), 10**decimals)
    fraction = f".{rest:0{decimals}d}".rstrip("0") if rest else ""
    return f"{'-' if value < 0 else ''}{whole}{fraction}"


def _read(text: str, decimals: int) -> tuple[int, bool] | None:
    """Return (the number times 10 ** decimals, toward zero; whether that is exact)."""
    match = _NUMBER.fullmatch(text) if len(text) <= TEXT_MAX else None
    if match is None:
        return None
    minus, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    kept = fraction[:decimals].ljust(decimals, "0")
    value = int(whole + kept)
    return (-value if minus else value), len(fraction) <= decimals
