"""Logistic ridge regression over the few traits that each text has: for readings of words that the package carries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Traits", "fitted"]

Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Flags = NDArray[np.bool_]
_NEWTON_STEPS = 25
_GRADIENT_STEPS = 60


@dataclass(frozen=True, slots=True)
class Traits:
    """Texts as rows of a sparse matrix, (count, width): text `rows[i]` has trait `places[i]` with `values[i]`."""

    rows: _Ints
    places: _Ints
    values: Floats
    count: int
    width: int

    @classmethod
    def of(cls, said: Sequence[Iterable[tuple[int, float]]], width: int) -> "Traits":
        """From each text's places and values."""
        told = [
            (row, place, value) for row, text in enumerate(said) for place, value in sorted(text)
        ]
        rows, places, values = zip(*told, strict=True) if told else ((), (), ())
        return cls(
            np.array(rows, dtype=np.int64),
            np.array(places, dtype=np.int64),
            np.array(values, dtype=np.float64),
            len(said),
            width,
        )

    def only(self, chosen: _Flags) -> "Traits":
        """The texts that are chosen, in their order."""
        kept = chosen[self.rows]
        place = np.cumsum(chosen) - 1
        return Traits(
            place[self.rows[kept]],
            self.places[kept],
            self.values[kept],
            int(chosen.sum()),
            self.width,
        )

    def times(self, weights: Floats) -> Floats:
        """The sum over each text's traits, (count,)."""
        found = np.bincount(self.rows, self.values * weights[self.places], minlength=self.count)
        return np.asarray(found, dtype=np.float64)

    def back(self, numbers: Floats) -> Floats:
        """The sum over the texts of each trait, (width,)."""
        found = np.bincount(self.places, self.values * numbers[self.rows], minlength=self.width)
        return np.asarray(found, dtype=np.float64)


def fitted(traits: Traits, labels: _Flags, costs: Floats, ridge: float) -> Floats:
    """Weights and, last, the bias, (width + 1,), by Newton's method with conjugate gradients.

    Args:
        traits: The texts.
        labels: Which of them are what is looked for.
        costs: What a text counts.
        ridge: Of the squared weights; the bias is free.
    """
    ridges = np.append(np.full(traits.width, ridge), 1e-6)
    weights = np.zeros(traits.width + 1)
    for _ in range(_NEWTON_STEPS):
        reading = traits.times(weights[:-1]) + weights[-1]
        chance = 1 / (1 + np.exp(-np.clip(reading, -30, 30)))
        miss = costs * (chance - labels)
        slope = np.append(traits.back(miss), miss.sum()) + ridges * weights
        if float(np.linalg.norm(slope)) < 1e-2:
            break
        bend = costs * chance * (1 - chance) + 1e-9
        weights = weights - _solved(traits, bend, ridges, slope)
    return weights


def _solved(traits: Traits, bend: Floats, ridges: Floats, slope: Floats) -> Floats:
    step = np.zeros_like(slope)
    left = slope.copy()
    way = left.copy()
    size = float(left @ left)
    for _ in range(_GRADIENT_STEPS):
        along = bend * (traits.times(way[:-1]) + way[-1])
        bent = np.append(traits.back(along), along.sum()) + ridges * way
        pace = size / float(way @ bent)
        step += pace * way
        left -= pace * bent
        next_size = float(left @ left)
        if next_size < 1e-6 * float(slope @ slope):
            break
        way = left + (next_size / size) * way
        size = next_size
    return step
