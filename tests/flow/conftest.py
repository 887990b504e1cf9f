"""The replays, run once; and where the raw file lies, which the repository does not hold."""

import pytest

from floorbook.core.kernel import Kernel
from tests.flow.replay import Command, Replay, read_commands
from tools.derive_flow import OPENING_COMPLETED


@pytest.fixture(scope="session")
def commands() -> list[Command]:
    return read_commands()


@pytest.fixture(scope="session")
def completed(commands: list[Command]) -> set[int]:
    """The opening orders whose size only a trade tells."""
    return {command.order for command in commands if command.kind == OPENING_COMPLETED}


@pytest.fixture(scope="session")
def replay(commands: list[Command]) -> Replay:
    replay = Replay(Kernel())
    replay.run(commands)
    return replay


@pytest.fixture(scope="session")
def control(commands: list[Command]) -> Replay:
    """The same flow without the orders whose size a trade completed."""
    replay = Replay(Kernel())
    replay.run([command for command in commands if command.kind != OPENING_COMPLETED])
    return replay
