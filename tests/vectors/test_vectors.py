"""Numeric cases of other venues' tests and documents, as far as we adopt their rule.

`pytest tests/vectors --vectors DIR` runs any folder of files {topic, cases: [{id, inputs, expected,
tolerance}]}; without the option the committed `adopted/` is run.  The table at the end says for each
file how many cases were adopted, how many passed, and why the others bind nothing here.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import (
    auctions,
    collateral,
    instruments,
    lending,
    losses,
    matching,
    money,
    prices,
    rarity,
    registry,
    reports,
    vaults,
)

ADOPTED = Path(__file__).parent / "adopted"
# Importing them registers them.
ADAPTERS = (
    auctions,
    prices,
    money,
    losses,
    matching,
    reports,
    rarity,
    vaults,
    instruments,
    collateral,
    lending,
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "path" not in metafunc.fixturenames:
        return
    folder = Path(metafunc.config.getoption("vectors") or ADOPTED)
    files = sorted(folder.glob("*.json"))
    if not files:
        raise pytest.UsageError(f"--vectors: no .json file in {folder}")
    if "number" not in metafunc.fixturenames:
        metafunc.parametrize("path", files, ids=[path.stem for path in files])
        return
    cases = [
        pytest.param(path, number, id=f"{path.stem}:{number}:{case['id']}")
        for path in files
        for number, case in enumerate(read(path)["cases"])
        if registry.find(read(path)["topic"], case["id"])[0]
    ]
    metafunc.parametrize(("path", "number"), cases)


@cache
def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return content


def test_case(path: Path, number: int, record_property: Any) -> None:
    """One adopted case: our function gives the published numbers."""
    content = read(path)
    case = content["cases"][number]
    record_property("vector_adopted", path.name)
    adapter, _ = registry.find(content["topic"], case["id"])
    assert adapter is not None
    problem = differ(adapter(case["inputs"]), case["expected"], Fraction(case.get("tolerance", 0)))
    assert problem is None, f"{problem}\n{case.get('formula')}\n{case.get('source')}"


def test_every_case_is_adopted_or_explained(path: Path, record_property: Any) -> None:
    """A file's other cases: counted in the table with the reason, never as a success of ours."""
    content = read(path)
    found = [registry.find(content["topic"], case["id"]) for case in content["cases"]]
    left = Counter(reason for adapter, reason in found if adapter is None)
    assert all(left)
    record_property("vector_file", [path.name, len(found), dict(left)])


def differ(got: Any, expected: Any, tolerance: Fraction) -> str | None:
    """Return where they differ beyond the tolerance, absolute or relative.

    Of a mapping an adapter may answer some keys, at least one: what the venue reports beside the rule is
    not ours to reproduce.
    """
    if isinstance(got, Mapping):
        assert got
        assert isinstance(expected, Mapping)
        assert {*got} <= {*expected}, f"the case does not have {sorted({*got} - {*expected})}"
        return _first(
            (problem := differ(value, expected[key], tolerance)) and f"{key}: {problem}"
            for key, value in got.items()
        )
    if isinstance(got, Sequence) and not isinstance(got, str):
        if not isinstance(expected, Sequence) or len(got) != len(expected):
            return f"got {got}, expected {expected}"
        return _first(differ(one, other, tolerance) for one, other in zip(got, expected, strict=True))
    if isinstance(got, bool | str | None) or isinstance(expected, bool | str | None):
        return None if got == expected else f"got {got}, expected {expected}"
    published = Fraction(expected)
    if abs(Fraction(got) - published) <= tolerance * max(Fraction(1), abs(published)):
        return None
    return f"got {float(got)}, expected {expected}, tolerance {float(tolerance)}"


def _first(problems: Iterable[str | None]) -> str | None:
    return next((problem for problem in problems if problem), None)


def test_a_difference_is_found() -> None:
    assert differ({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]}, Fraction(0)) is not None
    assert differ(Fraction(1, 3), Decimal("0.333"), Fraction(1, 1_000)) is None
    assert differ(Fraction(1, 3), Decimal("0.333"), Fraction(0)) is not None
    assert differ(None, 5, Fraction(0)) is not None
    assert differ(True, 1, Fraction(0)) is None
