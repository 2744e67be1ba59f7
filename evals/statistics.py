"""How sure a figure is: bootstrap intervals and paired tests over the units of a data set."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RESAMPLES",
    "Difference",
    "Interval",
    "interval_of_mean",
    "interval_of_statistic",
    "mcnemar",
    "paired_difference",
]

RESAMPLES = 10_000
_LEVEL = 0.95
_CHUNK = 500
_STATISTIC_RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval, and how many independent units it rests on."""

    mean: float
    low: float
    high: float
    units: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference with its 95 % interval and the two-sided bootstrap p that it is 0."""

    mean: float
    low: float
    high: float
    p: float


def interval_of_mean(
    values: Sequence[float], clusters: Sequence[Hashable], seed: int = 0
) -> Interval:
    """The mean over all values, with the percentile interval from resampling whole clusters.

    Where all values are 0, or all are 1, resampling shows no spread: the exact binomial bound over
    the clusters stands in for it.

    Args:
        values: One score an item; at least one.
        clusters: What each item belongs to (document, patient, question); the unit that is independent.
        seed: Of the resampling.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13; Clopper and Pearson (1934).
    """
    scores = np.asarray(values, dtype=np.float64)
    sums, sizes = _by_cluster(scores, clusters)
    mean, units = float(scores.mean()), len(sums)
    if (scores == scores[0]).all() and scores[0] in {0.0, 1.0}:
        bound = ((1 - _LEVEL) / 2) ** (1 / units)
        return Interval(mean, *((bound, 1.0) if mean else (0.0, 1 - bound)), units)
    low, high = _percentiles(_resampled(sums, sizes, seed))
    return Interval(mean, low, high, units)


def interval_of_statistic(
    statistic: Callable[[NDArray[np.int64]], float | None],
    clusters: Sequence[Hashable],
    seed: int = 0,
    telling: int | None = None,
) -> Interval | None:
    """What is no mean, with the percentile interval of 1,000 draws of whole clusters; None where it has no value.

    Where it is 0 or 1 in every draw, the exact binomial bound stands in, as in `interval_of_mean`.

    Args:
        statistic: Its value over the items of these places; None where they allow none (one class only): such draws
            are left out.
        clusters: What each item belongs to.
        seed: Of the resampling.
        telling: How many of the clusters bear on it, if not all (those with a positive, for an F1).
    """
    members: dict[Hashable, list[int]] = {}
    for place, name in enumerate(clusters):
        members.setdefault(name, []).append(place)
    value = statistic(np.arange(len(clusters)))
    if value is None:
        return None
    places: list[NDArray[np.int64]] = [np.array(one, np.int64) for one in members.values()]
    rng = np.random.default_rng(seed)
    drawn: list[float] = []
    for _ in range(_STATISTIC_RESAMPLES):
        chosen: list[int] = rng.integers(0, len(places), len(places)).tolist()
        some = np.concatenate([places[i] for i in chosen])
        if (one := statistic(some)) is not None:
            drawn.append(one)
    if value in {0.0, 1.0} and set(drawn) == {value}:
        bound = ((1 - _LEVEL) / 2) ** (1 / (telling or len(places)))
        return Interval(value, *((bound, 1.0) if value else (0.0, 1 - bound)), len(places))
    low, high = _percentiles(np.array(drawn))
    return Interval(value, low, high, len(places))


def paired_difference(
    values: Sequence[float],
    baseline: Sequence[float],
    clusters: Sequence[Hashable],
    seed: int = 0,
) -> Difference:
    """How far one system is above another on the same items, resampling whole clusters.

    The p is twice the smaller share of resamples on either side of 0, at least 1 / `RESAMPLES`.
    """
    gaps = np.asarray(values, dtype=np.float64) - np.asarray(baseline, dtype=np.float64)
    sums, sizes = _by_cluster(gaps, clusters)
    means = _resampled(sums, sizes, seed)
    low, high = _percentiles(means)
    tail = min(float((means <= 0).mean()), float((means >= 0).mean()))
    return Difference(float(gaps.mean()), low, high, min(1.0, max(2 * tail, 1 / RESAMPLES)))


def mcnemar(values: Sequence[float], baseline: Sequence[float]) -> float:
    """The exact two-sided p that two systems are right equally often on independent items scored 0 or 1.

    Source: McNemar (1947), by the binomial distribution of the discordant pairs.
    """
    above = sum(one > other for one, other in zip(values, baseline, strict=True))
    discordant = sum(one != other for one, other in zip(values, baseline, strict=True))
    fewer = min(above, discordant - above)
    tail = sum(comb(discordant, k) for k in range(fewer + 1))
    return min(1.0, 2 * tail / 2**discordant)


def _by_cluster(
    scores: NDArray[np.float64], clusters: Sequence[Hashable]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(clusters))}
    of_item = np.array([numbers[name] for name in clusters])
    sums = np.bincount(of_item, weights=scores).astype(np.float64)
    return sums, np.bincount(of_item).astype(np.float64)


def _resampled(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], seed: int
) -> NDArray[np.float64]:
    """Means of `RESAMPLES` draws of clusters with replacement."""
    rng, count = np.random.default_rng(seed), len(sums)
    means: list[NDArray[np.float64]] = []
    for _ in range(RESAMPLES // _CHUNK):
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=_CHUNK)
        means.append((drawn @ sums) / (drawn @ sizes))
    return np.concatenate(means)


def _percentiles(means: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(means, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)
