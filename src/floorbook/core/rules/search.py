"""Bisection over the integers, for rules whose exact inverse has no closed form."""

from collections.abc import Callable


def last_true(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the largest value in low..high for which a falling predicate holds, or low - 1.

    `holds` must be true up to some value and false above it.
    """
    low -= 1
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
