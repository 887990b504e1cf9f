"""Mark: the price at which positions are valued and liquidated.

    mark = index + w * (median(impact mid, price 1, price 2) - index), clamped to index * (1 +- c)

Index and mark are ticks; between them prices are *microticks* (1e-6 tick), so that funding and the
average keep fractions of a tick.  The last price drives nothing.  Spec: docs/spec/mark.md
"""

from collections.abc import Sequence

from msgspec import Struct

from floorbook.units import (
    HOUR_NS,
    MINUTE_NS,
    PPB_ONE,
    SECOND_NS,
    Atoms,
    Ppb,
    Ticks,
    clamp,
    div_down,
    div_trunc,
    div_up,
)

MICRO = 10**6  # microticks in a tick
BASIS_SPAN_NS = 150 * SECOND_NS
RAMP_NS = 30 * MINUTE_NS
LEASH_MIN_PPB = 10_000_000
LEASH_MAX_PPB = 50_000_000
IMPACT_SHARE_PPB = 20_000_000
IMPACT_MIN_ETH_ATOMS = 5 * 10**9
HALT_LEASHES = 3


class Book(Struct, frozen=True):
    """Two sides of quotes, best first, as (ticks, lots)."""

    bids: Sequence[tuple[int, int]]
    asks: Sequence[tuple[int, int]]


class MarkState(Struct, frozen=True, gc=False):
    """What the mark remembers between two computations."""

    basis: int = 0  # [microticks] average of impact mid - index
    two_sided_ns: int = 0  # [ns] time with quotes on both sides, up to RAMP_NS
    at: int = 0  # [ns]


class Terms(Struct, frozen=True, kw_only=True, gc=False):
    """The market's side of the computation."""

    unit: int  # [atoms per tick and lot]
    impact_notional: int  # [atoms]
    last_rate_ppb: int  # the hour before's funding rate
    funding_left_ns: int  # until the next funding
    leash_ppb: int


class Mark(Struct, frozen=True):
    """One computation: the mark and what led to it."""

    mark: int  # [ticks]
    impact_mid: int | None  # [microticks] None: too thin, crossed or one-sided
    is_halted: bool  # no order may increase a position: the book left the index
    state: MarkState


def mark_price(
    rested: Book, index: int, before: MarkState, at: int, terms: Terms, standing: Book | None = None
) -> Mark:
    """Return the market's mark at time `at`, given its index [ticks].  Spec: mark.md §1.

    `rested` holds the quotes that rested long enough, `standing` all quotes, None: they are the same.
    """
    mid = impact_mid(rested, terms.impact_notional, terms.unit)
    if standing is not None:
        mid = nearer_mid(mid, impact_mid(standing, terms.impact_notional, terms.unit), index)
    halted = is_halted(mid, index, terms.leash_ppb)
    heard = None if mid is None or halted else leashed_mid(mid, index, terms.leash_ppb)
    state = advance(before, heard, index, at)
    middle = median_of_three(
        index * MICRO if heard is None else heard,
        price_1(index, terms.last_rate_ppb, terms.funding_left_ns),
        price_2(index, state.basis),
    )
    weight = ramp_weight(state.two_sided_ns)
    mark = leashed(ramped(index, middle, weight), index, terms.leash_ppb)
    return Mark(mark, mid, halted, state)


def impact_notional(open_interest: int, minimum: int = IMPACT_MIN_ETH_ATOMS) -> Atoms:
    """Return max(5 ETH, 2 % of open interest), rounded up; both in the settle asset.  Spec: mark.md §2."""
    return Atoms(max(minimum, div_up(open_interest * IMPACT_SHARE_PPB, PPB_ONE)))


def impact_price(levels: Sequence[tuple[int, int]], notional: int, unit: int) -> int | None:
    """Return the average price [microticks, down] at which `notional` trades along `levels`.

    notional / base filled, the last level in part; None if the levels are too thin.  A notional of zero
    gives the best price.  Spec: mark.md §2.
    """
    lots_filled, left = 0, notional
    for ticks, lots in levels:
        if ticks * lots * unit >= left:
            # lots_filled + left / (ticks * unit) lots in total: multiplied out, so exact before the division.
            base = lots_filled * ticks * unit + left
            return div_down(notional * ticks * MICRO, base) if base else ticks * MICRO
        lots_filled += lots
        left -= ticks * lots * unit
    return None


def impact_mid(book: Book, notional: int, unit: int) -> int | None:
    """Return the middle of both impact prices [microticks, down], or None.  Spec: mark.md §2."""
    bid = impact_price(book.bids, notional, unit)
    ask = impact_price(book.asks, notional, unit)
    if bid is None or ask is None or book.bids[0][0] >= book.asks[0][0]:
        return None
    return div_down(bid + ask, 2)


def nearer_mid(rested: int | None, standing: int | None, index: int) -> int | None:
    """Return the price between both mids that is nearest to the index [microticks].  Spec: mark.md §2 (A5).

    A young quote may bring the mark back to the index, never push it away: else whoever rests far away
    is heard alone while the makers renew their quotes.
    """
    if rested is None or standing is None:
        return None
    return clamp(index * MICRO, *sorted((rested, standing)))


def leashed_mid(mid: int, index: int, leash_ppb: int) -> int:
    """Return the mid within index * (1 +- c) [microticks, inward].  Spec: mark.md §4 (A5).

    The mark cannot leave the leash; an average that could would only get to its end faster.
    """
    low = div_up(index * MICRO * (PPB_ONE - leash_ppb), PPB_ONE)
    high = div_down(index * MICRO * (PPB_ONE + leash_ppb), PPB_ONE)
    return clamp(mid, low, high)


def price_1(index: int, last_rate_ppb: int, left_ns: int) -> int:
    """Return index * (1 + last rate * time left / hour) [microticks, down].  Spec: mark.md §3."""
    hour = HOUR_NS * PPB_ONE
    return div_down(index * MICRO * (hour + last_rate_ppb * left_ns), hour)


def price_2(index: int, basis: int) -> int:
    """Return index + average basis [microticks].  Spec: mark.md §4."""
    return index * MICRO + basis


def basis_step(basis: int, mid: int, index: int, elapsed_ns: int) -> int:
    """Return the average basis after `elapsed_ns` of this mid [microticks].  Spec: mark.md §4.

    e += (mid - index - e) * dt / (150 s + dt), the step toward zero: it never overshoots.
    """
    assert elapsed_ns >= 0
    gap = mid - index * MICRO - basis
    return basis + div_trunc(gap * elapsed_ns, BASIS_SPAN_NS + elapsed_ns)


def advance(before: MarkState, mid: int | None, index: int, at: int) -> MarkState:
    """Return the state at `at`; without a mid the index stands in.  Spec: mark.md §4, §5."""
    elapsed = at - before.at
    stand_in = index * MICRO if mid is None else mid
    two_sided = before.two_sided_ns if mid is None else min(RAMP_NS, before.two_sided_ns + elapsed)
    return MarkState(basis_step(before.basis, stand_in, index, elapsed), two_sided, at)


def ramp_weight(two_sided_ns: int) -> Ppb:
    """Return how much a book of this age counts, 0 to 1, rounded down.  Spec: mark.md §5."""
    return Ppb(div_down(clamp(two_sided_ns, 0, RAMP_NS) * PPB_ONE, RAMP_NS))


def ramped(index: int, middle: int, weight_ppb: int) -> int:
    """Return index + weight * (middle - index) [microticks], toward the index.  Spec: mark.md §5."""
    return index * MICRO + div_trunc((middle - index * MICRO) * weight_ppb, PPB_ONE)


def leash(maintenance_ppb: int) -> Ppb:
    """Return c = min(5 %, max(1 %, lowest tier's maintenance rate)).  Spec: mark.md §6 (A5)."""
    return Ppb(clamp(maintenance_ppb, LEASH_MIN_PPB, LEASH_MAX_PPB))


def leashed(price: int, index: int, leash_ppb: int) -> Ticks:
    """Return the price [microticks] as ticks, nearest, within index * (1 +- c).  Spec: mark.md §6.

    Half a tick goes up; the bounds round inward, so the clamp holds exactly.
    """
    nearest = div_down(2 * price + MICRO, 2 * MICRO)
    low = div_up(index * (PPB_ONE - leash_ppb), PPB_ONE)
    high = div_down(index * (PPB_ONE + leash_ppb), PPB_ONE)
    return Ticks(clamp(nearest, low, high))


def is_halted(mid: int | None, index: int, leash_ppb: int) -> bool:
    """Return whether |mid - index| > 3 c: then no order may increase a position.  Spec: mark.md §7 (A5).

    Such a book is not heard either: the halt keeps others from correcting it.
    """
    if mid is None:
        return False
    return abs(mid - index * MICRO) * PPB_ONE > HALT_LEASHES * leash_ppb * index * MICRO


def median_of_three(first: int, second: int, third: int) -> int:
    """Return the middle one."""
    return sorted((first, second, third))[1]
