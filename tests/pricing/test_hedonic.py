"""The ridge against least squares, and what its weights do."""

import numpy as np
import pytest

from floorbook.pricing import hedonic

RANDOM = np.random.default_rng(3)
X = np.column_stack([np.ones(80), RANDOM.normal(size=(80, 4))])
Y = X @ np.array([0.5, 1.0, -2.0, 0.0, 0.3]) + RANDOM.normal(0, 0.05, 80)
ONES = np.ones(80)


def test_ridge_is_least_squares_with_rows_for_the_penalty() -> None:
    weight, penalty = RANDOM.uniform(0.1, 1, 80), 2.5
    root = np.sqrt(weight)[:, None]
    shrink = np.diag(np.sqrt([penalty * 1e-6, penalty, penalty, penalty, penalty]))
    stacked = np.vstack([X * root, shrink])
    expected, *_ = np.linalg.lstsq(stacked, np.r_[Y * root[:, 0], np.zeros(5)], rcond=None)
    assert hedonic.ridge(X, Y, weight, penalty) == pytest.approx(expected, abs=1e-9)


def test_the_constant_is_not_shrunk() -> None:
    coefficients = hedonic.ridge(X, np.full(80, 7.0), ONES, 50.0)
    assert coefficients[0] == pytest.approx(7.0, abs=1e-3)
    assert np.abs(coefficients[1:]).max() < 1e-3


def test_more_penalty_shrinks_more() -> None:
    sizes = [
        float(np.linalg.norm(hedonic.ridge(X, Y, ONES, penalty)[1:])) for penalty in (0.01, 10.0, 1_000.0)
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_a_wild_sale_moves_the_robust_fit_little() -> None:
    wild = Y.copy()
    wild[0] += 100
    truth = hedonic.ridge(X, Y, ONES, 0.01)
    plain = np.abs(hedonic.ridge(X, wild, ONES, 0.01) - truth).max()
    robust = np.abs(hedonic.robust_ridge(X, wild, ONES, 0.01, 0.1) - truth).max()
    assert plain > 0.3
    assert robust < 0.05


def test_weights_halve_with_the_half_life() -> None:
    assert hedonic.fading(np.array([240, 0]), 240, 10.0) == pytest.approx([1.0, 0.5])
