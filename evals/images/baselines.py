"""The plainest image descriptors, for comparison: pixels, and histograms of gradients."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["hog_rows", "nearest", "pixel_rows"]

_Rows = NDArray[np.float64]


def pixel_rows(paths: Sequence[Path]) -> _Rows:
    """Grey values at 32 x 32, shape (n, 1024), each row centred and of unit length."""
    return _unit(np.stack([_grey(path, 32).ravel() for path in paths]))


def hog_rows(paths: Sequence[Path]) -> _Rows:
    """Histograms of gradients at 128 x 128 with scikit-image's defaults but cells of 16, unit rows."""
    from skimage import feature

    hog = cast("Any", feature).hog
    return _unit(
        np.stack([hog(_grey(path, 128), pixels_per_cell=(16, 16)) for path in paths]),
        centred=False,
    )


def nearest(rows: _Rows, groups: Sequence[Hashable]) -> list[int]:
    """For each row the nearest one by cosine that is of another group."""
    likeness = rows @ rows.T
    number = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    of_row = np.array([number[group] for group in groups])
    likeness[of_row[:, None] == of_row[None, :]] = -np.inf
    return [int(i) for i in likeness.argmax(axis=1)]


def _grey(path: Path, side: int) -> _Rows:
    from PIL import Image

    with Image.open(path) as image:
        small = image.convert("L").resize((side, side), Image.Resampling.BILINEAR)
        return np.asarray(small, dtype=np.float64) / 255


def _unit(rows: _Rows, *, centred: bool = True) -> _Rows:
    moved = rows - rows.mean(axis=1, keepdims=True) if centred else rows
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
