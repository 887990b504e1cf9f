"""TWAP orders and the dead-man's switch: what the clock does to orders.

    slice k of n trades  min(total * k / n - filled so far, 3 * total / n)     at start + k * 30 s

Spec: docs/spec/triggers.md §3, §4
"""

from floorbook.units import PPB_ONE, SECOND_NS, Lots, Ns, Ticks, div_down, div_up

SLICE_EVERY_NS = 30 * SECOND_NS
CATCH_UP = 3
SLIPPAGE_MAX_PPB = 30_000_000
SLICES_MAX = 2_880  # a day
DEAD_MAN_AHEAD_MIN_NS = 5 * SECOND_NS


def slices(duration_ns: int) -> int:
    """Return the number of slices, at least one.  Spec: triggers.md §3."""
    return max(1, div_up(duration_ns, SLICE_EVERY_NS))


def slice_at(start: int, number: int) -> Ns:
    """Return when slice `number` (from 1) is due.  Spec: triggers.md §3."""
    return Ns(start + number * SLICE_EVERY_NS)


def slice_lots(total: int, filled: int, number: int, count: int) -> Lots:
    """Return what slice `number` (1..count) should trade, the backlog included.  Spec: triggers.md §3.

    The schedule rounds down, so the last slice alone completes it; what the cap leaves is not traded.
    """
    assert 1 <= number <= count
    backlog = div_down(total * number, count) - filled
    return Lots(max(0, min(backlog, div_up(CATCH_UP * total, count))))


def slice_limit(side: int, mark: int) -> Ticks:
    """Return a slice's worst price: 3 % beyond the mark, rounded toward it.  Spec: triggers.md §3."""
    if side > 0:
        return Ticks(div_down(mark * (PPB_ONE + SLIPPAGE_MAX_PPB), PPB_ONE))
    return Ticks(div_up(mark * (PPB_ONE - SLIPPAGE_MAX_PPB), PPB_ONE))


def may_schedule_cancel(at: int, now: int) -> bool:
    """Return whether a dead-man's switch may be set to `at`; 0 clears it.  Spec: triggers.md §4."""
    return at == 0 or at - now >= DEAD_MAN_AHEAD_MIN_NS


def is_cancel_due(at: int, now: int) -> bool:
    """Return whether the switch has run out.  Spec: triggers.md §4."""
    return 0 < at <= now
