"""Index: what a collection costs outside this exchange.

    index = (lowest floor + highest bid capped at the floor) / 2            [ticks, down]

`raw` is that; `limited` follows it no faster than a rate per unit of time.  Both are published.
Spec: docs/spec/index.md
"""

from collections.abc import Sequence

from msgspec import Struct

from floorbook.units import (
    DAY_NS,
    HOUR_NS,
    MINUTE_NS,
    PPB_ONE,
    SECOND_NS,
    Atoms,
    Ppb,
    Ticks,
    clamp,
    div_down,
    div_up,
)

CLIP_PPB = 50_000_000
AGE_MAX_NS = 90 * SECOND_NS
MOVE_PPB_PER_HOUR = 200_000_000
GAP_MAX_PPB = 10_000_000
STALE_SHOCK_PPB_PER_MINUTE = 10_000_000
STALE_SHOCK_MAX_PPB = 200_000_000
WIND_UP_NS = DAY_NS


class Quote(Struct, frozen=True, gc=False):
    """A venue's last report."""

    floor: int  # [ticks] lowest ask
    top_bid: int  # [ticks] best collection bid
    at: int  # [ns] when the venue said so


class Limited(Struct, frozen=True, gc=False):
    """The limited index, and the anchor that fixes its speed for the running hour of the clock."""

    value: int  # [ticks]
    anchor: int  # [ticks] its value when the hour began
    at: int  # [ns]


class Accumulator(Struct, frozen=True, gc=False):
    """The integral of a price over time; two of them give the average between."""

    total: int  # [tick ms]
    price: int  # [ticks] since `at`
    at: int  # [ms]


# --- raw ---------------------------------------------------------------------------------------------


def raw_index(
    quotes: Sequence[Quote], now: int, quorum: int, age_max_ns: int = AGE_MAX_NS, clip_ppb: int = CLIP_PPB
) -> Ticks | None:
    """Return the index from every venue's last report; None: fewer fresh venues than the quorum.

    Spec: index.md §1, §2.
    """
    fresh = [quote for quote in quotes if now - quote.at <= age_max_ns]
    if len(fresh) < max(1, quorum):
        return None
    floors = clip([quote.floor for quote in fresh], clip_ppb)
    bids = clip([quote.top_bid for quote in fresh], clip_ppb)
    return index_price(min(floors), max(bids))


def index_price(floor: int, top_bid: int) -> Ticks:
    """Return (floor + top bid, at most the floor) / 2, rounded down.  Spec: index.md §1 (NFEX)."""
    assert floor > 0
    assert top_bid > 0
    return Ticks(div_down(floor + min(top_bid, floor), 2))


def clip(prices: Sequence[int], band_ppb: int) -> list[int]:
    """Return the prices, those beyond the band around their median moved to its edge.  Spec: index.md §2."""
    middle = median(prices)
    low = div_up(middle * (PPB_ONE - band_ppb), PPB_ONE)
    high = div_down(middle * (PPB_ONE + band_ppb), PPB_ONE)
    return [clamp(price, low, high) for price in prices]


def median(values: Sequence[int]) -> int:
    """Return the middle value, of an even number the mean of both, rounded down."""
    assert values
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else div_down(ordered[half - 1] + ordered[half], 2)


# --- limited -----------------------------------------------------------------------------------------


def start_limit(raw: int, at: int) -> Limited:
    """Return the limiter of a market that has its first price."""
    return Limited(raw, raw, at)


def limit_move(before: Limited, raw: int, at: int, rate_ppb_per_hour: int = MOVE_PPB_PER_HOUR) -> Limited:
    """Return the limited index at `at`, `raw` having held since `before.at`.  Spec: index.md §3.

    The speed is a fraction of the anchor per hour of the clock, so one update or a thousand over the
    same time give the same ticks.
    """
    assert at >= before.at
    value, anchor, since = before.value, before.anchor, before.at
    while value != raw and _hour(since) < _hour(at):
        hour_end = (_hour(since) + 1) * HOUR_NS
        value = _toward(value, raw, _allowance(anchor, rate_ppb_per_hour, since, hour_end))
        anchor, since = value, hour_end
    if _hour(since) < _hour(at):
        anchor, since = value, _hour(at) * HOUR_NS
    value = _toward(value, raw, _allowance(anchor, rate_ppb_per_hour, since, at))
    return Limited(value, anchor, at)


def surcharges(raw: int, limited: int, gap_max_ppb: int = GAP_MAX_PPB) -> tuple[Ppb, Ppb]:
    """Return the extra initial margin rates of buying and of selling.  Spec: index.md §4 (A15).

    While raw and limited differ by more than 1 %, opening in the direction of raw needs the whole gap:
    the limited index is a published drift, and nobody may ride it for nothing.
    """
    gap = raw - limited
    if abs(gap) * PPB_ONE <= gap_max_ppb * limited:
        return Ppb(0), Ppb(0)
    rate = Ppb(min(PPB_ONE, div_up(abs(gap) * PPB_ONE, limited)))
    return (rate, Ppb(0)) if gap > 0 else (Ppb(0), rate)


def marks_to_test(mark: int, raw: int, limited: int, gap_max_ppb: int = GAP_MAX_PPB) -> tuple[Ticks, ...]:
    """Return the marks at which an account must be liquidatable, all of them.  Spec: index.md §4 (A15).

    The mark follows the limited index; while the gap is open the same mark is also taken at raw.
    """
    if surcharges(raw, limited, gap_max_ppb) == (0, 0):
        return (Ticks(mark),)
    return Ticks(mark), Ticks(max(1, div_down(mark * raw, limited)))


# --- stale -------------------------------------------------------------------------------------------


def stale_shock(stale_ns: int) -> Ppb:
    """Return how much a position's price is shocked against it, rounded up.  Spec: index.md §5 (A14)."""
    return Ppb(min(STALE_SHOCK_MAX_PPB, div_up(STALE_SHOCK_PPB_PER_MINUTE * max(0, stale_ns), MINUTE_NS)))


def shock_loss(notional: int, shock_ppb: int) -> Atoms:
    """Return what the shock takes from a position's equity, rounded up.  Spec: index.md §5 (A14)."""
    return Atoms(div_up(notional * shock_ppb, PPB_ONE))


def must_wind_up(stale_ns: int) -> bool:
    """Return whether a market has been stale for a day.  Spec: index.md §5 (A14)."""
    return stale_ns >= WIND_UP_NS


# --- average -----------------------------------------------------------------------------------------


def accumulate(before: Accumulator, price: int, at: int) -> Accumulator:
    """Return the integral up to `at`, from where on `price` holds.  Spec: index.md §6."""
    assert at >= before.at
    return Accumulator(before.total + before.price * (at - before.at), price, at)


def twap(start: Accumulator, end: Accumulator) -> Ticks:
    """Return the time-weighted average between two instants, rounded down; at one instant its price.

    Spec: index.md §6.
    """
    if end.at == start.at:
        return Ticks(end.price)
    return Ticks(div_down(end.total - start.total, end.at - start.at))


# --- helpers -----------------------------------------------------------------------------------------


def _hour(at: int) -> int:
    return at // HOUR_NS


def _allowance(anchor: int, rate_ppb: int, start: int, end: int) -> int:
    """Return the ticks earned between two instants of one clock hour.

    A difference of two floors of time: the pieces of an interval sum to the whole, exactly.
    """
    hour_start = start // HOUR_NS * HOUR_NS
    speed = max(anchor * rate_ppb, PPB_ONE)  # at least a tick an hour: a cheap index must not freeze

    def earned(offset: int) -> int:
        return div_down(speed * offset, PPB_ONE * HOUR_NS)

    return earned(end - hour_start) - earned(start - hour_start)


def _toward(value: int, target: int, step: int) -> int:
    return clamp(target, value - step, value + step)
