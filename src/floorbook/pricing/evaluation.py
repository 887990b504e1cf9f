"""How far appraisals lay from the sales that followed.  Spec: docs/spec/appraisal.md §7

The error of a sale is log(price / prediction), the prediction made before the hour of the sale.  Every sale
of the period counts, wash trades and outliers too: an appraiser cannot choose what he is measured by.
"""

from datetime import UTC, datetime

import msgspec
import numpy as np

from floorbook.pricing import conformal
from floorbook.pricing.boosting import boosted
from floorbook.pricing.config import HOUR_S, hour_of_day
from floorbook.pricing.dataset import Bools, Floats, Ints
from floorbook.pricing.filters import Verdict
from floorbook.pricing.training import Walk

DECILES = 10


class Fit(msgspec.Struct, frozen=True):
    """How well one way to predict did."""

    name: str
    median: float  # |log error|
    mean: float
    r2: float  # of log(price / floor)


class Slice(msgspec.Struct, frozen=True):
    """How well the model did on some of the sales."""

    name: str
    sales: int
    median: float  # |log error|
    median_floor: float  # the same of the floor alone
    covered: float  # share inside P10 .. P90
    above_low: float  # share above P10


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """A period's figures."""

    begin: str
    end: str
    fits: tuple[Fit, ...]  # the model first
    whole: Slice
    months: tuple[Slice, ...]
    deciles: tuple[Slice, ...]
    verdicts: dict[str, int]
    width: float  # median of log(P90 / P10)


def evaluate(walk: Walk, begin: str, end: str, with_trees: bool) -> Evaluation:
    """Return the figures of the sales of begin .. end, the day after the last."""
    sold = walk.sold
    period = (sold.sales.hour >= hour_of_day(begin)) & (sold.sales.hour < hour_of_day(end))
    predictions = {
        "ridge with evidence (the model)": sold.full,
        "floor": np.zeros(len(sold.full)),
        "last sale x index": last_sale_x_index(walk),
        "ridge on traits": sold.base,
    }
    if with_trees:
        trees = boosted(walk, begin, end)
        predictions |= {"LightGBM": trees, "mean of model and LightGBM": (trees + sold.full) / 2}
    return Evaluation(
        begin=begin,
        end=end,
        fits=tuple(_fit(name, sold.premium[period], of[period]) for name, of in predictions.items()),
        whole=_slice(walk, "all", period),
        months=tuple(
            _slice(walk, name, period & rows) for name, rows in _months(sold.sales.hour[period], walk)
        ),
        deciles=tuple(_slice(walk, name, period & rows) for name, rows in _deciles(walk)),
        verdicts={verdict.name: int((sold.verdict[period] == verdict).sum()) for verdict in Verdict},
        width=float(np.median((sold.high - sold.low)[period])),
    )


def last_sale_x_index(walk: Walk) -> Floats:
    """Return the premium at the token's last sale of an earlier hour; 0, the floor, if there was none."""
    sales, premium = walk.sold.sales, walk.sold.premium
    seen: dict[int, list[int]] = {}
    prediction = np.zeros(len(premium))
    for row, (hour, token) in enumerate(zip(sales.hour.tolist(), sales.token.tolist(), strict=True)):
        earlier = [other for other in seen.get(token, []) if sales.hour[other] < hour]
        prediction[row] = premium[earlier[-1]] if earlier else 0.0
        seen.setdefault(token, []).append(row)
    return prediction


def _fit(name: str, premium: Floats, prediction: Floats) -> Fit:
    error = premium - prediction
    r2 = 1 - float((error**2).sum() / ((premium - premium.mean()) ** 2).sum())
    return Fit(name, float(np.median(np.abs(error))), float(np.abs(error).mean()), r2)


def _slice(walk: Walk, name: str, rows: Bools) -> Slice:
    sold = walk.sold
    premium, low, high = sold.premium[rows], sold.low[rows], sold.high[rows]
    return Slice(
        name,
        int(rows.sum()),
        float(np.median(np.abs(premium - sold.full[rows]))),
        float(np.median(np.abs(premium))),
        conformal.coverage(premium, low, high),
        float((premium > low).mean()),
    )


def _months(hours: Ints, walk: Walk) -> list[tuple[str, Bools]]:
    names = sorted({_month(int(hour)) for hour in hours})
    months = np.array([_month(int(hour)) for hour in walk.sold.sales.hour])
    return [(name, months == name) for name in names]


def _month(hour: int) -> str:
    return f"{datetime.fromtimestamp(hour * HOUR_S, UTC):%Y-%m}"


def _deciles(walk: Walk) -> list[tuple[str, Bools]]:
    """Return the sales by the rarity of the token among all tokens, most common first."""
    score = walk.tokens.score
    place = np.argsort(np.argsort(score, kind="stable"), kind="stable")
    decile = (place * DECILES // len(score))[walk.sold.sales.token]
    return [(f"{number + 1}", decile == number) for number in range(DECILES)]
