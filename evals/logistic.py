"""Logistic regression in a few lines of Newton's method, for two or three features."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_logistic"]

_RIDGE = 1e-3
_STEPS = 50
_AT_REST = 1e-8

_Floats = NDArray[np.float64]


def fit_logistic(features: _Floats, labels: _Floats) -> _Floats:
    """Intercept and weights, shape (1 + columns,), with a slight ridge; both classes weigh the same.

    Args:
        features: Shape (n, columns).
        labels: 0 or 1, shape (n,).
    """
    design: _Floats = np.column_stack([np.ones(len(features)), features])
    share = float(np.mean(labels))
    importance: _Floats = labels * 0.5 / share + (1 - labels) * 0.5 / (1 - share)
    weights = np.zeros(features.shape[1] + 1, dtype=np.float64)
    for _ in range(_STEPS):
        step = _newton_step(design, labels, importance, weights)
        weights[:] = weights - step
        if float(np.abs(step).max()) < _AT_REST:
            break
    return weights


def _newton_step(
    design: _Floats, labels: _Floats, importance: _Floats, weights: _Floats
) -> _Floats:
    chance: _Floats = 1 / (1 + np.exp(-np.dot(design, weights)))
    error: _Floats = importance * (chance - labels)
    gradient: _Floats = np.dot(design.T, error) + _RIDGE * weights
    spread: _Floats = design * (importance * chance * (1 - chance))[:, None]
    curvature: _Floats = np.dot(spread.T, design) + _RIDGE * np.eye(len(weights))
    return np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)
