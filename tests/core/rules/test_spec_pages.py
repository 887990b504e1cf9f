"""The specification and the code point at each other."""

import re
from pathlib import Path

import pytest

from floorbook.core import rules
from floorbook.core.reasons import Reject
from floorbook.core.rules.lifecycle import NEXT, Action, Status

SPEC = Path(__file__).parents[3] / "docs" / "spec"
MODULES = sorted(Path(rules.__path__[0]).glob("*.py"))
CITATION = re.compile(r"(\w+\.md) §(\d+)(?:, §(\d+))?")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_every_cited_section_exists(module: Path) -> None:
    for page, *sections in CITATION.findall(module.read_text(encoding="utf-8")):
        text = (SPEC / page).read_text(encoding="utf-8")
        for section in filter(None, sections):
            assert re.search(rf"^## {section} ", text, re.MULTILINE), f"{page} §{section}"


def test_the_reasons_are_published_in_the_order_of_the_checks() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| \S", (SPEC / "matching.md").read_text(), re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [
        (reason.value, reason.name) for reason in Reject
    ]


def test_the_life_cycle_is_published_as_it_is() -> None:
    rows = re.findall(r"^\| ([A-Z_]+) \|(.*)\|$", (SPEC / "listing.md").read_text(), re.MULTILINE)
    columns = [Action.OPEN, Action.HALT, Action.RESUME, Action.PAUSE, Action.WIND_DOWN,
               Action.GO_STALE, Action.REFRESH, Action.SETTLE]  # fmt: skip
    published = {
        (Status[before], action): Status[cell.strip()]
        for before, cells in rows
        for action, cell in zip(columns, cells.split("|"), strict=True)
        if cell.strip()
    }
    assert published == NEXT
