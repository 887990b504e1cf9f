"""The second opinion: boosted trees on the same columns, refitted every other week (extra `ml`: LightGBM).

The ridge is what the exchange uses: it can be explained, fits into one small file and needs no other package.
The trees say how much it leaves on the table.  One thread and a fixed seed: the same sales, the same trees.
Spec: docs/spec/appraisal.md §6
"""

from importlib import import_module
from typing import Any

import numpy as np

from floorbook.errors import ConfigError
from floorbook.pricing.config import Config, hour_of_day
from floorbook.pricing.dataset import Floats
from floorbook.pricing.hedonic import fading
from floorbook.pricing.training import Walk


def boosted(walk: Walk, begin: str, end: str) -> Floats:
    """Return a walk-forward prediction of each sale of begin .. end [log price / floor]; NaN elsewhere."""
    config, sold = walk.config, walk.sold
    hours = sold.sales.hour
    prediction = np.full(len(hours), np.nan)
    step = config.boosting_refit_days * 24
    for now in range(hour_of_day(begin), hour_of_day(end), step):
        before, after = np.searchsorted(hours, [now, now + step])
        rows = np.flatnonzero(sold.is_evidence[:before] & np.isfinite(sold.base[:before]))
        fade = fading(hours[rows], now, config.boosting_half_life_days)
        if before < after:
            trees = fit(walk.full_x[rows], sold.premium[rows], fade, config)
            prediction[before:after] = trees.predict(walk.full_x[before:after], num_threads=1)
    return prediction


def fit(x: Floats, y: Floats, weight: Floats, config: Config) -> Any:
    """Return trees that minimise the absolute error; ConfigError where LightGBM is not installed."""
    lightgbm = _lightgbm()
    parameters = {
        "objective": "l1",
        "learning_rate": config.boosting_rate,
        "num_leaves": config.boosting_leaves,
        "min_data_in_leaf": 15,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": config.seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    return lightgbm.train(parameters, lightgbm.Dataset(x, y, weight=weight), config.boosting_rounds)


def _lightgbm() -> Any:
    try:
        return import_module("lightgbm")
    except (ImportError, OSError) as error:  # the second: a system without OpenMP
        raise ConfigError("the second opinion needs LightGBM: pip install 'floorbook[ml]'") from error
