"""Ridge regression with robust and fading weights: the hedonic part of the appraisal.

    minimise  sum of w_i * (y_i - x_i b)^2 + lambda * |b|^2,  the first coefficient free of the penalty

Weights fade with age (half-life) and, by a few rounds of reweighting, with the size of the error beyond
`huber`: the fit follows the median sale, not the strangest one.  Spec: docs/spec/appraisal.md §3
"""

import numpy as np

from floorbook.pricing.dataset import Floats, Ints

ROUNDS = 4


def ridge(x: Floats, y: Floats, weight: Floats, penalty: float) -> Floats:
    """Return the coefficients; column 0 of x is the constant, which is not shrunk."""
    root = np.sqrt(weight)
    weighted = x * root[:, None]
    gram = weighted.T @ weighted  # a matrix and its own transpose: NumPy computes one half
    # The constant keeps a trace of penalty so that a window without sales is still solvable.
    gram[np.diag_indices_from(gram)] += np.r_[penalty * 1e-6, np.full(len(gram) - 1, penalty)]
    return np.asarray(np.linalg.solve(gram, weighted.T @ (root * y)), dtype=np.float64)


def robust_ridge(x: Floats, y: Floats, weight: Floats, penalty: float, huber: float) -> Floats:
    """Return the ridge whose weights shrink by huber / |error| where the error is larger."""
    coefficients = ridge(x, y, weight, penalty)
    for _ in range(ROUNDS - 1):
        error = np.abs(y - x @ coefficients)
        coefficients = ridge(x, y, weight * np.minimum(1.0, huber / np.maximum(error, huber)), penalty)
    return coefficients


def fading(hours: Ints, now: int, half_life_days: float) -> Floats:
    """Return the weight of sales of these hours at hour now."""
    fade: Floats = 0.5 ** ((now - hours) / 24 / half_life_days)
    return fade
