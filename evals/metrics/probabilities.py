"""How good stated probabilities are: order, calibration, and what is gained by answering less.

None of these is a mean over items, so each is resampled as a whole: see `row_of_statistic`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.evals.results import Goal, Row
from radcite.evals.statistics import interval_of_statistic

__all__ = [
    "area_under_risk",
    "auprc",
    "auroc",
    "brier",
    "coverage_of_sets",
    "debiased_ece",
    "row_of_statistic",
]

Floats = NDArray[np.float64]
_BINS = 10


def _sklearn() -> Any:
    """scikit-learn's scores.

    Raises:
        RadciteError: `MISSING_EXTRA`.
    """
    try:
        from sklearn import metrics
    except ImportError as exc:
        raise RadciteError(
            "MISSING_EXTRA",
            "these scores are scikit-learn's: install radcite[eval]",
            "这些指标由 scikit-learn 计算：请安装 radcite[eval]",
        ) from exc
    return metrics


def auroc(scores: Floats, labels: Floats) -> float | None:
    """The chance that a positive scores above a negative, ties half; None where one of them is missing."""
    if not 0 < labels.sum() < len(labels):
        return None
    return float(_sklearn().roc_auc_score(labels, scores))


def auprc(scores: Floats, labels: Floats) -> float | None:
    """Average precision; None without a positive."""
    return float(_sklearn().average_precision_score(labels, scores)) if labels.sum() else None


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
    top = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1)
    right = truth[np.arange(len(truth)), top]
    total = 0.0
    for places in np.array_split(np.argsort(sure, kind="stable"), _BINS):
        if len(places) < 2:
            continue
        share = float(right[places].mean())
        gap = (share - float(sure[places].mean())) ** 2
        total += len(places) / len(sure) * (gap - share * (1 - share) / (len(places) - 1))
    return max(total, 0.0) ** 0.5


def area_under_risk(sure: Floats, wrong: Floats) -> float:
    """The mean share of wrong answers among the surest, over all shares answered: less is better.

    Args:
        sure: How sure each answer is; only the order counts.
        wrong: 0 or 1.

    Source: Geifman, Uziel, El-Yaniv, Bias-Reduced Uncertainty Estimation (2019), the area under risk and coverage.
    """
    order = np.argsort(-sure, kind="stable")
    return float((np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1)).mean())


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
    statistic: Callable[[NDArray[np.int64]], float | None],
    clusters: Sequence[str],
    goals: Sequence[Goal] = (),
    seed: int = 0,
    telling: int | None = None,
) -> Row | None:
    """The row of a statistic over items, its interval from resampling whole clusters; None where it has no value.

    Args:
        system: Whose it is.
        metric: Its name.
        statistic: Its value over the items of these places; None where they allow none.
        clusters: What each item belongs to.
        goals: Among them its own, if it has one.
        seed: Of the resampling.
        telling: How many of the clusters bear on it, if not all.
    """
    found = interval_of_statistic(statistic, clusters, seed, telling)
    if found is None:
        return None
    goal = next((one for one in goals if (one.system, one.metric) == (system, metric)), None)
    return Row(
        system=system,
        metric=metric,
        n=len(clusters),
        units=found.units,
        mean=found.mean,
        low=found.low,
        high=found.high,
        goal=goal,
        met=goal.met_by(found.mean) if goal else None,
    )
