"""Options and Hypothesis profiles shared by every test.

Options live here because pytest reads only the top conftest before it parses the command line.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before NumPy is loaded, as `floorbook.pricing` does it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Derandomised: a red run is red for everybody.  `--hypothesis-profile=explore` looks further.
settings.register_profile("default", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile(
    "explore",
    deadline=None,
    max_examples=2_000,
    stateful_step_count=200,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("floorbook")
    group.addoption("--data", type=Path, metavar="DIR", help="folder of the raw history files")
    group.addoption("--vectors", type=Path, metavar="DIR", help="folder of spec vectors to run")
    group.addoption(
        "--screenshots", type=Path, metavar="DIR", help="folder that keeps the pictures of the page"
    )
    group.addoption("--update-traces", action="store_true", help="rewrite the events of tests/traces/*.trace")


def _raw_folder(config: pytest.Config) -> Path | None:
    named = config.getoption("data") or os.environ.get("FLOORBOOK_DATA")
    return Path(named) if named else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The raw files are not in the repository: their tests run where `--data DIR` names them."""
    return True if collection_path.name == "test_raw.py" and _raw_folder(config) is None else None


@pytest.fixture
def raw_folder(pytestconfig: pytest.Config) -> Path:
    folder = _raw_folder(pytestconfig)
    assert folder is not None
    return folder
