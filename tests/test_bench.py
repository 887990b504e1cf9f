"""The benchmarks run at small sizes; their speed is nobody's test."""

import msgspec
import pytest

from floorbook.bench import run
from floorbook.errors import ConfigError


@pytest.mark.parametrize("name", ["kernel", "single-call", "memory", "sweep", "sequencer", "settlement"])
def test_a_benchmark_prints_its_figures(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name], quick=True) == 0
    figures = msgspec.json.decode(capsys.readouterr().out)
    assert figures["conditions"]["is_quick"] is True
    assert len(figures[name]) > 2


def test_an_unknown_benchmark_is_named() -> None:
    with pytest.raises(ConfigError, match="no benchmark speed"):
        run(["speed"])
