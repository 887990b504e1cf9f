"""Which case of a vector file is answered by which adapter, and why the others are not.

An adapter takes a case's inputs, converts them to our integer units, calls the function in `src`
and returns what it gives in the case's own units: a number, or some of the expected keys.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

Inputs = dict[str, Any]
Adapter = Callable[[Inputs], Any]


@dataclass(frozen=True)
class Entry:
    topic: str
    pattern: re.Pattern[str]
    adapter: Adapter | None
    reason: str


_entries: list[Entry] = []


def adopts(topic: str, pattern: str) -> Callable[[Adapter], Adapter]:
    """Register the decorated adapter for the ids of a topic that match the pattern from their start."""

    def register(adapter: Adapter) -> Adapter:
        _entries.append(Entry(topic, re.compile(pattern), adapter, ""))
        return adapter

    return register


def leaves(topic: str, pattern: str, reason: str) -> None:
    """Say why the matching cases of a topic bind nothing here."""
    _entries.append(Entry(topic, re.compile(pattern), None, reason))


def find(topic: str, case: str) -> tuple[Adapter | None, str]:
    """Return the adapter of a case, or None and the reason; the first entry that matches wins."""
    for entry in _entries:
        if entry.topic == topic and entry.pattern.match(case):
            return entry.adapter, entry.reason
    return None, "no rule of this exchange"


def whole(value: Decimal | Fraction | int | str, scale: int) -> int:
    """Return value * scale, which must be a whole number: the conversion into our units is exact."""
    scaled = Fraction(value) * scale
    assert scaled.denominator == 1, f"{value} is no multiple of 1/{scale}"
    return scaled.numerator
