"""The shapes that pass between encoders and indexes."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError

__all__ = ["Pixels", "SparseVector", "Vectors", "unit_rows"]

Vectors: TypeAlias = NDArray[np.float32]
"""Rows of unit length, float32, shape (n, dim)."""
Pixels: TypeAlias = NDArray[np.uint8]
"""A display-ready image: uint8, (height, width) grey or (height, width, 3) RGB; bright is dense."""


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Ascending distinct term numbers (uint32) and their weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


def unit_rows(rows: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1, as float32.

    Raises:
        RadciteError: `EMBEDDING_INVALID` for a row that is zero or not finite.
    """
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(rows).all() or (norms == 0).any():
        raise RadciteError(
            "EMBEDDING_INVALID", "a vector is zero or not finite", "向量为零或非有限值"
        )
    return np.asarray(rows / norms, dtype=np.float32)
