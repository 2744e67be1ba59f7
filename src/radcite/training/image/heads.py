"""Linear heads on the trunk's features: ridge regression on the labels, then calibrated on images it was not fitted to.

Source: Guo et al., arXiv 1706.04599 (temperature); Hoerl and Kennard, Technometrics 1970 (ridge).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["Directions", "Scoring", "fit_directions", "least_for", "ridge", "sharpness"]

_Real = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Directions:
    """Principal directions of standardised features.

    A row of features f becomes `((f - mean) * scale) @ basis`, (components,).
    """

    mean: _Real
    scale: _Real
    basis: _Real

    def lay(self, features: NDArray[np.floating]) -> _Real:
        """Features, (n, width), along the directions, (n, components)."""
        laid = ((features.astype(np.float32) - self.mean) * self.scale) @ self.basis
        return laid.astype(np.float32)

    def unfold(self, rows: _Real, offset: _Real) -> tuple[_Real, _Real]:
        """A linear map of laid rows as one of features: (width, out) and (out,)."""
        whole = self.scale[:, None] * (self.basis @ rows)
        return whole.astype(np.float32), (offset - self.mean @ whole).astype(np.float32)


def fit_directions(
    clean: NDArray[np.floating], views: NDArray[np.floating], blocks: Sequence[int], components: int
) -> Directions:
    """Directions of the training images and their views.

    Args:
        clean: (images, width); means and deviations are taken here.
        views: (views, images, width); the first two are enough.
        blocks: Widths of the blocks of features, which all weigh the same.
        components: How many directions.
    """
    first = clean.astype(np.float32)
    mean, deviation = first.mean(axis=0), first.std(axis=0)
    weight = np.concatenate([np.full(n, (n * len(blocks)) ** -0.5) for n in blocks])
    scale = (weight / (deviation + 0.1 * deviation.mean() + 1e-6)).astype(np.float32)
    stacked = np.concatenate([clean[None], views[:2]]).reshape(-1, clean.shape[1])
    rows = (stacked.astype(np.float32) - mean) * scale
    values, vectors = np.linalg.eigh(rows @ rows.T)
    kept = np.argsort(-values)[: min(components, len(rows))]
    basis = rows.T @ (vectors[:, kept] / np.sqrt(np.maximum(values[kept], 1e-9)))
    return Directions(mean, scale, basis.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Scoring:
    """A linear map of laid rows to a score a class."""

    rows: _Real
    offset: _Real

    def __call__(self, laid: _Real) -> _Real:
        """Scores, (n, classes)."""
        return laid @ self.rows + self.offset


def ridge(
    laid: _Real, labels: NDArray[np.int64], classes: int, strength: float, repeats: int
) -> Scoring:
    """Ridge regression on one-hot labels; `repeats` is how often each image stands among the rows."""
    wanted = np.eye(classes, dtype=np.float32)[labels]
    middle, share = laid.mean(axis=0), wanted.mean(axis=0)
    moved = (laid - middle).astype(np.float64)
    square = moved.T @ moved / repeats + strength * np.eye(laid.shape[1])
    rows = cast("_Real", np.linalg.solve(square, moved.T @ (wanted - share) / repeats))
    return Scoring(rows.astype(np.float32), (share - middle @ rows).astype(np.float32))


def sharpness(scores: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """What to multiply scores by so that their softmax is likeliest: one over the temperature."""
    tried = np.geomspace(0.5, 60, 80)
    return float(tried[np.argmin([_surprise(scores * one, labels) for one in tried])])


def least_for(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], precision: float
) -> float:
    """The lowest probability from which the labels said are right in at least that share; 1.01 if none is."""
    best, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    order = np.argsort(-best, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= precision)
    return float(best[order[enough[-1]]]) if len(enough) else 1.01


def _surprise(scores: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    top = scores.max(axis=1, keepdims=True)
    whole = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
    return float((whole - scores[np.arange(len(labels)), labels]).mean())
