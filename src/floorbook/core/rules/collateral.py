"""Collateral: what a token counts, how far it carries credit, and how much of it may be pledged.

    borrow value       = min(spot, 7-day average, bid of its rank), its rise limited     [ETH atoms, down]
    liquidation value  = min(6 h average, the same * index / its 6 h average), its fall limited
    loan = min(both) * LTV        backing = liquidation value * LT        LT <= recovery / V
    recovery / V = 0.70 * (1 - 2.33 * sigma * sqrt(T))                                        [ppb, down]

Prices and credits round down, what is taken off rounds up.  Spec: docs/spec/collateral.md
"""

from bisect import bisect_right
from collections.abc import Sequence
from math import isqrt

from msgspec import Struct

from floorbook.core.rules import auction
from floorbook.core.rules.reports import AGE_LIQUIDATE_MAX_NS, DEPTH_AT
from floorbook.units import (
    DAY_NS,
    HOUR_NS,
    MINUTE_NS,
    PPB_ONE,
    SECOND_NS,
    Atoms,
    Ppb,
    clamp,
    div_down,
    div_up,
)

POINT = PPB_ONE // 100  # a percentage point [ppb]

SPOT_MAX = 2**42  # [atoms] 4,398 ETH: a dearer floor counts as this, so that a week of it fits 64 bits
POINT_EVERY_S = 3_600
BORROW_SPAN_S = 7 * 86_400
LIQUIDATION_SPAN_S = 6 * 3_600

PREMIUM_FLOORS_PPB = 500_000_000  # of the floor
PREMIUM_COUNTED_PPB = 500_000_000
EVIDENCE_NS = 30 * DAY_NS
APPRAISAL_AGE_MAX_NS = DAY_NS

TAIL_E2 = 233  # z of 1 %
AVERAGE_LAG_NS = 6 * HOUR_NS
GAP_MIN_PPB = 10 * POINT
LT_MIN_PPB = 10 * POINT
VOLATILITY_SLOPE_PPB = 500_000_000
DEPTH_SLOPE_PPB = 500_000_000
STALENESS_SLOPE_PPB = 100_000_000
CONCENTRATION_SLOPE_PPB = 100_000_000
DEPTH_ITEMS = 5
RAMP_NS = 7 * DAY_NS
RISE_NS_PER_POINT = DAY_NS

SUPPLY_SHARE_PPB = 30_000_000
SALES_SHARE_PPB = 250_000_000
OWNER_SHARE_PPB = 100_000_000
GROUP_SHARE_PPB = 400_000_000
CREDIT_MIN_ETH_ATOMS = 1_000 * 10**9  # shares are taken of at least so much credit
LINE_GAP_PPB = 50_000_000
LINE_EVERY_NS = DAY_NS
TOKENS_MAX = 20
TOKEN_AGE_MIN_NS = 10 * MINUTE_NS


# --- tiers and parameters ----------------------------------------------------------------------------

TIERS: dict[str, dict[str, int]] = {
    "blue": {"ltv": 50 * POINT, "lt": 65 * POINT, "sigma": 5 * POINT, "depth": 93 * POINT},
    "mid": {"ltv": 35 * POINT, "lt": 55 * POINT, "sigma": 8 * POINT, "depth": 88 * POINT},
    "tail": {"ltv": 15 * POINT, "lt": 40 * POINT, "sigma": 12 * POINT, "depth": 75 * POINT},
}
BOUNDS: dict[str, tuple[int, int]] = {
    "ltv": (0, 60 * POINT),  # [ppb] base of the loan
    "lt": (LT_MIN_PPB, 80 * POINT),  # [ppb] base of the liquidation threshold
    "sigma": (POINT, PPB_ONE),  # [ppb a day] up to which volatility costs nothing
    "depth": (POINT, PPB_ONE),  # [ppb of the floor] the fifth bid, from which on depth costs nothing
    "line_max": (0, 10**6 * 10**9),  # [atoms] of credit the collection may ever carry
}
LINE_MAX_ETH_ATOMS = 1_000 * 10**9


def starting_parameters(tier: str) -> dict[str, int]:
    """Return a collection's parameters when it is listed.  Spec: collateral.md §1."""
    return {**TIERS[tier], "line_max": LINE_MAX_ETH_ATOMS}


def may_change(key: str, value: int, values: dict[str, int]) -> bool:
    """Return whether a parameter may take the value beside the others.  Spec: collateral.md §1."""
    low, high = BOUNDS.get(key, (1, 0))
    after = values | {key: value}
    return low <= value <= high and after["lt"] - after["ltv"] >= GAP_MIN_PPB


# --- prices ------------------------------------------------------------------------------------------


class Point(Struct, frozen=True, gc=False, array_like=True):
    """The integrals of a collection's prices up to a time, since the first point."""

    at_s: int
    floor: int  # [atoms s]
    index: int  # [ticks s], or [atoms s] without a perpetual


def point_at(points: Sequence[Point], at_s: int) -> Point:
    """Return the integrals at a time; between two points the prices are their average.  Spec: §2."""
    place = bisect_right(points, at_s, key=_time)
    start = points[max(0, place - 1)]
    if place in (0, len(points)):
        return start
    end = points[place]
    past, span = at_s - start.at_s, end.at_s - start.at_s
    floor = start.floor + div_down((end.floor - start.floor) * past, span)
    return Point(at_s, floor, start.index + div_down((end.index - start.index) * past, span))


def averages(points: Sequence[Point], span_s: int, now: tuple[int, int]) -> tuple[int, int]:
    """Return the average (floor, index) over the span that ends with the last point, down.

    A shorter history is all there is; without any the prices of now are the average.  Spec: §2.
    """
    if not points:
        return now
    end = points[-1]
    start = point_at(points, max(points[0].at_s, end.at_s - span_s))
    span = end.at_s - start.at_s
    if span <= 0:
        return now
    return div_down(end.floor - start.floor, span), div_down(end.index - start.index, span)


def floor_at(points: Sequence[Point], at_s: int, spot: int) -> Atoms:
    """Return the floor's average over the piece around a time, outside the history over the nearest."""
    if len(points) < 2:
        return Atoms(spot)
    place = clamp(bisect_right(points, at_s, key=_time), 1, len(points) - 1)
    start, end = points[place - 1], points[place]
    return Atoms(div_down(end.floor - start.floor, end.at_s - start.at_s))


def bid_at(bids: Sequence[int], item: int, depths: Sequence[int] = DEPTH_AT) -> int:
    """Return what the item-th token sold (from 1) is bid, 0 below the last known bid.  Spec: §3.

    `bids` are the prices at those depths, none before the first report.  A rank between two depths counts
    as the deeper one, so that a walk never brings more than the real bids.
    """
    return next((bid for bid, depth in zip(bids, depths, strict=False) if item <= depth), 0)


def walk(bids: Sequence[int], count: int, depths: Sequence[int] = DEPTH_AT) -> tuple[int, int]:
    """Return what selling so many tokens into the bids brings, and how many find no bid.  Spec: §3."""
    prices = [bid_at(bids, item, depths) for item in range(1, count + 1)]
    return sum(prices), prices.count(0)


def slopes(bids: Sequence[int]) -> tuple[int, ...]:
    """Return each bid as a share of the first [ppb, down], at least the auction's end.  Spec: §3."""
    first = bids[0] if bids else 0
    if not first:
        return ()
    return tuple(max(auction.END_PPB, div_down(bid * PPB_ONE, first)) for bid in bids)


def referred(value: int, index_then: int, index_now: int) -> Atoms:
    """Return an average value brought to now by the index: value * now / then, down.  Spec: §2 (A6).

    `index_then` is the index averaged over the same span; 0: there is none.
    """
    return Atoms(div_down(value * index_now, index_then) if index_then else value)


def factor(low: int, floor: int, evidence_ns: int, *, is_fresh: bool) -> Ppb:
    """Return what a token counts of its collection's value [ppb, down].  Spec: collateral.md §4.

    `low` is the P10 of its appraisal and `floor` the floor of that hour.  Below the floor P10 counts,
    whatever its age; the premium above it needs a fresh appraisal and a sale with a shared trait in
    30 days, `evidence_ns` ago.
    """
    if floor <= 0:
        return Ppb(0)
    if low <= floor:
        return Ppb(div_down(low * PPB_ONE, floor))
    left = clamp(EVIDENCE_NS - evidence_ns, 0, EVIDENCE_NS)
    if not is_fresh or not left:
        return Ppb(PPB_ONE)
    excess = min(low - floor, div_down(floor * PREMIUM_FLOORS_PPB, PPB_ONE))
    premium = div_down(excess * PREMIUM_COUNTED_PPB * left, floor * EVIDENCE_NS)
    return Ppb(PPB_ONE + premium)


# --- thresholds --------------------------------------------------------------------------------------


def queue_days(tokens: int, sales_week: int) -> int:
    """Return how many days the sale of so many tokens takes, up; sales_week > 0.  Spec: §5."""
    return div_up(7 * tokens * PPB_ONE, sales_week * auction.QUEUE_PPB)


def recovery_share(sigma_day: int, sales_week: int, tokens: int) -> Ppb:
    """Return recovery / V: the end of the auction after a fall of 2.33 sigma until then.  Spec: §5 (A8).

    `tokens` are those of the collection that would be sold together.  Nobody buys: nothing is recovered.
    """
    if sales_week <= 0:
        return Ppb(0)
    until = AVERAGE_LAG_NS + queue_days(max(1, tokens), sales_week) * DAY_NS + auction.DURATION_NS
    left = max(0, PPB_ONE - tail_fall(sigma_day, until))
    return Ppb(div_down(auction.END_PPB * left, PPB_ONE))


def tail_fall(sigma_day: int, time_ns: int) -> Ppb:
    """Return the fall that is exceeded once in a hundred such times: 2.33 sigma sqrt(T), up.  Spec: §5."""
    return Ppb(div_up(TAIL_E2 * _root_up(div_up(sigma_day * sigma_day * time_ns, DAY_NS)), 100))


class Conditions(Struct, frozen=True, gc=False, kw_only=True):
    """What the haircut looks at."""

    sigma_day: int  # [ppb]
    depth: int  # [ppb] the fifth bid as a share of the floor
    age_ns: int  # of the reports
    sales_week: int
    pledged: int  # tokens of the collection
    pledged_max: int


def threshold(values: dict[str, int], now: Conditions) -> Ppb:
    """Return LT for new credit, in whole points: the tier's, cut by the conditions.  Spec: §6.

    Never above recovery / V, and never so low as to be a liquidation by itself, but for that.
    """
    cut = (
        _part(VOLATILITY_SLOPE_PPB, now.sigma_day - values["sigma"], values["sigma"])
        + _part(DEPTH_SLOPE_PPB, values["depth"] - now.depth, values["depth"])
        + _part(STALENESS_SLOPE_PPB, min(now.age_ns, AGE_LIQUIDATE_MAX_NS), AGE_LIQUIDATE_MAX_NS)
        + _part(CONCENTRATION_SLOPE_PPB, 2 * now.pledged - now.pledged_max, max(1, now.pledged_max))
    )
    dynamic = div_down(values["lt"] * (PPB_ONE - min(cut, PPB_ONE)), PPB_ONE)
    bounded = clamp(dynamic, LT_MIN_PPB, values["lt"])
    most = recovery_share(now.sigma_day, now.sales_week, now.pledged)
    return Ppb(div_down(min(bounded, most), POINT) * POINT)


def loan_share(ltv: int, lt: int, lt_open: int) -> Ppb:
    """Return LTV for new credit: 10 points below both thresholds.  Spec: collateral.md §6."""
    return Ppb(max(0, min(ltv, min(lt, lt_open) - GAP_MIN_PPB)))


def ramp_at(before: int, after: int, started: int, until: int, now: int) -> Ppb:
    """Return a ramp's value, linear between its ends, down.  Spec: collateral.md §6."""
    if now >= until:
        return Ppb(after)
    assert started <= now
    left = until - now
    return Ppb(after + div_down((before - after) * left, until - started))


def ramp_end(value: int, after: int, now: int, pace: tuple[int, int]) -> int:
    """Return when a ramp that starts now at `value` reaches `after` [ns].  Spec: collateral.md §6.

    Seven days; a rise no faster than a point a day.  `pace` is the (change, time) of the ramp that runs:
    a target that moves on the way down does not put the arrival off again and again.
    """
    change = after - value
    if change >= 0:
        return now + max(RAMP_NS, div_up(change * RISE_NS_PER_POINT, POINT))
    moved, took = pace
    return now + (min(RAMP_NS, div_up(-change * took, -moved)) if moved < 0 else RAMP_NS)


# --- caps --------------------------------------------------------------------------------------------


def pledged_max(supply: int, sales_week: int) -> int:
    """Return how many tokens of a collection may be pledged at once.  Spec: collateral.md §7."""
    by_supply = div_down(supply * SUPPLY_SHARE_PPB, PPB_ONE)
    return min(by_supply, div_down(sales_week * SALES_SHARE_PPB, PPB_ONE))


def share_max(credit: int, share_ppb: int) -> Atoms:
    """Return the most credit that one owner or group may carry of all.  Spec: collateral.md §7."""
    return Atoms(div_down(max(credit, CREDIT_MIN_ETH_ATOMS) * share_ppb, PPB_ONE))


def next_line(line: int, line_at: int, carried: int, line_max: int, now: int) -> tuple[int, int]:
    """Return a collection's credit line and when it last rose.  Spec: collateral.md §7 (Maker's auto-line).

    carried + 5 % of the maximum; lower at once, higher once in 24 h.
    """
    aim = min(line_max, carried + div_up(line_max * LINE_GAP_PPB, PPB_ONE))
    if aim <= line:
        return aim, line_at
    return (aim, now) if line_at == 0 or now - line_at >= LINE_EVERY_NS else (line, line_at)


def _time(point: Point) -> int:
    return point.at_s


def seconds(at_ns: int) -> int:
    """Return a time in whole seconds, down."""
    return div_down(at_ns, SECOND_NS)


def _part(slope_ppb: int, excess: int, of: int) -> int:
    return div_up(slope_ppb * max(0, excess), of)


def _root_up(square: int) -> int:
    root = isqrt(square)
    return root + (root * root < square)
