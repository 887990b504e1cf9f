"""Wash prints in the training sales move appraisals little; the full figures stand in docs/model-card.md."""

import numpy as np
import pytest

from floorbook.pricing import poison, training
from floorbook.pricing.dataset import Dataset
from floorbook.pricing.filters import Verdict
from tests.pricing.village import CONFIG

DAY = "2020-07-01"


@pytest.mark.parametrize("factors", [(0.2,), (5.0,), (0.2, 5.0)])
def test_five_per_cent_of_wash_prints_move_no_appraisal_by_three(
    small: Dataset, factors: tuple[float, ...]
) -> None:
    done = poison.poison(small, CONFIG, DAY, factors, 1)
    assert done.prints >= 20
    assert done.kept == 0
    assert done.value_p99 <= 0.03
    assert done.low_p99 <= 0.03


def test_without_the_filters_they_would(small: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("floorbook.pricing.filters.is_outlier", lambda *_: False)
    monkeypatch.setattr(
        "floorbook.pricing.filters.wash_verdicts",
        lambda sales, _funder=None: np.full(len(sales.hour), Verdict.EVIDENCE),
    )
    done = poison.poison(small, CONFIG, DAY, (5.0,), 1)
    # A second print of a day still counts no more.
    assert done.kept > 0.6 * done.prints
    assert done.value_p99 > 0.02


def test_the_attacker_uses_every_way(small: Dataset) -> None:
    clean = training.walk_forward(small, CONFIG, until=DAY)
    prints = poison.wash_prints(clean, 10**9, (5.0,), np.random.default_rng(2), of_floor=False)
    honest = int(clean.sold.sales.seller.max())
    itself = prints.seller == prints.buyer
    ways = {*zip(prints.token.tolist(), prints.seller.tolist(), prints.buyer.tolist(), strict=True)}
    back = [(token, buyer, seller) in ways and seller != buyer for token, seller, buyer in ways]
    assert itself.any()
    assert any(back)
    assert (prints.seller > honest).all()
    assert (np.diff(prints.hour) >= 0).all()
