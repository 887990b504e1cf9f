"""Reports: what reporters may say, when their word counts, and how fast a value may follow it.

    accepted = true median, per value, of the reports not older than 6 h     [as reported, down]
               once a quorum of them is not older than 60 min

As long as the honest outnumber the liars among the counted, the median lies between two honest reports.
Spec: docs/spec/reports.md
"""

from collections.abc import Sequence
from enum import IntEnum

from msgspec import Struct

from floorbook.core.rules.index import Limited, limit_move, median
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, PPB_ONE, Ppb, div_down, div_up

INDEX, APPRAISAL, SHARE = 0, 1, 2  # kinds
# INDEX: (floor, bid prices at DEPTH_AT items, unrelated buyers' sales in 7 days, volatility [ppb a day])
# APPRAISAL: (P10, P50, P90, time of the last sale with a shared trait [ns]), all prices ETH atoms
# SHARE: (price of one whole,); `collection` is the instrument's number
DEPTH_AT = (1, 2, 5, 10, 20)
LENGTHS = {INDEX: 1 + len(DEPTH_AT) + 2, APPRAISAL: 4, SHARE: 1}

REPORTERS_MAX = 31
REPORTERS_DELAY_NS = 4 * DAY_NS  # whoever asks for his money within two days has it before (rules/vault.py)
VALUE_MAX = 2**60  # no value is this large: a price at a bound is no price
SIGMA_MAX_PPB = 10 * PPB_ONE
AGE_BORROW_MAX_NS = 60 * MINUTE_NS
AGE_LIQUIDATE_MAX_NS = 6 * HOUR_NS
AGE_FREEZE_NS = 24 * HOUR_NS
SPREAD_MAX_PPB = 250_000_000

RISE_PPB_PER_DAY = 500_000_000
RISE_BANKED_NS = 2 * DAY_NS
FALL_PPB_PER_HOUR = 200_000_000
DECAY_PPB_PER_HOUR = 50_000_000

RECOVERY_NS = HOUR_NS
FORCED_MIN_NS = DAY_NS


def feed_key(kind: int, collection: int, token: int = -1) -> int:
    """Return the number of a feed: kind, collection (or instrument) and token, -1 for the whole."""
    return ((collection << 40) + token + 1) * 4 + kind


# --- who ---------------------------------------------------------------------------------------------


def quorum_is_safe(count: int, quorum: int) -> bool:
    """Return whether a quorum of so many reporters outvotes all the others.  Spec: reports.md §1."""
    return 1 <= quorum <= count <= REPORTERS_MAX and outvotes(count, count - quorum)


def outvotes(observations: int, liars: int) -> bool:
    """Return whether the median of so many reports is beyond so many liars.  Spec: reports.md §3."""
    return observations > 2 * liars


# --- what --------------------------------------------------------------------------------------------


def is_well_formed(kind: int, values: Sequence[int], sampled_to: int) -> bool:
    """Return whether the values have the number, order and size of their kind.  Spec: reports.md §2."""
    if len(values) != LENGTHS.get(kind):
        return False
    amounts, times = (values[:-1], values[-1:]) if kind == APPRAISAL else (values, ())
    if not all(0 <= amount < VALUE_MAX for amount in amounts):
        return False
    if not all(0 <= at <= sampled_to for at in times):
        return False
    if kind == INDEX:
        floor, *bids = values[: 1 + len(DEPTH_AT)]
        falls = all(deeper <= bid for bid, deeper in zip((floor, *bids), bids, strict=False))
        return floor > 0 and bids[0] > 0 and falls and values[-1] <= SIGMA_MAX_PPB
    if kind == APPRAISAL:
        low, middle, high = amounts
        return 0 < low <= middle <= high
    return values[0] > 0


def deviates(before: int, value: int, least_ppb: int) -> bool:
    """Return whether a value has moved by that share of what it was.  Spec: reports.md §7."""
    if least_ppb == 0:
        return True
    if before == 0:
        return value != 0
    return abs(value - before) * PPB_ONE >= least_ppb * abs(before)


# --- when it counts ----------------------------------------------------------------------------------


class Said(Struct, frozen=True, gc=False):
    """A reporter's last values and when they were sampled."""

    values: tuple[int, ...]
    at: int  # [ns]


class Accepted(Struct, frozen=True):
    """What a quorum says."""

    values: tuple[int, ...]  # medians
    at: int  # [ns] a quorum's reports are at least this new
    is_uncertain: bool  # no quorum lies within SPREAD_MAX of each other


def accept(said: Sequence[Said], now: int, quorum: int) -> Accepted | None:
    """Return the medians of the counted reports; None: fewer than a quorum of fresh ones.

    Spec: reports.md §3.
    """
    counted = [one for one in said if now - one.at <= AGE_LIQUIDATE_MAX_NS]
    newest = sorted((one.at for one in counted), reverse=True)
    if len(newest) < quorum or now - newest[quorum - 1] > AGE_BORROW_MAX_NS:
        return None
    columns = zip(*(one.values for one in counted), strict=True)
    agreeing = largest_agreement([one.values[0] for one in counted])
    return Accepted(tuple(map(median, columns)), newest[quorum - 1], agreeing < quorum)


def largest_agreement(values: Sequence[int]) -> int:
    """Return how many of the values can stand together: (max - min) / median <= 25 %.  Spec: reports.md §4.

    A quorum is a majority, so a quorum that agrees has the median of all among it: liars neither stop
    borrowing by shouting nor hide a quarrel of the others.
    """
    ordered, middle = sorted(values), median(values)
    room = div_down(middle * SPREAD_MAX_PPB, PPB_ONE)
    count = len(ordered)
    return max(
        last - first + 1
        for first in range(count)
        for last in range(first, count)
        if ordered[last] - ordered[first] <= room
    )


# --- how fast ----------------------------------------------------------------------------------------


class Grown(Struct, frozen=True, gc=False):
    """A value whose rise is limited, and the anchor from which its limit grows."""

    value: int
    anchor: int
    since: int  # [ns]


def grown(anchor: int, since: int, new: int, now: int) -> Grown:
    """Return the value at `now`, at most 50 % a day above the anchor, two days banked; falls count at once.

    The limit is a line from the anchor, which moves once a day at most while the value rises: a thousand
    updates reach no higher than one.  A first value (anchor 0) stands as it is.  Spec: reports.md §5.
    """
    assert now >= since
    if not anchor:
        return Grown(new, new, now)
    earned = min(now - since, RISE_BANKED_NS)
    limit = anchor + div_down(anchor * RISE_PPB_PER_DAY * earned, PPB_ONE * DAY_NS)
    value = min(new, limit)
    if value >= anchor and now - since < DAY_NS:
        return Grown(value, anchor, since)
    if not value:
        return Grown(0, 0, now)
    # What has not been used stays banked: the new line begins below and meets the old one now.
    unused = div_down((limit - value) * PPB_ONE * DAY_NS, value * RISE_PPB_PER_DAY)
    return Grown(value, value, now - min(unused, RISE_BANKED_NS))


def fallen(before: Limited | None, new: int, now: int) -> Limited:
    """Return the value at `now`, fallen by at most 20 % an hour.

    Rises count at once.  The speed is anchored to the hour of the clock (index.md §3), so the number of
    updates does not matter.  Spec: reports.md §5.
    """
    if before is None or new >= before.value:
        return Limited(new, new, now)
    return limit_move(before, new, now, FALL_PPB_PER_HOUR)


def decayed(value: int, age_ns: int) -> int:
    """Return what a value of that age still counts: 5 % less per hour past 60 min, down (A14).

    Spec: reports.md §5.
    """
    late = max(0, age_ns - AGE_BORROW_MAX_NS)
    kept = max(0, PPB_ONE - div_up(DECAY_PPB_PER_HOUR * late, HOUR_NS))
    return div_down(value * Ppb(kept), PPB_ONE)


# --- breaker -----------------------------------------------------------------------------------------


class Breaker(IntEnum):
    """What a collection's prices still allow, from everything to nothing but bids."""

    NORMAL = 0
    NO_BORROW = 1
    CLOSE_ONLY = 2
    FROZEN = 3


class Condition(IntEnum):
    """How a collection's reports stand."""

    GOOD = 0  # certain and not older than 60 min
    RECOVERED = 1  # that, for an hour
    DOUBTFUL = 2  # uncertain, or older than 60 min
    OLD = 3  # older than 6 h
    DEAD = 4  # older than 24 h


NEXT: dict[tuple[Breaker, Condition], Breaker] = {
    (Breaker.NORMAL, Condition.DOUBTFUL): Breaker.NO_BORROW,
    (Breaker.NORMAL, Condition.OLD): Breaker.CLOSE_ONLY,
    (Breaker.NORMAL, Condition.DEAD): Breaker.FROZEN,
    (Breaker.NO_BORROW, Condition.RECOVERED): Breaker.NORMAL,
    (Breaker.NO_BORROW, Condition.OLD): Breaker.CLOSE_ONLY,
    (Breaker.NO_BORROW, Condition.DEAD): Breaker.FROZEN,
    (Breaker.CLOSE_ONLY, Condition.RECOVERED): Breaker.NORMAL,
    (Breaker.CLOSE_ONLY, Condition.DEAD): Breaker.FROZEN,
    (Breaker.FROZEN, Condition.RECOVERED): Breaker.NORMAL,
}


def condition(age_ns: int, good_ns: int, *, uncertain: bool) -> Condition:
    """Return how reports stand that are so old, and good for so long.  Spec: reports.md §6."""
    if age_ns > AGE_FREEZE_NS:
        return Condition.DEAD
    if age_ns > AGE_LIQUIDATE_MAX_NS:
        return Condition.OLD
    if uncertain or age_ns > AGE_BORROW_MAX_NS:
        return Condition.DOUBTFUL
    return Condition.RECOVERED if good_ns >= RECOVERY_NS else Condition.GOOD


def next_breaker(breaker: Breaker, forced: Breaker, reports: Condition) -> Breaker:
    """Return the breaker's state; `forced` is what the operator asks at least.  Spec: reports.md §6."""
    return max(NEXT.get((breaker, reports), breaker), forced)
