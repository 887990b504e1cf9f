"""Collect what the attacks earned and print it below the run."""

import pytest

from tests.attacks.page import Entry, summary

_PLAYED: dict[str, Entry] = {}


@pytest.fixture
def ledger() -> dict[str, Entry]:
    """What the attacks of this run came to, by name."""
    return _PLAYED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _PLAYED:
        terminalreporter.section("attacks (ETH)")
        for line in summary([_PLAYED[name] for name in sorted(_PLAYED)]):
            terminalreporter.line(line)
