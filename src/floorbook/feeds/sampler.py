"""What a reporter sees: a recorded collection as the values of its reports, in ETH atoms.

    floor         the quote's
    bids          top bid * (1 - 0.5 % * (n - 1)) for n items, none beyond the open bids of the hour   [down]
    sales         different wallets that bought in the last 168 h in sales that are evidence; where the
                  history names no wallets, the number of sales
    volatility    sqrt(24) * standard deviation of the hourly log returns of the floor, 30 days      [ppb]

The history has no depth: the slope is a model, as steep as the square-root impact of a large seller.
Spec: docs/spec/reports.md §7
"""

import math
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import accumulate, pairwise

import numpy as np

from floorbook.core.rules.reports import DEPTH_AT, SIGMA_MAX_PPB
from floorbook.feeds.history import PACKAGED_FILE, History
from floorbook.feeds.recorded import Quote
from floorbook.pricing import Appraiser, packaged_appraiser
from floorbook.pricing.dataset import load
from floorbook.pricing.eip712 import keccak256
from floorbook.pricing.filters import unrelated_buyers, wash_verdicts
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE, div_down

ATOMS_PER_TICK = 10**5  # the tables' tick is 0.0001 ETH
SLOPE_PPB = 5_000_000
WEEK_HOURS = 168
SIGMA_HOURS = 720
SIGMA_HOURS_MIN = 24
SIGMA_UNKNOWN_PPB = 100_000_000  # with less than a day of history
SIGMA_STEP_PPB = 100_000  # coarser than what two machines' logarithms may differ by


class Sampler:
    """Reads one collection's history; several reporters may share one.

    `packaged` names the collection whose wallets and traits the package knows, empty: none.
    """

    def __init__(self, history: History, packaged: str = "") -> None:
        self.history = history
        self.source = keccak256(history.name.encode())
        self._packaged = packaged
        self._weekly = _buyers_of_week if packaged else self._sales_of_week
        self._hour = lru_cache(maxsize=4)(self._read_hour)
        self._index = lru_cache(maxsize=4)(self._read_index)
        self._appraise = lru_cache(maxsize=4096)(self._read_appraisal)
        returns = _log_returns([row.floor_clean for row in history.rows])
        self._sums = [0.0, *accumulate(returns)]
        self._squares = [0.0, *accumulate(each * each for each in returns)]
        self._sales = [0, *accumulate(row.n_sales for row in history.rows)]

    def index(self, quote: Quote) -> tuple[int, ...]:
        """Return the values of an INDEX report at a quote of the history."""
        return self._index(quote.at, quote.floor, quote.top_bid)

    def appraisal(self, token: int, at: int) -> tuple[int, ...]:
        """Return the values of an APPRAISAL report; raises ConfigError where there is no model."""
        return self._appraise(token, at // HOUR_NS)

    def _read_appraisal(self, token: int, hour: int) -> tuple[int, ...]:
        said = _appraiser(self._packaged).appraise(token, hour * HOUR_NS)
        day = said.evidence_day
        # The day of a sale that lies before this hour: its beginning is never in the future.
        return (said.p10, said.p50, said.p90, 0 if day is None else day * DAY_NS)

    def _read_index(self, at: int, floor: int, top_bid: int) -> tuple[int, ...]:
        n_bids, sales, sigma = self._hour(self._row(at))
        top = top_bid * ATOMS_PER_TICK
        bids = (
            div_down(top * (PPB_ONE - SLOPE_PPB * (items - 1)), PPB_ONE) if items <= max(1, n_bids) else 0
            for items in DEPTH_AT
        )
        return (floor * ATOMS_PER_TICK, *bids, sales, sigma)

    def _row(self, at: int) -> int:
        return min(max(0, (at - self.history.start) // HOUR_NS), len(self.history.rows) - 1)

    def _read_hour(self, row: int) -> tuple[int, int, int]:
        """Return open bids, a week's sales and volatility as known at the hour of a row."""
        sales = self._weekly(row, self.history)
        return self.history.rows[row].n_bids, sales, self._sigma(row)

    def _sales_of_week(self, row: int, _: History) -> int:
        return self._sales[row + 1] - self._sales[max(0, row + 1 - WEEK_HOURS)]

    def _sigma(self, row: int) -> int:
        first = max(0, row - SIGMA_HOURS)
        count = row - first
        if count < SIGMA_HOURS_MIN:
            return SIGMA_UNKNOWN_PPB
        mean = (self._sums[row] - self._sums[first]) / count
        variance = (self._squares[row] - self._squares[first]) / count - mean * mean
        steps = round(math.sqrt(24 * max(0.0, variance)) * PPB_ONE / SIGMA_STEP_PPB)
        return min(SIGMA_MAX_PPB, steps * SIGMA_STEP_PPB)


def packaged_of(history: History) -> str:
    """Return the collection whose wallets and traits belong to a history, empty: none is known."""
    return "punks" if history.name == PACKAGED_FILE else ""


def _log_returns(floors: list[int]) -> list[float]:
    return [math.log(after / before) for before, after in pairwise(floors)]


def _buyers_of_week(row: int, history: History) -> int:
    """Return how many unrelated wallets bought in the week before an hour of the packaged collection."""
    return _buyers()((history.start // HOUR_NS) + row)


@cache
def _buyers() -> Callable[[int], int]:
    """Return the number of a week's unrelated buyers by the hour at which it ended."""
    sales = load().sales
    verdicts = wash_verdicts(sales)

    def count(hour: int) -> int:
        first, end = np.searchsorted(sales.hour, (hour - WEEK_HOURS, hour))
        week = slice(int(first), int(end))
        return unrelated_buyers(sales.take(week), verdicts[week])

    return count


@cache
def _appraiser(packaged: str) -> Appraiser:
    return packaged_appraiser(packaged)
