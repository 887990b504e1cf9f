"""Funding: what longs and shorts pay each other every hour.

    premium = (mark - index) / index                      one sample a minute        [ppb]
    rate    = mean of 60 samples / 24, missing = 0, clamped                          [ppb an hour]
    credit  = floor(-index * size * unit * rate)          payers up, receivers down  [atoms]

Spec: docs/spec/funding.md
"""

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from floorbook.units import PPB_ONE, Atoms, Ppb, clamp, div_down, div_trunc

SAMPLES_PER_HOUR = 60
CONVERGENCE_HOURS = 24  # a constant premium is paid out once a day
RATE_HOUR_MAX_PPB = 5_000_000
RATE_DAY_MAX_PPB = 40_000_000
MARGIN_SPREADS_PER_8H = 6


class Settlement(Struct, frozen=True):
    """One hour's payments of a market."""

    credits: tuple[int, ...]  # [atoms] in the order of the sizes; negative pays
    dust: int  # [atoms] >= 0, for the market's fund


def premium(mark: int, index: int) -> Ppb:
    """Return (mark - index) / index in ppb, toward zero.  Spec: funding.md §1."""
    assert index > 0
    return Ppb(div_trunc((mark - index) * PPB_ONE, index))


def impact_premium(
    best_bid: int | None, impact_bid: int | None, best_ask: int | None, impact_ask: int | None, index: int
) -> Ppb:
    """Return the premium of a market that samples its own book instead of the mark.  Spec: funding.md §6.

    All prices in one unit.  Zero unless a whole impact notional rests beyond the index (dYdX v4).
    """
    if best_bid is not None and impact_bid is not None and index < best_bid and impact_bid > index:
        return premium(impact_bid, index)
    if best_ask is not None and impact_ask is not None and index > best_ask and impact_ask < index:
        return premium(impact_ask, index)
    return Ppb(0)


def sample_second(journal_hash: bytes, minute: int) -> int:
    """Return the second, 0..59, at which this minute is sampled.  Spec: funding.md §1 (A18).

    `journal_hash` is the chain's head before the minute began: known to all afterwards, to none before.
    """
    assert len(journal_hash) == 32
    digest = sha256(journal_hash + minute.to_bytes(8, "little")).digest()
    return int.from_bytes(digest[:8], "little") % 60


def mean_premium(samples: Sequence[int], expected: int = SAMPLES_PER_HOUR) -> Ppb:
    """Return the mean of the samples, a missing one counting as zero, toward zero.  Spec: funding.md §2."""
    return Ppb(div_trunc(sum(samples), max(len(samples), expected)))


def rate_cap(initial_ppb: int, maintenance_ppb: int) -> Ppb:
    """Return the largest |rate| of an hour, from the lowest tier's rates.  Spec: funding.md §3."""
    assert 0 <= maintenance_ppb <= initial_ppb
    return Ppb(min(spread_cap(initial_ppb, maintenance_ppb), RATE_HOUR_MAX_PPB))


def spread_cap(initial_ppb: int, maintenance_ppb: int) -> Ppb:
    """Return 6 * (initial - maintenance) / 8 an hour, rounded down.  Spec: funding.md §3 (dYdX v4)."""
    return Ppb(div_down(MARGIN_SPREADS_PER_8H * (initial_ppb - maintenance_ppb), 8))


def hourly_rate(samples: Sequence[int], cap_ppb: int, rates_before: Sequence[int] = ()) -> Ppb:
    """Return the hour's rate, clamped by the hour and by the day.  Spec: funding.md §2, §3.

    `rates_before` are the rates of the last 23 hours.  During the hour the same function of the samples
    taken so far is the accrued rate, because missing samples count as zero.
    """
    rate = div_trunc(sum(samples), max(len(samples), SAMPLES_PER_HOUR) * CONVERGENCE_HOURS)
    paid_by_longs = sum(past for past in rates_before if past > 0)
    paid_by_shorts = -sum(past for past in rates_before if past < 0)
    low = max(-cap_ppb, min(0, paid_by_shorts - RATE_DAY_MAX_PPB))
    high = min(cap_ppb, max(0, RATE_DAY_MAX_PPB - paid_by_longs))
    return Ppb(clamp(rate, low, high))


def credit(index: int, unit: int, rate_ppb: int, size: int) -> Atoms:
    """Return what a position receives (negative: pays), rounded down.  Spec: funding.md §4."""
    return Atoms(div_down(-index * unit * size * rate_ppb, PPB_ONE))


def settle(index: int, unit: int, rate_ppb: int, sizes: Sequence[int]) -> Settlement:
    """Return every position's credit and the dust; a market's sizes sum to zero.  Spec: funding.md §4."""
    assert sum(sizes) == 0
    # The product that all positions share is taken once: this runs for every holder each minute.
    per_lot = -index * unit * rate_ppb
    paid = tuple([div_down(per_lot * size, PPB_ONE) for size in sizes])
    return Settlement(paid, -sum(paid))
