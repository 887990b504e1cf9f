"""The second opinion: it learns, and the same sales give the same trees."""

import numpy as np
import pytest

from floorbook.errors import ConfigError
from floorbook.pricing import boosting, training
from floorbook.pricing.config import FROZEN
from floorbook.pricing.dataset import Dataset
from tests.pricing.village import CONFIG

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(600, 3))
Y = np.where(X[:, 0] > 0, 1.0, -1.0) + RANDOM.normal(0, 0.1, 600)


def test_the_same_sales_give_the_same_trees() -> None:
    ones = np.ones(600)
    first, second = (boosting.fit(X, Y, ones, FROZEN).predict(X, num_threads=1) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.median(np.abs(first - Y)) < 0.15


def test_trees_walk_forward_like_the_ridge(small: Dataset) -> None:
    walk = training.walk_forward(small, CONFIG)
    prediction = boosting.boosted(walk, "2020-07-01", "2020-08-01")
    shown = np.isfinite(prediction)
    assert shown.any()
    assert not shown[walk.sold.sales.hour < walk.sold.sales.hour[shown].min()].any()
    assert np.median(np.abs(prediction - walk.sold.premium)[shown]) < 0.12


def test_without_lightgbm_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(boosting, "import_module", missing)
    with pytest.raises(ConfigError, match=r"pip install 'floorbook\[ml\]'"):
        boosting.fit(X, Y, np.ones(600), FROZEN)
