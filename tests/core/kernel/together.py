"""All builds of the kernel as one, for tests that compare them command by command."""

from typing import Any

import pytest

from floorbook.units import MARKETS_MAX
from tests.core.kernel.builds import BUILDS


class Together:
    """All builds as one kernel: what is asked of it is asked of each, and all must answer alike."""

    def __init__(self) -> None:
        self.kernels = {name: make(MARKETS_MAX, 8, 64) for name, make in BUILDS.items()}

    def __getattr__(self, method: str) -> Any:
        def ask(*arguments: Any, **named: Any) -> Any:
            answers = {
                name: getattr(kernel, method)(*arguments, **named) for name, kernel in self.kernels.items()
            }
            for name, answer in answers.items():
                assert answer == answers["reference"], (name, method, arguments, named)
            return answers["reference"]

        return ask

    def refuse(self, method: str, *arguments: Any) -> None:
        """Every build must stop at an assertion."""
        for kernel in self.kernels.values():
            with pytest.raises(AssertionError):
                getattr(kernel, method)(*arguments)
