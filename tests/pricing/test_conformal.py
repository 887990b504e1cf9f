"""The band covers what it says, on data that are known to be exchangeable, and follows those that drift."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.pricing import conformal
from floorbook.pricing.config import Config

EXACT = Config(low_level=0.1, high_level=0.9, calibration_sales=400)


def test_the_quantile_is_a_score_of_known_rank() -> None:
    scores = np.array([5.0, 1.0, 4.0, 2.0, 3.0, 9.0, 8.0, 7.0, 6.0])
    assert conformal.quantile(scores, 0.1) == 1.0
    assert conformal.quantile(scores, 0.5) == 5.0
    assert conformal.quantile(scores, 0.9) == 9.0
    assert conformal.quantile(np.array([2.0]), 0.01) == 2.0


@given(st.integers(0, 2**32), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_new_score_lies_below_the_quantile_as_often_as_the_level_says(seed: int, level: float) -> None:
    # Exchangeable scores: P(new <= quantile) is level up to 1 / (n + 1), whatever their distribution.
    random = np.random.default_rng(seed)
    scores = random.standard_t(2, size=(600, 100))
    below = [row[-1] <= conformal.quantile(row[:-1], level) for row in scores]
    assert np.mean(below) == pytest.approx(level, abs=5 * np.sqrt(level * (1 - level) / 600) + 0.01)


def walked(scores: np.ndarray) -> float:
    """Return the coverage of bands that follow the scores before."""
    bands = [conformal.band(0.0, 1.0, scores[:row], EXACT) for row in range(400, len(scores))]
    low, high = np.array(bands).T
    return conformal.coverage(scores[400:], low, high)


def test_coverage_of_a_steady_market() -> None:
    assert walked(np.random.default_rng(5).normal(size=4_000)) == pytest.approx(0.8, abs=0.02)


def test_coverage_comes_back_when_the_market_gets_wilder() -> None:
    random = np.random.default_rng(6)
    scores = np.r_[random.normal(0, 1, 1_500), random.normal(0, 3, 3_000)]
    assert walked(scores[:1_900]) == pytest.approx(0.75, abs=0.08)
    assert walked(scores[1_600:]) == pytest.approx(0.8, abs=0.02)


def test_the_band_encloses_the_value() -> None:
    assert conformal.band(1.0, 0.5, np.array([2.0, 3.0]), EXACT) == (1.0, 2.5)
    assert conformal.band(1.0, 0.5, np.array([-2.0, -3.0]), EXACT) == (-0.5, 1.0)


def test_the_scale_finds_what_makes_errors_large() -> None:
    random = np.random.default_rng(8)
    base = random.uniform(0, 2, 3_000)
    error = random.normal(0, 0.05 + 0.3 * (base > 1), 3_000)
    x = conformal.scale_design(base, np.zeros(3_000), np.full(3_000, 0.1), EXACT)
    scale = np.exp(x @ conformal.fit_scale(x, error, np.ones(3_000), EXACT))
    assert scale[base > 1.2].mean() > 2 * scale[base < 0.8].mean()


def test_recent_errors_are_bounded() -> None:
    assert conformal.recent_error(np.array([]), EXACT) == 0.1
    assert conformal.recent_error(np.full(80, 50.0), EXACT) == pytest.approx(1.02)
