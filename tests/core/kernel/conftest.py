"""Every test that asks for `make` runs once in each build of the kernel."""

from typing import Any

import pytest

from tests.core.kernel.builds import BUILDS


@pytest.fixture(params=BUILDS, ids=list(BUILDS))
def make(request: pytest.FixtureRequest) -> Any:
    return BUILDS[request.param]
