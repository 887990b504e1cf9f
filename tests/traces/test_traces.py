"""Every trace has the events it says.  `pytest tests/traces --update-traces` writes what they are now."""

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.traces.runner import run, traces

TRACES = traces()


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_trace(path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text()
    now = run(text)
    if request.config.getoption("--update-traces"):
        path.write_text(now)
        return
    difference = list(unified_diff(text.splitlines(), now.splitlines(), path.name, "now", lineterm=""))
    assert not difference, "\n" + "\n".join(difference)


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_trace_says_what_it_shows(path: Path) -> None:
    assert path.read_text().startswith("# ")
