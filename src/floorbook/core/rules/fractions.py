"""Fractions of one token: what units are worth, when they may be bought out, and what they get then.

Prices are ETH atoms, of the token or of one whole (UNIT units); `supply` and amounts are units.
Spec: docs/spec/instruments.md §2
"""

from collections.abc import Sequence

from floorbook.core.rules.index import Accumulator, accumulate, twap
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE, Atoms, Ns, div_down, div_up

UNIT = 10**9  # units of one whole
SUPPLY_MIN = UNIT  # a smaller supply would round a price away
SUPPLY_MAX = 10**6 * UNIT
LTV_CUT_PPB = 50_000_000  # below the token's own thresholds
NOTICE_NS = 7 * DAY_NS
COUNTER_NS = 48 * HOUR_NS  # at least so long is left after a counter-bid
MINIMUM_SHARE_PPB = 800_000_000  # of the appraisal
RAISE_PPB = 50_000_000
TWAP_NS = 7 * DAY_NS


def share(total: int, amount: int, supply: int) -> int:
    """Return total * amount / supply, rounded down; 0 <= amount <= supply.  Spec: instruments.md §1."""
    assert 0 <= amount <= supply
    return div_down(total * amount, supply) if supply else 0


def at_price(price_whole: int, amount: int) -> Atoms:
    """Return what units are worth at the price of a whole [atoms], rounded down.  Spec: instruments.md §2."""
    return Atoms(div_down(price_whole * amount, UNIT))


def average(points: Sequence[tuple[int, int]], now: int) -> Atoms:
    """Return the time-weighted average of (ns, price of a whole) points, each price holding until the next.

    Spec: instruments.md §2, index.md §6.
    """
    if not points:
        return Atoms(0)
    at, price = points[0]
    start = end = Accumulator(0, price, at)
    for at, price in points[1:]:
        end = accumulate(end, price, at)
    return Atoms(twap(start, accumulate(end, end.price, now)))


def buyout_minimum(appraisal: int, twap_whole: int, supply: int) -> Atoms:
    """Return the least price for the whole token, rounded up.  Spec: instruments.md §2 (Niftex).

    max(0.8 * appraisal, TWAP * supply): neither a silent market nor a silent appraiser makes it cheap.
    """
    by_appraisal = div_up(appraisal * MINIMUM_SHARE_PPB, PPB_ONE)
    return Atoms(max(by_appraisal, div_up(twap_whole * supply, UNIT)))


def counter_bid(price: int) -> Atoms:
    """Return the least price that beats an offer: 5 % more, rounded up.  Spec: instruments.md §2."""
    return Atoms(div_up(price * (PPB_ONE + RAISE_PPB), PPB_ONE))


def counter_end(ends: int, now: int) -> Ns:
    """Return the end of the notice after a counter-bid: 48 h are left at least.  Spec: instruments.md §2."""
    return Ns(max(ends, now + COUNTER_NS))


def lowered(loan: int, value: int, worth: int, cut_ppb: int) -> Atoms:
    """Return worth * (loan / value - cut), rounded down: the threshold of `value`, lowered, of `worth`.

    Spec: instruments.md §2.
    """
    if value <= 0:
        return Atoms(0)
    return Atoms(max(0, div_down(worth * (loan * PPB_ONE - cut_ppb * value), value * PPB_ONE)))
