"""Auctions: the falling price, which tokens are sold, and who gets the price.

    start  = max(1.2 * appraisal, best standing bid, par)        par = max(appraisal, end)
    end    = 0.7 * liquidation value
    price  = start * (par / start) ** (t / 2 h), then linear to end at 6 h          [ETH atoms, up]

Spec: docs/spec/auctions.md
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import combinations
from math import isqrt

from msgspec import Struct

from floorbook.core.rules.search import last_true
from floorbook.units import CASH_MAX, DAY_NS, HOUR_NS, PPB_ONE, SECOND_NS, clamp, div_down, div_up

START_PPB = 1_200_000_000  # of the appraisal
END_PPB = 700_000_000  # of the liquidation value
EXPONENTIAL_NS = 2 * HOUR_NS
DURATION_NS = 6 * HOUR_NS
RESETS_MAX = 2
STOPPED_MAX_NS = 7 * DAY_NS  # in one run of the clock: a sale whose prices never come back must end, too
GRACE_NS = HOUR_NS  # the clock stands still for so long after the cause has gone
RECOVERY_NS = HOUR_NS  # how long the owner must have been healthy without a break
COOL_OFF_NS = 60 * SECOND_NS  # how long he must have been unhealthy before a keeper may call
SELF_START_NS = 120 * SECOND_NS  # before the exchange starts by itself
RESALE_NS = DAY_NS  # between the backstop's purchase and its own sale
PENALTY_PPB = 50_000_000
KEEPER_PPB = 10_000_000
PROTOCOL_PPB = 10_000_000
TIP = 20_000_000  # [ETH atoms]
QUEUE_PPB = 250_000_000  # of the week's unrelated sales may be on sale at once
BIDS_MAX = 20  # standing bids of an account
BID_MIN = 10_000_000  # [ETH atoms]
EXACT_MAX = 20  # candidates among which the smallest set is searched exactly

_HALVINGS = 20
_FRACTION_BITS = 32


class Curve(Struct, frozen=True, gc=False):
    """A sale's three prices [ETH atoms]; start >= par >= end >= 0."""

    start: int
    par: int
    end: int


class Candidate(Struct, frozen=True, gc=False):
    """A token that could be sold: what its sale brings less what it carries now [ETH atoms]."""

    key: int
    gain: int


class Split(Struct, frozen=True, gc=False):
    """Where a price goes [ETH atoms]; the parts sum to it."""

    to_debt: int
    to_keeper: int
    to_protocol: int
    to_insurance: int
    to_owner: int


# ---- the price ---------------------------------------------------------------------------------


def curve(appraisal: int, liquidation_value: int, best_bid: int) -> Curve:
    """Return the prices of a sale that starts now [ETH atoms].  Spec: auctions.md §2."""
    end = clamp(div_up(liquidation_value * END_PPB, PPB_ONE), 0, CASH_MAX)
    par = clamp(appraisal, max(1, end), CASH_MAX)
    start = max(div_up(appraisal * START_PPB, PPB_ONE), best_bid, par)
    return Curve(start=min(start, CASH_MAX), par=par, end=end)


def price_at(prices: Curve, elapsed: int) -> int:
    """Return the price after so much running time [ns]; it never rises.  Spec: auctions.md §2."""
    if elapsed < EXPONENTIAL_NS:
        return exponential(prices.start, prices.par, max(0, elapsed), EXPONENTIAL_NS)
    return linear(prices.par, prices.end, elapsed - EXPONENTIAL_NS, DURATION_NS - EXPONENTIAL_NS)


def exponential(high: int, low: int, elapsed: int, duration: int) -> int:
    """Return high * (low / high) ** (elapsed / duration), rounded up; low >= 1.  Spec: auctions.md §2.

    The interval is halved at the geometric mean, so prices at later times lie within it: the curve cannot
    rise, whatever is rounded.  The last of 2**20 intervals is crossed on a straight line.
    """
    if elapsed >= duration:
        return low
    step, rest = divmod(elapsed << _HALVINGS, duration)
    upper, lower = high << _FRACTION_BITS, low << _FRACTION_BITS
    for bit in reversed(range(_HALVINGS)):
        middle = isqrt(upper * lower)
        if step >> bit & 1:
            upper = middle
        else:
            lower = middle
    return div_up(upper - div_down((upper - lower) * rest, duration), 1 << _FRACTION_BITS)


def linear(high: int, low: int, elapsed: int, duration: int) -> int:
    """Return the price on the straight line from high to low, rounded up; low from the end on."""
    return high - div_down((high - low) * min(elapsed, duration), duration)


def falls_to(prices: Curve, price: int) -> int | None:
    """Return the running time [ns] at which the price is first at most `price`; None if it never is."""
    if price < prices.end:
        return None
    return last_true(0, DURATION_NS, lambda elapsed: price_at(prices, elapsed) > price) + 1


def running_ns(now: int, started: int, paused: int, paused_since: int, resumes: int) -> int:
    """Return how long a sale's clock has run [ns]; `resumes` 0 = it stands still for now.

    Spec: auctions.md §3.
    """
    if not paused_since:
        return now - started - paused
    return paused_since - started - paused + (max(0, now - resumes) if resumes else 0)


# ---- which tokens ------------------------------------------------------------------------------


def queue_capacity(sales_week: int) -> int:
    """Return how many tokens of a collection may be on sale at once.  Spec: auctions.md §5."""
    return max(1, div_down(sales_week * QUEUE_PPB, PPB_ONE))


def smallest_set(candidates: Sequence[Candidate], need: int) -> list[int]:
    """Return the keys of the fewest candidates whose gains sum to at least `need`, all if none suffice.

    Of several such sets the one with the least surplus, then the least keys.  Spec: auctions.md §5.
    """
    if need <= 0:
        return []
    gains = sorted((c.gain for c in candidates), reverse=True)
    total = 0
    for count, gain in enumerate(gains, start=1):
        total += gain
        if total >= need:
            return _closest(candidates, need, count)
    return sorted(c.key for c in candidates)


def _closest(candidates: Sequence[Candidate], need: int, count: int) -> list[int]:
    """Search both halves apart and join each part of the first with the least fitting one of the second."""
    if len(candidates) > EXACT_MAX:
        return sorted(c.key for c in sorted(candidates, key=lambda c: (-c.gain, c.key))[:count])
    ordered = sorted(candidates, key=lambda c: c.key)
    half = len(ordered) // 2
    best: tuple[int, list[int]] | None = None
    for taken in range(count + 1):
        others = _sums(ordered[half:], count - taken)
        for gain, keys in _sums(ordered[:half], taken):
            place = bisect_left(others, (need - gain, []))
            if place < len(others):
                found = gain + others[place][0], keys + others[place][1]
                best = min(best, found) if best else found
    assert best is not None
    return best[1]


def _sums(candidates: Sequence[Candidate], count: int) -> list[tuple[int, list[int]]]:
    """Return the gains of all subsets of a size with their keys, sorted."""
    chosen = combinations(candidates, count)
    return sorted((sum(c.gain for c in subset), [c.key for c in subset]) for subset in chosen)


# ---- the money ---------------------------------------------------------------------------------


def split(price: int, debt: int, *, has_keeper: bool) -> Split:
    """Return who gets a price: the debt first, the penalty only out of the surplus (A8).

    Spec: auctions.md §6.
    """
    to_debt = min(price, debt)
    surplus = price - to_debt
    penalty = min(surplus, div_up(price * PENALTY_PPB, PPB_ONE))
    reward = div_down(price * KEEPER_PPB, PPB_ONE) + TIP if has_keeper else 0
    to_keeper = min(penalty, reward)
    to_protocol = min(penalty - to_keeper, div_up(price * PROTOCOL_PPB, PPB_ONE))
    return Split(
        to_debt=to_debt,
        to_keeper=to_keeper,
        to_protocol=to_protocol,
        to_insurance=penalty - to_keeper - to_protocol,
        to_owner=surplus - penalty,
    )


def backstop(end: int, means: int, best_bid: int) -> int:
    """Return what the insurance vault pays after the last run, -1 if the best bid is at least as much.

    `best_bid` is -1 without one; means of zero take the token for nothing.  Spec: auctions.md §4.
    """
    offer = max(0, min(end, means))
    return offer if offer > best_bid else -1
