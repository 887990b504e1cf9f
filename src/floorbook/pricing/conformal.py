"""From a prediction to a band: how far the last sales lay from theirs.  Spec: docs/spec/appraisal.md §5

    score = (log price - prediction) / scale                                      of each earlier sale
    band  = prediction + scale * quantile of the last scores at a level

The scale is an estimate of the error's size for this token now, so that one quantile serves floor tokens and
rarities, calm and stormy weeks.  What remains uncertain is measured, not assumed: the quantile moves with
every sale.
"""

import numpy as np

from floorbook.pricing.config import Config
from floorbook.pricing.dataset import Bools, Floats
from floorbook.pricing.features import bends
from floorbook.pricing.hedonic import ridge

RECENT_ERRORS = 50
ERROR_MAX = 1.0


def quantile(scores: Floats, level: float) -> float:
    """Return the score of rank ceil(level * (n + 1)) among n scores, ranks clipped to 1 .. n."""
    assert 0 < level < 1
    assert scores.size > 0
    rank = int(np.ceil(level * (scores.size + 1)))
    return float(np.partition(scores, (place := min(max(rank, 1), scores.size) - 1))[place])


def band(prediction: float, scale: float, scores: Floats, config: Config) -> tuple[float, float]:
    """Return the low and the high end of the band [log price / floor]; low <= prediction <= high."""
    recent = scores[-config.calibration_sales :]
    low, high = quantile(recent, config.low_level), quantile(recent, config.high_level)
    return prediction + scale * min(low, 0.0), prediction + scale * max(high, 0.0)


def scale_design(base: Floats, own_recency: Floats, recent_error: Floats, config: Config) -> Floats:
    """Return what the size of an error depends on: how far above the floor, how well known, how stormy."""
    ones = np.ones(len(base))
    return np.column_stack([ones, bends(base, config.knots), own_recency, np.log(recent_error)])


def fit_scale(x: Floats, error: Floats, weight: Floats, config: Config) -> Floats:
    """Return the coefficients of log(|error| + floor)."""
    size = np.log(np.minimum(np.abs(error), ERROR_MAX) + config.error_floor)
    return ridge(x, size, weight, config.penalty)


def recent_error(errors: Floats, config: Config) -> float:
    """Return the mean size of the last errors, a tenth before there are any."""
    last = np.minimum(np.abs(errors[-RECENT_ERRORS:]), ERROR_MAX)
    return float(last.mean()) + config.error_floor if last.size else 0.1


def coverage(price: Floats, low: Floats, high: Floats) -> float:
    """Return the share of prices inside the band."""
    inside: Bools = (price >= low) & (price <= high)
    return float(inside.mean())
