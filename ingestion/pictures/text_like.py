"""Where a picture may hold text, told by its strokes alone: quick, and sure of text more than of anything else."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.vectors import Pixels

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["text_like"]

# Letters of 8 to 24 pixels at each scale.
_SCALES = (1.0, 0.5, 0.25)
_STROKE = 13
_CONTRAST = 20
_WINDOW = (5, 24)
_ALTERNATING = 0.24
# Small Chinese characters are a blot without strokes, but steep all over.
_STEEP_WINDOW = (5, 12)
_STEEP = 0.5
_LEAST = (8, 4)


def text_like(picture: Pixels) -> list[tuple[int, int, int, int]]:
    """Boxes (x0, y0, x1, y1) in which thin strokes follow one another along a row, as letters do.

    Much else looks so too, hair and ribs among it: what is found is to be read, what is not found need not be.

    Args:
        picture: (rows, columns) grey or (rows, columns, 3) RGB.
    """
    import cv2

    found = np.zeros(picture.shape[:2], np.uint8)
    for plane in _planes(picture):
        for scale in _SCALES:
            found |= _at_scale(plane, scale)
    stats = cast("NDArray[np.int32]", cv2.connectedComponentsWithStats(found)[2])
    return [
        (int(x), int(y), int(x + width), int(y + height))
        for x, y, width, height, _ in stats[1:]
        if width >= _LEAST[0] and height >= _LEAST[1]
    ]


def _planes(picture: Pixels) -> "Iterator[Pixels]":
    # Letters may stand out in one colour alone.
    if picture.ndim == 2:
        yield picture
    else:
        for channel in range(picture.shape[2]):
            yield np.ascontiguousarray(picture[..., channel])


def _at_scale(plane: Pixels, scale: float) -> NDArray[np.uint8]:
    import cv2

    rows, columns = plane.shape
    if min(rows, columns) * scale < _WINDOW[1]:
        return np.zeros(plane.shape, np.uint8)
    size = (round(columns * scale), round(rows * scale))
    small = plane if scale == 1 else cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (_STROKE, _STROKE))
    steps = np.zeros(small.shape[:2], np.float32)
    steps[:, 1:] = cast("Any", cv2.absdiff(small[:, 1:], small[:, :-1])) >= _CONTRAST
    found = _share(steps, _STEEP_WINDOW) >= _STEEP
    for way in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        strokes = cast("Any", cv2.morphologyEx(small, way, kernel)) > _CONTRAST
        edges = np.zeros(strokes.shape, np.float32)
        edges[:, 1:] = strokes[:, 1:] != strokes[:, :-1]
        found |= _share(edges, _WINDOW) >= _ALTERNATING
    marked = found.astype(np.uint8)
    if scale == 1:
        return marked
    whole = cv2.resize(marked, (columns, rows), interpolation=cv2.INTER_NEAREST)
    return cast("NDArray[np.uint8]", whole)


def _share(marked: NDArray[np.float32], window: tuple[int, int]) -> NDArray[np.float32]:
    import cv2

    rows, columns = window
    return cast("NDArray[np.float32]", cv2.boxFilter(marked, -1, (columns, rows)))
