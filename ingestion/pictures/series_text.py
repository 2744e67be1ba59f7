"""What was read of the pictures of a series, so that overlays which repeat over its files are not read each time.

A picture takes over what was read of an earlier one only where it shows the same in every place that has text,
and nothing else in it may be text that the earlier one did not show. Everything here stays in the worker process.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.vectors import Pixels
from radcite.ingestion.pictures.ocr import looks_written
from radcite.ingestion.pictures.text_like import text_like
from radcite.ingestion.pictures.text_places import Box, Reading, covers

__all__ = ["SeriesTexts", "series_texts"]

_SERIES = 4
_READINGS = 8
_MOST_BYTES = 96 << 20
# Of the pictures that repeat an earlier one, each of so many is read all the same.
_EVERY = 16
# Levels by which a lossy codec moves a pixel, and no stroke of a letter does.
_SAME = 12
_AROUND = 4
_CONTEXT = 24
# Where more of a picture is to be looked at, the whole is read.
_MOST_NEW = 0.6


@dataclass(slots=True)
class _Series:
    shown: list[tuple[Pixels, Reading]] = field(default_factory=list[tuple[Pixels, Reading]])
    repeated: int = 0
    trusted: bool = True


@dataclass(slots=True)
class SeriesTexts:
    """The readings of the last few series that a process saw."""

    _series: OrderedDict[str, _Series] = field(default_factory=OrderedDict[str, _Series])

    def reading(self, series: str, picture: Pixels, read: Callable[[Pixels], Reading]) -> Reading:
        """What is to be read of a picture: taken over from one of its series, or read.

        Args:
            series: The series' pseudonym.
            picture: (rows, columns) grey or (rows, columns, 3) RGB, as displayed.
            read: What reads it.
        """
        known = self._series.setdefault(series, _Series())
        self._series.move_to_end(series)
        earlier = self._repeats(known, picture)
        if earlier is not None:
            known.repeated += 1
            if known.repeated % _EVERY:
                return earlier
        made = read(picture)
        if earlier is not None and not _within(made, earlier):
            # The comparison passed over text: nothing of this series is taken over any more.
            known.trusted = False
        known.shown = [*known.shown, (picture, made)][-_READINGS:]
        self._forget()
        return made

    def _repeats(self, known: _Series, picture: Pixels) -> Reading | None:
        if not known.trusted or not known.shown:
            return None
        found = text_like(picture)
        return next(
            (made for shown, made in reversed(known.shown) if _same(picture, shown, made, found)),
            None,
        )

    def _forget(self) -> None:
        while len(self._series) > 1 and (
            len(self._series) > _SERIES or sum(map(_bytes_of, self._series.values())) > _MOST_BYTES
        ):
            self._series.popitem(last=False)


@cache
def series_texts() -> SeriesTexts:
    """Those of this process."""
    return SeriesTexts()


def _bytes_of(series: _Series) -> int:
    return sum(picture.nbytes for picture, _ in series.shown)


def _same(picture: Pixels, shown: Pixels, made: Reading, found: Sequence[Box]) -> bool:
    """Whether a picture shows what an earlier one did wherever that has text, and has none of its own besides."""
    if picture.shape != shown.shape:
        return False
    new = [box for box in _grown(found, _AROUND) if _differ(picture, shown, box)]
    if any(_differ(picture, shown, box) for box in _grown(made.words, _AROUND)):
        return False
    parts = _joined(new, picture.shape)
    if (
        sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in parts)
        > _MOST_NEW * picture.shape[0] * picture.shape[1]
    ):
        return False
    return not parts or not looks_written(picture, parts)


def _grown(boxes: Sequence[Box], by: int) -> list[Box]:
    return [(max(x0 - by, 0), max(y0 - by, 0), x1 + by, y1 + by) for x0, y0, x1, y1 in boxes]


def _joined(boxes: Sequence[Box], shape: tuple[int, ...]) -> list[Box]:
    """Boxes with what stands around them, as few as they can be without overlap of the grown ones."""
    import cv2

    marked = np.zeros(shape[:2], np.uint8)
    for x0, y0, x1, y1 in _grown(boxes, _CONTEXT):
        marked[y0:y1, x0:x1] = 1
    stats = cast("NDArray[np.int32]", cv2.connectedComponentsWithStats(marked)[2])
    return [(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[1:]]


def _differ(a: Pixels, b: Pixels, box: Box) -> bool:
    import cv2

    x0, y0, x1, y1 = box
    one, other = a[y0:y1, x0:x1], b[y0:y1, x0:x1]
    return one.size > 0 and int(cast("Pixels", cv2.absdiff(one, other)).max()) > _SAME


def _within(made: Reading, earlier: Reading) -> bool:
    """Whether the places that a picture has are covered by those taken over for it."""
    hidden = [place.box for place in earlier.places]
    return all(any(covers(box, place.box) for box in hidden) for place in made.places)
