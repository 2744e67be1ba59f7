"""How good stated probabilities are: order, calibration, and what is gained by answering less.

None of these is a mean over items, so each is resampled as a whole: see `row_of_statistic`.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.evals.results import Row, row_of_interval
from radcite.evals.statistics import (
    Interval,
    Statistic,
    drawn_statistics,
    interval_of_statistic,
)

__all__ = [
    "area_under_risk",
    "auprc",
    "auroc",
    "brier",
    "coverage_of_sets",
    "debiased_ece",
    "interval_of_calibration",
    "rarer",
    "row_of_statistic",
]

Floats = NDArray[np.float64]
_BINS = 10


def auroc(scores: Floats, labels: Floats) -> float | None:
    """The chance that a positive scores above a negative, ties half; None where one of them is missing.

    Source: Mann and Whitney (1947), by the ranks of the positives.
    """
    from scipy.stats import rankdata  # pyright: ignore[reportUnknownVariableType] - has no types

    positive = labels > 0
    hits, misses = int(positive.sum()), int((~positive).sum())
    if not hits or not misses:
        return None
    ranks = float(rankdata(scores)[positive].sum())
    return (ranks - hits * (hits + 1) / 2) / (hits * misses)


def auprc(scores: Floats, labels: Floats) -> float | None:
    """Average precision; None without a positive.

    Raises:
        RadciteError: `MISSING_EXTRA`.
    """
    try:
        from sklearn import metrics
    except ImportError as exc:
        raise RadciteError(
            "MISSING_EXTRA",
            "average precision is scikit-learn's: install radcite[eval]",
            "平均精确率由 scikit-learn 计算：请安装 radcite[eval]",
        ) from exc
    return (
        float(cast("Any", metrics).average_precision_score(labels, scores))
        if labels.sum()
        else None
    )


def rarer(labels: Floats, clusters: Sequence[str]) -> int:
    """How many clusters hold the rarer of positives and negatives: as many bear on an order of both."""
    pairs = list(zip(clusters, labels, strict=True))
    return min(
        len({name for name, label in pairs if (label > 0) == side}) for side in (True, False)
    )


def brier(probabilities: Floats, truth: Floats) -> float:
    """Mean squared distance of the stated probabilities from what was so, summed over classes: 0 to 2.

    Args:
        probabilities: (n, classes).
        truth: One-hot, (n, classes).

    Source: Brier, Verification of forecasts expressed in terms of probability (1950).
    """
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def debiased_ece(probabilities: Floats, truth: Floats) -> float:
    """Root of the squared calibration error of the top class, less what its own noise adds; 0 where that is negative.

    Args:
        probabilities: (n, classes).
        truth: One-hot, (n, classes).

    Source: Kumar, Liang, Ma, Verified Uncertainty Calibration (2019), arXiv 1909.10155; ten bins of equal count.
    """
    return max(_squared_error(probabilities, truth)[0], 0.0) ** 0.5


def interval_of_calibration(
    probabilities: Floats, truth: Floats, clusters: Sequence[str], seed: int = 0
) -> Interval:
    """`debiased_ece` with its interval from 1,000 draws of whole clusters.

    A draw holds the noise of what was seen and its own, of which only its own is taken off: the percentiles of the
    squared error are moved down by the other. Of perfectly calibrated forecasts the interval then holds 0.
    """
    found, noisy = _squared_error(probabilities, truth)
    drawn = drawn_statistics(
        lambda places: _squared_error(probabilities[places], truth[places])[0], clusters, seed
    )
    low, high = np.quantile(drawn, [0.025, 0.975]) - (noisy - found)
    squares = (found, min(low, found), max(high, found))
    roots = [max(float(square), 0.0) ** 0.5 for square in squares]
    return Interval(*roots, units=len(set(clusters)))


def _squared_error(probabilities: Floats, truth: Floats) -> tuple[float, float]:
    """The squared calibration error of the top class without and with what its noise adds."""
    top = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1)
    right = truth[np.arange(len(truth)), top]
    total = noise = 0.0
    for places in np.array_split(np.argsort(sure, kind="stable"), _BINS):
        if len(places) < 2:
            continue
        share, part = float(right[places].mean()), len(places) / len(sure)
        total += part * (share - float(sure[places].mean())) ** 2
        noise += part * share * (1 - share) / (len(places) - 1)
    return total - noise, total


def area_under_risk(sure: Floats, wrong: Floats) -> float:
    """The mean share of wrong answers among the surest, over all shares answered: less is better; ties in any order.

    Args:
        sure: How sure each answer is; only the order counts.
        wrong: 0 or 1.

    Source: Geifman, Uziel, El-Yaniv, Bias-Reduced Uncertainty Estimation (2019), the area under risk and coverage.
    """
    order = np.argsort(-sure, kind="stable")
    _, alike = np.unique(sure[order], return_inverse=True)
    expected = (np.bincount(alike, weights=wrong[order]) / np.bincount(alike))[alike]
    return float((np.cumsum(expected) / np.arange(1, len(wrong) + 1)).mean())


def coverage_of_sets(members: Floats, truth: Floats) -> float:
    """The share of items whose true class is in the set.

    Args:
        members: 0 or 1, (n, classes).
        truth: One-hot, (n, classes).
    """
    return float((members * truth).sum(axis=1).mean())


def row_of_statistic(
    system: str,
    metric: str,
    statistic: Statistic,
    clusters: Sequence[str],
    seed: int = 0,
    telling: int | None = None,
    *,
    share: bool = True,
) -> Row | None:
    """The row of a statistic over items, its interval from resampling whole clusters; None where it has no value.

    Args:
        system: Whose it is.
        metric: Its name.
        statistic: Its value over the items of these places; None where they allow none.
        clusters: What each item belongs to.
        seed: Of the resampling.
        telling: How many of the clusters bear on it, if not all.
        share: Whether it is a share of what the clusters hold: see `interval_of_statistic`.
    """
    found = interval_of_statistic(statistic, clusters, seed, telling, share=share)
    return row_of_interval(system, metric, len(clusters), found) if found else None
