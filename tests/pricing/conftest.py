"""The packaged collection, one walk over all of it, and a small collection that walks in a blink."""

import numpy as np
import pytest

from floorbook.pricing import Appraiser, dataset, training
from floorbook.pricing.config import FROZEN
from floorbook.pricing.dataset import Dataset
from tests.pricing.village import village


@pytest.fixture(scope="session")
def packaged() -> Dataset:
    return dataset.load()


@pytest.fixture(scope="session")
def walk(packaged: Dataset) -> training.Walk:
    """All sales, as `train-appraisal` walks them."""
    return training.walk_forward(packaged, FROZEN)


@pytest.fixture(scope="session")
def appraiser() -> Appraiser:
    return Appraiser()


@pytest.fixture(scope="session")
def small() -> Dataset:
    return village(np.random.default_rng(7))
