"""docs/model-card.md says what the model does today, and its targets hold."""

import re
from pathlib import Path

import msgspec
import pytest

from floorbook.pricing import training
from floorbook.pricing.card import Findings, card
from floorbook.pricing.config import FROZEN, TEST_FROM, TEST_TO, VALIDATION_FROM
from floorbook.pricing.evaluation import Evaluation, evaluate
from floorbook.pricing.poison import Poisoned

CARD = Path(__file__).resolve().parents[2] / "docs" / "model-card.md"
SLACK = 0.002  # another processor adds in another order


@pytest.fixture(scope="module")
def test_period(walk: training.Walk) -> Evaluation:
    return evaluate(walk, TEST_FROM, TEST_TO, with_trees=False)


def rows() -> dict[str, list[str]]:
    """Return the card's table rows by their first cell; of equal ones the first."""
    found: dict[str, list[str]] = {}
    for line in CARD.read_text(encoding="utf-8").splitlines():
        if line.startswith("| "):
            name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            found.setdefault(name, cells)
    return found


def number(cell: str) -> float:
    match = re.search(r"-?[\d.]+", cell.replace(",", ""))
    assert match, cell
    return float(match.group())


def test_the_targets_hold(test_period: Evaluation) -> None:
    assert test_period.whole.median < 0.115
    assert 0.77 <= test_period.whole.covered <= 0.83
    assert 0.88 <= test_period.whole.above_low <= 0.92
    assert test_period.whole.sales == sum(month.sales for month in test_period.months) == 3_167


def test_the_model_beats_its_baselines(test_period: Evaluation) -> None:
    model, *baselines = test_period.fits
    assert {"floor", "last sale x index", "ridge on traits"} <= {fit.name for fit in baselines}
    assert all(model.median < fit.median for fit in baselines)


def test_the_card_repeats_the_evaluation(test_period: Evaluation) -> None:
    written = rows()
    for fit in test_period.fits:
        assert [number(cell) for cell in written[fit.name][1:]] == pytest.approx(
            [fit.median, fit.mean, fit.r2], abs=SLACK
        )
    for one in (*test_period.months, *test_period.deciles):
        sales, median, _, covered, above = [number(cell) for cell in written[one.name]]
        assert sales == one.sales
        assert (median, covered / 100, above / 100) == pytest.approx(
            (one.median, one.covered, one.above_low), abs=2 * SLACK
        )


def test_the_card_holds_the_frozen_configuration() -> None:
    written = rows()
    for name, value in msgspec.structs.asdict(FROZEN).items():
        assert written[f"`{name}`"] == [str(value)]


def test_the_cards_poison_is_within_its_target() -> None:
    target, measured = rows()["99th percentile of the change of a value by poison"]
    assert number(measured) <= number(target) == 3


def test_the_text_is_written_by_the_command(test_period: Evaluation, walk: training.Walk) -> None:
    """What is not a figure of trees or poison is the same, line by line."""
    poisoned = Poisoned(
        factors=(0.2, 5.0),
        of_floor=False,
        prints=1,
        kept=0,
        value_p99=0.0,
        value_max=0.0,
        worst_token=0,
        low_p99=0.0,
        low_max=0.0,
    )
    fresh = card(
        Findings(
            config=FROZEN, sales=13_275, priced=len(walk.sold.premium),
            validation=evaluate(walk, VALIDATION_FROM, TEST_FROM, with_trees=False), test=test_period,
            poisons=(poisoned,), poison_day=TEST_FROM,
        )
    )  # fmt: skip
    prose = [line for line in fresh.splitlines() if not line.startswith("|")]
    assert prose == [
        line for line in CARD.read_text(encoding="utf-8").splitlines() if not line.startswith("|")
    ]
