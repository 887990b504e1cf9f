"""Scripted market paths: what a collection's floor, bids and sales were in an hour of a known crisis.

A path goes through *anchors*: levels that were recorded, or assumed where nothing was.  Between two anchors
the level is a straight line with noise that vanishes at both; a floor moves in steps, as floors do.  Bids
hang below the floor and thin out while it falls.  Everything is integer and follows from the seed.

    bid(k) = floor * (1 - gap * thin) * (1 - 18 % * thin * sqrt((k - 1) / (1 % of supply)))
    thin   = 1 + 4 * fall of the last 24 hours, at most 3

The square root is the rule of thumb for selling k items at once (11 to 27 % for 1 % of a supply in
February 2023, the middle taken).  Spec: docs/comparison.md, section "Paths".
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from math import isqrt
from random import Random

from msgspec import Struct

from floorbook.core.rules.reports import DEPTH_AT
from floorbook.errors import ConfigError
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE, SECOND_NS, div_down

ETHER = 10**9  # atoms
PERCENT = 10**7  # ppb
DAY, WEEK = 24, 168  # hours
IMPACT_PPB = 18 * PERCENT  # of the floor, for selling 1 % of a supply
THIN_MAX_PPB = 3 * PPB_ONE
SIGMA_MIN_PPB = 4 * PERCENT
NOISE_PPB = 9 * PERCENT  # largest distance from the line between two anchors
NOISE_STEP_PPB = PERCENT * 6 // 5
CALM_HOURS = 12  # around an anchor the noise grows from nothing


class Anchor(Struct, frozen=True):
    """A level of a path [ETH]; without a source it is an assumption."""

    day: str
    floor: float
    source: str = ""


class Shape(Struct, frozen=True, kw_only=True):
    """How a collection behaves in a scenario."""

    supply: int
    step: int  # [atoms] the tick of its sellers
    gap_ppb: int  # of the best bid below the floor, in calm
    sales_week: int  # by unrelated buyers, in calm
    anchors: tuple[Anchor, ...]
    sales_days: tuple[tuple[str, int], ...] = ()  # recorded sales of single days


class Quote(Struct, frozen=True):
    """A collection in an hour; prices in ETH atoms, sigma in ppb a day."""

    floor: int
    bids: tuple[int, ...]  # prices at DEPTH_AT items
    sales_week: int
    sigma_day_ppb: int

    @property
    def top_bid(self) -> int:
        """Return the best bid."""
        return self.bids[0]

    def bid(self, number: int) -> int:
        """Return what the `number`-th item sold in a row fetches, 1 the first; beyond 20 the line goes on."""
        return _between(DEPTH_AT, self.bids, number)


class Path(Struct, frozen=True):
    """Hourly quotes of the collections of a scenario."""

    name: str
    start: int  # [ns]
    quotes: dict[str, list[Quote]]
    shapes: dict[str, Shape]

    @property
    def hours(self) -> int:
        """Return how many hours the path has."""
        return len(next(iter(self.quotes.values())))

    def at(self, ns: int) -> dict[str, Quote]:
        """Return the quotes of the hour that holds this moment; outside the path its first or last."""
        hour = min(max((ns - self.start) // HOUR_NS, 0), self.hours - 1)
        return {name: quotes[hour] for name, quotes in self.quotes.items()}


@cache
def path(name: str, seed: int = 1) -> Path:
    """Return the scenario `name`; the same seed gives the same path; raises ConfigError."""
    if name not in SCENARIOS:
        raise ConfigError(f"no scenario {name!r}; there are {', '.join(sorted(SCENARIOS))}")
    start, end, shapes = SCENARIOS[name]
    begin = parse_hour(start)
    hours = parse_hour(end) - begin
    quotes = {
        collection: _quotes(shape, begin, hours, Random(f"{seed} {collection} {shape.anchors[0].day}"))
        for collection, shape in shapes.items()
    }
    return Path(name, begin * HOUR_NS, quotes, dict(shapes))


def crash(hours: int, depth_ppb: int = PPB_ONE, fall_ppb: int = 60 * PERCENT, seed: int = 1) -> Path:
    """Return a collection that loses a part of its floor in so many hours, after a week and before one;
    `depth_ppb` scales the depth of its bids.
    """
    calm, shock = parse_hour("2023-06-20"), parse_hour("2023-06-27")
    end = shock + hours
    low = 17 * (PPB_ONE - fall_ppb) / PPB_ONE
    shape = Shape(
        supply=10_000, step=ETHER // 100, gap_ppb=div_down(3 * PERCENT * PPB_ONE, depth_ppb),
        sales_week=max(1, div_down(150 * depth_ppb, PPB_ONE)),
        anchors=(
            Anchor(hour_name(calm), 17.0), Anchor(hour_name(shock), 17.0), Anchor(hour_name(end), low)
        ),
    )  # fmt: skip
    quotes = _quotes(shape, calm, end + WEEK - calm, Random(f"{seed} crash"))
    return Path(f"crash-{hours}h", calm * HOUR_NS, {"AZUKI": quotes}, {"AZUKI": shape})


def parse_hour(text: str) -> int:
    """Return the hours since 1970 of a UTC day or hour."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 3_600


def hour_name(hour: int) -> str:
    """Return an hour since 1970 as `parse_hour` reads it."""
    return f"{datetime.fromtimestamp(hour * 3_600, UTC):%Y-%m-%dT%H:00}"


# ---- levels ------------------------------------------------------------------------------------


def _quotes(shape: Shape, begin: int, hours: int, random: Random) -> list[Quote]:
    """Return the hourly quotes; the noise runs from the first anchor, whatever window is asked for."""
    first = parse_hour(shape.anchors[0].day)
    floors = _floors(shape, first, begin + hours - first, random)
    return [_quote(shape, floors, first, hour) for hour in range(begin - first, begin + hours - first)]


def _floors(shape: Shape, first: int, hours: int, random: Random) -> list[int]:
    """Return the floor of every hour since the first anchor."""
    points = [(parse_hour(a.day) - first, round(a.floor * ETHER)) for a in shape.anchors]
    noise, shown, patience, floors = 0, points[0][1], 0, []
    for hour in range(hours):
        # A random walk that is drawn back: the sum of its steps stays within a few per cent.
        noise = div_down(noise * 97, 100) + random.randrange(-NOISE_STEP_PPB, NOISE_STEP_PPB + 1)
        noise = max(-NOISE_PPB, min(NOISE_PPB, noise))
        distance = min(abs(hour - at) for at, _ in points)
        at = min(hour, points[-1][0])  # beyond the last anchor the level stays
        level = _between([when for when, _ in points], [price for _, price in points], at)
        wanted = level + div_down(level * noise * min(distance, CALM_HOURS), PPB_ONE * CALM_HOURS)
        # Sellers undercut one another in steps: the floor stays until the market has moved away from it.
        if distance == 0 or abs(wanted - shown) * PPB_ONE > patience * shown:
            shown = max(shape.step, wanted - wanted % shape.step)
            patience = random.randrange(PERCENT // 4, 3 * PERCENT)
        floors.append(shown)
    return floors


def _quote(shape: Shape, floors: Sequence[int], first: int, hour: int) -> Quote:
    floor, before = floors[hour], floors[max(0, hour - DAY)]
    fall_ppb = max(0, div_down((before - floor) * PPB_ONE, before))
    thin = min(THIN_MAX_PPB, PPB_ONE + 4 * fall_ppb)
    top = floor - div_down(floor * min(shape.gap_ppb * thin // PPB_ONE, PPB_ONE // 2), PPB_ONE)
    bids = tuple(_deeper(top, number - 1, shape, thin) for number in DEPTH_AT)
    return Quote(floor, bids, _sales(shape, first + hour), _sigma(floors, hour))


def _deeper(top: int, sold: int, shape: Shape, thin: int) -> int:
    """Return the bid behind `sold` others: the square-root rule, a smaller book being steeper."""
    calm = 3 * PERCENT  # the gap of a deep book; a wider gap is a thinner book
    share = isqrt(sold * PPB_ONE * PPB_ONE * 100 // shape.supply)  # sqrt(sold / 1 % of supply) [ppb]
    fall = IMPACT_PPB * share // PPB_ONE * thin // PPB_ONE * shape.gap_ppb // calm
    return top - div_down(top * min(fall, PPB_ONE * 9 // 10), PPB_ONE)


def _sales(shape: Shape, hour: int) -> int:
    """Return the sales of the last 7 days: the calm week's, and the recorded days in place of theirs."""
    recorded = [
        (parse_hour(day), count) for day, count in shape.sales_days if 0 < hour - parse_hour(day) <= WEEK
    ]
    return shape.sales_week * (7 - len(recorded)) // 7 + sum(count for _, count in recorded)


def _sigma(floors: Sequence[int], hour: int) -> int:
    """Return the volatility a day of the last week's daily moves [ppb], at least 4 %."""
    moves = [
        div_down((floors[at] - floors[at - DAY]) * PPB_ONE, floors[at - DAY])
        for at in range(max(DAY, hour - WEEK + DAY), hour + 1, DAY // 4)
    ]
    if not moves:
        return SIGMA_MIN_PPB
    return max(SIGMA_MIN_PPB, isqrt(sum(move * move for move in moves) // len(moves)))


def _between(xs: Sequence[int], ys: Sequence[int], x: int) -> int:
    """Return y at x on the line through the points; before the first the first, beyond the last its slope
    goes on if it falls, else the last; never below 0.
    """
    if x <= xs[0]:
        return ys[0]
    index = next((i for i, at in enumerate(xs) if at >= x), len(xs) - 1)
    x0, x1, y0, y1 = xs[index - 1], xs[index], ys[index - 1], ys[index]
    return max(0, y0 + div_down((y1 - y0) * (x - x0), x1 - x0))


# ---- scenarios ---------------------------------------------------------------------------------

_LD = "LD Capital: Azuki -47 %, BAYC -20 %, Punks -9 % from 27 June to early July 2023"
_POST = "nftperp's post-mortem: Azuki -60 %, apes -32 %"
_BAYC_2022 = Shape(
    supply=10_000, step=ETHER // 20, gap_ppb=6 * PERCENT, sales_week=100,
    anchors=(
        Anchor("2022-05-01", 153.5, "the top, before the fall of more than 54 %"),
        Anchor("2022-05-15", 98.0),
        Anchor("2022-06-15", 84.0),
        Anchor("2022-07-15", 92.0),
        Anchor("2022-08-01", 85.0),
        Anchor("2022-08-18", 70.5, "BendDAO's first bid for BAYC 533 had to be 67.002, 95 % of its floor"),
        Anchor("2022-08-20", 65.7, "Dune, the low"),
        Anchor("2022-08-22", 68.5, "NFT Price Floor"),
        Anchor("2022-08-26", 70.0, "about 70 at the end of August"),
    ),
)  # fmt: skip
_JUNE_2023 = {
    "AZUKI": Shape(
        supply=10_000, step=ETHER // 100, gap_ppb=3 * PERCENT, sales_week=300,
        anchors=(
            Anchor("2023-06-20", 16.6), Anchor("2023-06-27", 17.0, "The Block"),
            Anchor("2023-06-28T12:00", 12.6),
            Anchor("2023-07-04", 9.01, _LD), Anchor("2023-07-18", 6.8, _POST),
        ),
        sales_days=(("2023-06-27", 1_335),),
    ),
    "BAYC": Shape(
        supply=10_000, step=ETHER // 20, gap_ppb=3 * PERCENT, sales_week=150,
        anchors=(
            Anchor("2023-06-20", 45.0), Anchor("2023-06-27", 45.0),
            Anchor("2023-07-04", 36.0, _LD), Anchor("2023-07-18", 30.6, _POST),
        ),
    ),
    "PUNKS": Shape(
        supply=10_000, step=ETHER // 20, gap_ppb=3 * PERCENT, sales_week=60,
        anchors=(
            Anchor("2023-06-20", 52.0), Anchor("2023-06-27", 52.4),
            Anchor("2023-07-04", 47.7, _LD), Anchor("2023-07-18", 47.7, "NFT Price Floor, 25 July"),
        ),
    ),
}  # fmt: skip
AZUKI, BENDDAO, SUMMER = "azuki-june-2023", "benddao-august-2022", "bayc-summer-2022"
SCENARIOS: dict[str, tuple[str, str, dict[str, Shape]]] = {
    AZUKI: ("2023-06-20", "2023-07-18T01:00", _JUNE_2023),
    BENDDAO: ("2022-08-01", "2022-08-26", {"BAYC": _BAYC_2022}),
    SUMMER: ("2022-05-01", "2022-08-26", {"BAYC": _BAYC_2022}),
}
assert DAY_NS == DAY * HOUR_NS
assert SECOND_NS * 3_600 == HOUR_NS
