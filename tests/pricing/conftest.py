"""The packaged collection, one walk over all of it, and a small collection that walks in a blink."""

import os
from pathlib import Path

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


def _raw_folder(config: pytest.Config) -> Path | None:
    named = config.getoption("data") or os.environ.get("FLOORBOOK_DATA")
    return Path(named) if named else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The raw files are not in the repository: `pytest --data DIR` names them, as in tests/feeds."""
    return True if collection_path.name == "test_raw.py" and _raw_folder(config) is None else None


@pytest.fixture
def raw_folder(pytestconfig: pytest.Config) -> Path:
    folder = _raw_folder(pytestconfig)
    assert folder is not None
    return folder
