"""Cases of the falling price and of medians, computed a second time from docs/spec.

The power is computed with 80 decimal places by halving the interval as auctions.md §2 says; the medians by
the standard library. `contracts/test/vectors/{auction_price,medians}.json` hold what this writes.
"""

import json
import statistics
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "contracts" / "test" / "vectors"
PUBLISHED = ROOT / "tests" / "vectors" / "adopted" / "nft_01_auction_price.json"
ETHER = 10**9  # [atoms]
HOUR = 3_600
SPREAD_PPB = 250_000_000

Columns = dict[str, list[str]]


def auction_price() -> dict[str, object]:
    """Return columns of decimal strings, one column per argument."""
    return {
        "provenance": "docs/spec/auctions.md §2; published: tests/vectors/adopted/nft_01_auction_price.json",
        "exponential": _columns(("high", "low", "elapsed", "duration", "price"), _exponential_rows()),
        "curve": _columns(("appraisal", "liquidation", "bid", "start", "par", "end"), _curve_rows()),
        "priceAt": _columns(("start", "par", "end", "elapsed", "price"), _price_rows()),
        "published": _columns(("high", "low", "elapsed", "duration", "price", "within"), _published_rows()),
    }


def medians() -> dict[str, object]:
    """Return lists of values with their middle and how many of them agree within 25 %."""
    random = Random(9)
    lists = [
        [7],
        [1, 2],
        [3, 1, 2],
        [5, 5, 5, 5],
        [2**60 - 1, 2**60 - 2],
        [100, 125, 126],
        [100, 100, 200, 300],
    ]
    lists += [[random.randrange(1, 2**60) for _ in range(n)] for n in (2, 5, 31, 96)]
    lists += [[random.randrange(900, 1_300) for _ in range(n)] for n in (3, 4, 5, 7, 31)]
    return {
        "provenance": "docs/spec/reports.md §3, §4",
        "values": [[str(value) for value in values] for values in lists],
        "median": [str(floor(_middle(values))) for values in lists],
        "agreeing": [str(_agreeing(values)) for values in lists],
    }


def power_up(high: int, low: int, elapsed: int, duration: int) -> int:
    """Return high * (low / high) ** (elapsed / duration) by 20 halvings, up.  Spec: auctions.md §2."""
    if elapsed >= duration:
        return low
    left, right = Fraction(0), Fraction(duration)
    upper, lower = high * 2**32, low * 2**32
    for _ in range(20):
        middle_time, middle_price = (left + right) / 2, _root_down(upper * lower)
        if elapsed >= middle_time:
            left, upper = middle_time, middle_price
        else:
            right, lower = middle_time, middle_price
    fallen = floor((upper - lower) * (elapsed - left) / (right - left))
    return ceil(Fraction(upper - fallen, 2**32))


def price(start: int, par: int, end: int, elapsed: int) -> int:
    """Return the price of a sale after so many seconds."""
    if elapsed < 2 * HOUR:
        return power_up(start, par, elapsed, 2 * HOUR)
    return ceil(par - Fraction(par - end) * min(elapsed - 2 * HOUR, 4 * HOUR) / (4 * HOUR))


def _root_down(square: int) -> int:
    with localcontext(prec=80):
        return int(Decimal(square).sqrt().to_integral("ROUND_FLOOR"))


def _exponential_rows() -> list[Sequence[int]]:
    ends = [(12 * ETHER, 10 * ETHER), (5, 5), (2, 1), (10**9, 1), (2**60, 2**50), (4 * 10**18, 25 * 10**16)]
    times = [(0, 7200), (1, 7200), (3599, 7200), (3600, 7200), (7199, 7200), (7200, 7200), (1, 3)]
    return [(*pair, *when, power_up(*pair, *when)) for pair in ends for when in times]


def _curve_rows() -> list[Sequence[int]]:
    given = [(10 * ETHER, 9 * ETHER, 0), (0, 0, 0), (3, 10, 0), (7, 7, 10**9), (2**60, 2**60, 0), (1, 1, 1)]
    rows: list[Sequence[int]] = []
    for appraisal, liquidation, bid in given:
        end = ceil(Fraction(7, 10) * liquidation)
        par = max(appraisal, end, 1)
        start = min(max(ceil(Fraction(12, 10) * appraisal), bid, par), 2**60)
        rows.append((appraisal, liquidation, bid, start, par, end))
    return rows


def _price_rows() -> list[Sequence[int]]:
    sales = [(12 * ETHER, 10 * ETHER, 6 * ETHER + 1), (9, 7, 0), (10**9, 10**9, 1)]
    times = [0, 1, 1_000, 7_199, 7_200, 7_201, 14_400, 21_599, 21_600, 21_601, 10**6]
    return [(*sale, at, price(*sale, at)) for sale in sales for at in times]


def _published_rows() -> list[Sequence[int]]:
    """Other venues' prices, scaled to integers; `within` is their own tolerance, at least the last digit."""
    cases = json.loads(PUBLISHED.read_text(), parse_float=Decimal)["cases"]
    scaled: dict[str, Callable[[dict[str, object]], tuple[object, object, int, int]]] = {
        "papr production auction": lambda given: (30, Fraction(27, 10), int(str(given["hours"])), 48),
        "papr auction 8.999": lambda given: (
            Fraction("8.999"),
            Fraction("8.999") * Fraction(9, 100),
            int(str(given["t"])),
            2 * 86_400,
        ),
        "maker exponential half-life": lambda given: (4_000, 250, int(str(given["t"])), 3_600),
    }
    rows: list[Sequence[int]] = []
    for case in cases:
        for name, terms in scaled.items():
            if case["id"].startswith(name):
                high, low, elapsed, duration = terms(case["inputs"])
                rows.append(_row(high, low, elapsed, duration, case["expected"], case["tolerance"]))
    return rows


def _row(
    high: object, low: object, elapsed: int, duration: int, expected: object, tolerance: object
) -> list[int]:
    scale = 10**15
    prices = (Fraction(str(value)) * scale for value in (high, low, expected))
    top, bottom, gives = (round(value) for value in prices)
    return [top, bottom, elapsed, duration, gives, max(1, ceil(Fraction(str(tolerance)) * gives))]


def _middle(values: Sequence[int]) -> Fraction:
    return Fraction(statistics.median(map(Fraction, values)))


def _agreeing(values: Sequence[int]) -> int:
    """Try every pair of ends."""
    room = floor(floor(_middle(values)) * Fraction(SPREAD_PPB, 10**9))
    counts = (sum(low <= value <= low + room for value in values) for low in values)
    return max(counts)


def _columns(names: Sequence[str], rows: Sequence[Sequence[int]]) -> Columns:
    return {name: [str(row[place]) for row in rows] for place, name in enumerate(names)}
