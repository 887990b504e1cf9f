"""Walk-forward training: a prediction uses only sales of earlier hours.  Spec: docs/spec/appraisal.md §3, §4

Week by week the models are refitted on the sales before the week; inside the week sale follows sale: predict,
compare, judge, remember.  What a week learned and what each sale turned out to be is the whole model.
"""

import msgspec
import numpy as np

from floorbook.pricing import conformal, filters
from floorbook.pricing.config import Config, hour_of_day
from floorbook.pricing.dataset import Bools, Dataset, Floats, Ints, Sales
from floorbook.pricing.features import Evidence, TokenTable, base_design, bends
from floorbook.pricing.filters import PrintWindows, Verdict
from floorbook.pricing.hedonic import fading, robust_ridge

MEMORY_MIN = 30  # sales; before that no week is fitted


class Weeks(msgspec.Struct):
    """Coefficients by the hour from which they hold; a week without a model has zeros."""

    hour: Ints
    base: Floats
    full: Floats
    scale: Floats


class Sold(msgspec.Struct):
    """The sales with a known floor and what the walk said before it saw them; logs of price / floor."""

    sales: Sales
    floor: Floats  # [ETH]
    premium: Floats
    verdict: Ints
    base: Floats  # NaN before there is a model, as in the next three
    full: Floats
    scale: Floats
    low: Floats
    high: Floats

    @property
    def is_evidence(self) -> Bools:
        """Which sales passed every filter."""
        passed: Bools = self.verdict == Verdict.EVIDENCE
        return passed


class Walk:
    """One pass over the sales of a dataset up to an hour."""

    def __init__(self, dataset: Dataset, config: Config, tokens: TokenTable, until: int) -> None:
        self.config, self.tokens = config, tokens
        sales = dataset.sales
        wash = filters.wash_verdicts(sales)
        row = dataset.book.row_at(sales.hour)
        keep = (row >= 0) & (sales.hour < until) & (sales.price > 0)
        self.sold = _unseen(sales.take(keep), dataset.book.floor[row[keep]], wash[keep])
        self.base_x = base_design(tokens, dataset.book, self.sold.sales.token, self.sold.sales.hour)
        count = len(self.sold.premium)
        self.full_x = np.hstack([self.base_x, np.zeros((count, self._extra))])
        self.scale_x = np.zeros((count, len(config.knots) + 4))
        self.evidence = Evidence(tokens, config, count)
        self.windows = PrintWindows()
        self.residuals: list[
            float
        ] = []  # of the sales that are no wash trades: what an outlier is measured by
        self.errors: list[float] = []  # of the full model in the sales that are evidence
        self.scores: list[float] = []
        self.weeks = self._weeks(until)

    @property
    def _extra(self) -> int:
        return 8 + 1 + len(self.config.knots)

    def _weeks(self, until: int) -> Weeks:
        first = hour_of_day(self.config.first_base)
        hours = np.arange(first, max(until, first + 1), self.config.refit_days * 24, dtype=np.int64)
        shapes = (self.base_x.shape[1], self.full_x.shape[1], self.scale_x.shape[1])
        return Weeks(hours, *(np.zeros((len(hours), width)) for width in shapes))

    def run(self) -> None:
        """Walk."""
        hours = self.sold.sales.hour
        self._play(0, int(np.searchsorted(hours, self.weeks.hour[0])), -1)
        ends = [*self.weeks.hour[1:], np.iinfo(np.int64).max]
        for week, end in enumerate(ends):
            begin = int(np.searchsorted(hours, self.weeks.hour[week]))
            self._fit(week, begin)
            self._play(begin, int(np.searchsorted(hours, end)), week)

    # ---- a week's models -----------------------------------------------------------------------

    def _fit(self, week: int, count: int) -> None:
        """Fit the week on the first `count` sales, all of them before it."""
        config, weeks, now = self.config, self.weeks, int(self.weeks.hour[week])
        rows = np.flatnonzero(self.sold.is_evidence[:count])
        if len(rows) < MEMORY_MIN:
            return
        hours, premium = self.sold.sales.hour, self.sold.premium
        fade = fading(hours[rows], now, config.half_life_days)
        weeks.base[week] = robust_ridge(self.base_x[rows], premium[rows], fade, config.penalty, config.huber)
        rows = rows[np.isfinite(self.sold.base[rows])]
        if now >= hour_of_day(config.first_full) and len(rows) >= MEMORY_MIN:
            fade = fading(hours[rows], now, config.half_life_days)
            weeks.full[week] = robust_ridge(
                self.full_x[rows], premium[rows], fade, config.penalty, config.huber
            )
        rows = rows[np.isfinite(self.sold.full[rows])]
        if len(rows) >= MEMORY_MIN:
            fade = fading(hours[rows], now, config.scale_half_life_days)
            error = premium[rows] - self.sold.full[rows]
            weeks.scale[week] = conformal.fit_scale(self.scale_x[rows], error, fade, config)

    # ---- a week's sales ------------------------------------------------------------------------

    def _play(self, begin: int, end: int, week: int) -> None:
        hours = self.sold.sales.hour
        row = begin
        while row < end:
            # Sales of one hour do not know each other: all are predicted before one is remembered.
            stop = int(np.searchsorted(hours, hours[row], side="right"))
            if week >= 0:
                self._predict(slice(row, stop), week)
            for one in range(row, stop):
                self._judge(one)
            row = stop

    def _predict(self, rows: slice, week: int) -> None:
        sold, weeks, config = self.sold, self.weeks, self.config
        hour = int(sold.sales.hour[rows.start])
        base = self.base_x[rows] @ weeks.base[week]
        sold.base[rows] = base
        evidence = self.evidence.columns(hour, sold.sales.token[rows])
        self.full_x[rows, self.base_x.shape[1] :] = np.hstack([evidence, bends(base, config.knots)])
        storm = np.full(len(base), conformal.recent_error(np.array(self.errors[-50:]), config))
        self.scale_x[rows] = conformal.scale_design(base, evidence[:, -1], storm, config)
        if not weeks.full[week].any():
            return
        sold.full[rows] = self.full_x[rows] @ weeks.full[week]
        if not weeks.scale[week].any() or not self.scores:
            sold.scale[rows] = config.error_floor + 0.1
            return
        sold.scale[rows] = np.exp(self.scale_x[rows] @ weeks.scale[week])
        scores = np.array(self.scores[-config.calibration_sales :])
        for row in range(rows.start, rows.stop):
            sold.low[row], sold.high[row] = conformal.band(
                float(sold.full[row]), float(sold.scale[row]), scores, config
            )

    def _judge(self, row: int) -> None:
        """Give the sale its verdict, and remember what it teaches."""
        sold, sales = self.sold, self.sold.sales
        if sold.verdict[row] != Verdict.EVIDENCE:
            return
        hour, token = int(sales.hour[row]), int(sales.token[row])
        expected = next((float(of[row]) for of in (sold.full, sold.base) if np.isfinite(of[row])), None)
        residual = float(sold.premium[row]) - (0.0 if expected is None else expected)
        recent = np.array(self.residuals[-filters.RECENT_SALES :])
        self.residuals.append(residual)
        if expected is None:
            if filters.is_far_below_median(float(np.exp(residual)), np.exp(recent)):
                sold.verdict[row] = Verdict.FAR_BELOW_MEDIAN
        elif filters.is_outlier(residual, recent, self.config.log_limit_min):
            sold.verdict[row] = Verdict.OUTLIER
        if sold.verdict[row] == Verdict.EVIDENCE:
            sold.verdict[row] = self.windows.judge(hour, token, int(sales.seller[row]), int(sales.buyer[row]))
        if sold.verdict[row] == Verdict.EVIDENCE and np.isfinite(sold.base[row]):
            self.evidence.add(hour, token, float(sold.premium[row] - sold.base[row]))
            if np.isfinite(sold.full[row]):
                self.errors.append(residual)
                self.scores.append(residual / float(sold.scale[row]))


def _unseen(sales: Sales, floor: Floats, wash: Ints) -> Sold:
    blank = [np.full(len(floor), np.nan) for _ in range(5)]
    return Sold(sales, floor, np.log(sales.price / floor), wash.copy(), *blank)


def walk_forward(
    dataset: Dataset, config: Config, tokens: TokenTable | None = None, until: str = "2100-01-01"
) -> Walk:
    """Return the walk over all sales before a day."""
    last = min(hour_of_day(until), int(dataset.sales.hour.max()) + 1 if len(dataset.sales.hour) else 0)
    walk = Walk(dataset, config, tokens or TokenTable(dataset, config), last)
    walk.run()
    return walk
