"""The raw history files are not in the repository: tests that need them are collected only where they are.

Name their folder with `pytest --data DIR` or the environment variable FLOORBOOK_DATA.
"""

import os
from pathlib import Path

import pytest


def _raw_folder(config: pytest.Config) -> Path | None:
    named = config.getoption("data") or os.environ.get("FLOORBOOK_DATA")
    return Path(named) if named else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path.name == "test_raw.py" and _raw_folder(config) is None else None


@pytest.fixture
def raw_folder(pytestconfig: pytest.Config) -> Path:
    folder = _raw_folder(pytestconfig)
    assert folder is not None
    return folder
