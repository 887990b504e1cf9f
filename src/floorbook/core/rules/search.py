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


def last_true_near(low: int, high: int, guess: int, holds: Callable[[int], bool]) -> int:
    """Return the same, asking in ever larger steps around a guess in low..high first."""
    known, step = guess, 1
    if holds(guess):
        while known + step <= high and holds(known + step):
            known, step = known + step, 2 * step
        return last_true(known + 1, min(high, known + step - 1), holds)
    while known - step >= low and not holds(known - step):
        known, step = known - step, 2 * step
    return last_true(max(low, known - step), known - 1, holds)
