"""docs/comparison.md is what the command writes: the parts that take a second, made anew."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from floorbook.lab.compare import page, study
from floorbook.lab.compare.figure import Line, draw
from floorbook.lab.compare.outcome import Outcome
from floorbook.lab.paths import AZUKI

DOCS = Path(__file__).resolve().parents[2] / "docs"
SEED = 1


@pytest.fixture(scope="module")
def text() -> str:
    return (DOCS / page.PAGE).read_text(encoding="utf-8")


def test_loans_of_june_2023(text: str) -> None:
    """The first two columns; the third is the engine's, which takes longer, beside its simulation."""
    made = study.lend(*study.setting(AZUKI, SEED), SEED)
    section = text.split(f"## {page.TITLES[AZUKI]}")[1].split("\n## ", maxsplit=1)[0]
    rows = [page.loan_row(row, made).rsplit("|", 2)[0] for row in page.LOAN_ROWS]
    assert [row for row in rows if row not in section] == []
    simulated = f"{made.capped.served} |\n| lent |"
    assert simulated in text


def test_a_fall(text: str) -> None:
    fall = study.FALLS[1]
    made = study.lend(*study.crashing(fall, SEED), SEED)
    assert f"| {fall.name} | {page.eth(page.bad_debt(made.benddao))} |" in text


def test_anchors_and_charts(text: str) -> None:
    assert page.anchor_table() in text
    linked = {part.split(")")[0] for part in text.split("](")[1:] if part.split(")")[0].endswith(".svg")}
    assert linked == {path.name for path in DOCS.glob("comparison-*.svg")}
    for name in linked:
        ET.fromstring((DOCS / name).read_text(encoding="utf-8"))


def test_the_words_are_the_template_s(text: str) -> None:
    template = (Path(page.__file__).parent / "page.template.md").read_text(encoding="utf-8")
    words = re.split(r"\$\w+", template)
    assert [part for part in words if part.strip() not in text] == []


def test_every_worse_figure_is_told(text: str) -> None:
    section = text.split("## Where Floorbook does worse")[1].split("\n## ", maxsplit=1)[0]
    assert "owners served" in section
    assert "cost of forced sales" in section
    assert "open interest" in section


@pytest.mark.parametrize(
    ("ours", "theirs", "better", "is_worse"),
    [
        (9, 10, 1, True),
        (10, 9, 1, False),
        (10, 9, -1, True),
        (9, 10, -1, False),
        (1, 2, 0, False),
        (999, 1_000, 1, False),
    ],
)
def test_what_counts_as_worse(ours: int, theirs: int, better: int, is_worse: bool) -> None:
    row = page.Row("served", page.of("served"), better, is_count=True)
    pair = Outcome(rules="a", served=ours), Outcome(rules="b", served=theirs)
    assert page.is_worse(row, *pair) is is_worse


def test_a_figure_stands_alone() -> None:
    svg = draw("A & B", ["one", "", "three"], [Line("up", [0, 1.5, 3]), Line("gap", [1, None, 2])])
    root = ET.fromstring(svg)
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {"A & B", "one", "three", "up", "gap", "0", "3"} <= set(words)
    first, second = (e.get("points", "") for e in root.iter() if e.tag.endswith("polyline"))
    assert len(first.split()) == 3 and len(second.split()) == 2
