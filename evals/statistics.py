"""How sure a figure is: intervals and paired tests over the units of a data set.

One rule for all: whole units are resampled, and the interval is that of the percentiles. Resampling knows only what it
has seen, so where fewer than twenty units stand on the rarer side (two of 150 that fail, say) it is too narrow. There
the interval is widened: to what it would be with one more unit of the worst, and of the best, score, which for single
items of 0 and 1 is the exact binomial interval; what is no mean, by binomial bounds.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RESAMPLES",
    "Difference",
    "Interval",
    "Statistic",
    "drawn_statistics",
    "interval_of_mean",
    "interval_of_statistic",
    "mcnemar",
    "paired_difference",
]

RESAMPLES = 10_000
_LEVEL = 0.95
_CHUNK = 500
_STATISTIC_RESAMPLES = 1_000
_FEW = 10
_NOTHING = 1e-12

Statistic = Callable[[NDArray[np.int64]], float | None]


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

    Where few clusters stand on one side and all values lie in [0, 1], one more cluster widens it.

    Args:
        values: One score an item; at least one.
        clusters: What each item belongs to (document, patient, question); the unit that is independent.
        seed: Of the resampling.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13; Clopper and Pearson (1934).
    """
    scores = np.asarray(values, dtype=np.float64)
    sums, sizes = _by_cluster(scores, clusters)
    mean, units = float(scores.mean()), len(sums)
    bounds = _percentiles(_resampled(sums, sizes, seed))
    if mean in {0.0, 1.0}:
        bounds = _binomial(mean, units)
    elif _is_share(scores) and _rarer(sums - mean * sizes) < 2 * _FEW:
        worst, best = _with_one_more(sums, sizes, (0.0, 1.0), seed)
        bounds = _outer(bounds, (_percentiles(worst)[0], _percentiles(best)[1]))
    return Interval(mean, *bounds, units)


def interval_of_statistic(
    statistic: Statistic,
    clusters: Sequence[Hashable],
    seed: int = 0,
    telling: int | None = None,
    *,
    share: bool = True,
) -> Interval | None:
    """What is no mean, with the percentile interval of 1,000 draws of whole clusters; None where it has no value.

    The binomial interval widens it where few clusters stand on one side, as in `interval_of_mean`; how much each does
    is told by leaving it out.

    Args:
        statistic: Its value over the items of these places; None where they allow none (one class only): such draws
            are left out.
        clusters: What each item belongs to.
        seed: Of the resampling.
        telling: How many of the clusters bear on it, if not all (those with a positive, for an F1).
        share: Whether it is a share of what the clusters hold (F1, AUROC, coverage); else resampling is all there is.
    """
    places = _places(clusters)
    value = statistic(np.arange(len(clusters)))
    if value is None:
        return None
    bounds = _percentiles(drawn_statistics(statistic, clusters, seed))
    if share:
        pulls = _left_out(statistic, places, value)
        bounds = _widened(bounds, value, pulls, telling or len(places))
    return Interval(value, *bounds, len(places))


def drawn_statistics(
    statistic: Statistic, clusters: Sequence[Hashable], seed: int = 0
) -> NDArray[np.float64]:
    """Its values over 1,000 draws of whole clusters, without those that allow none."""
    places = _places(clusters)
    rng = np.random.default_rng(seed)
    drawn: list[float] = []
    for _ in range(_STATISTIC_RESAMPLES):
        chosen: list[int] = rng.integers(0, len(places), len(places)).tolist()
        if (one := statistic(np.concatenate([places[i] for i in chosen]))) is not None:
            drawn.append(one)
    return np.array(drawn)


def paired_difference(
    values: Sequence[float],
    baseline: Sequence[float],
    clusters: Sequence[Hashable],
    seed: int = 0,
) -> Difference:
    """How far one system is above another on the same items, resampling whole clusters.

    The p is twice the smaller share of resamples on either side of 0, at least 1 / `RESAMPLES`. Where few clusters
    stand on one side of the difference, one more that speaks against it is thrown in, for the interval and for the p;
    of single items that are right or wrong this is the sign test.
    """
    gaps = np.asarray(values, dtype=np.float64) - np.asarray(baseline, dtype=np.float64)
    sums, sizes = _by_cluster(gaps, clusters)
    mean = float(gaps.mean())
    means = _resampled(sums, sizes, seed)
    bounds, low, high = _percentiles(means), means, means
    if _is_share(np.abs(gaps)) and _rarer(sums - mean * sizes) < 2 * _FEW:
        low, high = _with_one_more(sums, sizes, (-1.0, 1.0), seed)
        bounds = _outer(bounds, (_percentiles(low)[0], _percentiles(high)[1]))
    tail = min(float((low <= 0).mean()), float((high >= 0).mean()))
    return Difference(mean, *bounds, min(1.0, max(2 * tail, 1 / RESAMPLES)))


def mcnemar(values: Sequence[float], baseline: Sequence[float]) -> float:
    """The exact two-sided p that two systems are right equally often on independent items scored 0 or 1.

    Source: McNemar (1947), by the binomial distribution of the discordant pairs.
    """
    pairs = list(zip(values, baseline, strict=True))
    return _sign_test(
        sum(one > other for one, other in pairs), sum(one < other for one, other in pairs)
    )


def _sign_test(above: int, below: int) -> float:
    tail = sum(comb(above + below, k) for k in range(min(above, below) + 1))
    return min(1.0, 2 * tail / 2 ** (above + below))


def _is_share(values: NDArray[np.float64]) -> bool:
    return bool((values >= 0).all() and (values <= 1).all())


def _rarer(pulls: NDArray[np.float64]) -> int:
    """How many units stand on the rarer side of a figure, by what each adds to it: k where k of many fail."""
    return min(int((pulls > _NOTHING).sum()), int((pulls < -_NOTHING).sum()))


def _left_out(
    statistic: Statistic, places: Sequence[NDArray[np.int64]], value: float
) -> NDArray[np.float64]:
    """How far the statistic moves as each cluster is left out; nothing where it has no value without one of them."""
    pulls: list[float] = []
    for i in range(len(places)):
        others = [*places[:i], *places[i + 1 :]]
        without = statistic(np.concatenate(others)) if others else None
        if without is None:
            return np.zeros(0)
        pulls.append(without - value)
    return np.array(pulls)


def _widened(
    bounds: tuple[float, float], share: float, pulls: NDArray[np.float64], units: int
) -> tuple[float, float]:
    """The bounds, or the exact binomial ones where few units stand on one side and these are wider.

    Args:
        bounds: By resampling.
        share: What they are of.
        pulls: What each unit adds to it.
        units: How many independent trials there are at the least.

    Source: Korn and Graubard, Confidence intervals for proportions with small expected number of positive counts
        estimated from survey data (1998), for the number of trials that a spread speaks for.
    """
    known = _rarer(pulls) / _FEW - 1
    if known >= 1:
        return bounds
    trials, spoken_for = float(units), share * (1 - share)
    if known > 0 and spoken_for > 0:
        told = spoken_for / float(np.square(pulls).sum())
        trials = 1 / (known / told + (1 - known) / units)
    return _outer(bounds, _binomial(share, trials))


def _binomial(share: float, trials: float) -> tuple[float, float]:
    """The exact interval of a share of independent trials; what it counts need not be whole."""
    from scipy.special import betaincinv

    tail, hits = (1 - _LEVEL) / 2, share * trials
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return low, high


def _outer(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])


def _places(clusters: Sequence[Hashable]) -> list[NDArray[np.int64]]:
    """The places of the items of each cluster."""
    members: dict[Hashable, list[int]] = {}
    for place, name in enumerate(clusters):
        members.setdefault(name, []).append(place)
    return [np.array(one, np.int64) for one in members.values()]


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


def _with_one_more(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], scores: tuple[float, float], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means of `RESAMPLES` weightings of the clusters and one more, of the worst and then of the best score.

    Source: Rubin, The Bayesian Bootstrap (1981). With a unit at the bound, the weights of 0 and 1 are the Beta
    distributions of Clopper and Pearson (1934).
    """
    rng, size = np.random.default_rng(seed), float(sizes.mean())
    found: tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]] = ([], [])
    for _ in range(RESAMPLES // _CHUNK):
        drawn = rng.standard_exponential((_CHUNK, len(sums) + 1))
        own, more = drawn[:, :-1], drawn[:, -1] * size
        for kept, score in zip(found, scores, strict=True):
            kept.append((own @ sums + more * score) / (own @ sizes + more))
    return np.concatenate(found[0]), np.concatenate(found[1])


def _percentiles(means: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(means, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)
