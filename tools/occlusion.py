"""Which parts of an image make it like others: each is hidden in turn, and what that costs is measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from radcite.core.ports import ImageEncoder
from radcite.core.vectors import Pixels

__all__ = ["OcclusionMap", "occlusion"]

_CELLS = 8
_BATCH = 16


@dataclass(frozen=True, slots=True)
class OcclusionMap:
    """`similarity` is the cosine of the whole image and the others' mean direction.

    `drops` is a grid of rows by columns over the image: how much of that cosine is lost with the cell hidden;
    negative where hiding it makes the images more alike.
    """

    similarity: float
    drops: tuple[tuple[float, ...], ...]


async def occlusion(
    encoder: ImageEncoder, image: Pixels, others: Sequence[Pixels], cells: int = _CELLS
) -> OcclusionMap:
    """The map of one image with respect to another, or to those of a label; it costs `cells` squared encodings.

    A cell is hidden by the image's mean shade, over a third more than its own size, so that no border of it stays.

    Raises:
        RadciteError: `EMBEDDING_INVALID`.

    Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014, section 4.2.
    """
    vectors = await encoder.encode([image, *others])
    aim = vectors[1:].mean(axis=0)
    aim /= max(float(np.linalg.norm(aim)), 1e-12)
    whole = float(vectors[0] @ aim)
    hidden: list[float] = []
    places = [(row, column) for row in range(cells) for column in range(cells)]
    for start in range(0, len(places), _BATCH):
        batch = [_without(image, place, cells) for place in places[start : start + _BATCH]]
        hidden += (await encoder.encode(batch) @ aim).tolist()
    drops = (whole - np.array(hidden)).reshape(cells, cells).round(5).tolist()
    return OcclusionMap(round(whole, 5), tuple(tuple(row) for row in drops))


def _without(image: Pixels, place: tuple[int, int], cells: int) -> Pixels:
    changed = image.copy()
    spans: list[slice] = []
    for at, size in zip(place, image.shape[:2], strict=True):
        reach = size / cells / 6
        start, end = at * size / cells - reach, (at + 1) * size / cells + reach
        spans.append(slice(max(0, round(start)), max(1, round(end))))
    changed[tuple(spans)] = image.mean(axis=(0, 1)).astype(np.uint8)
    return changed
