"""Words in a picture, with their places: the detector and recogniser that rapidocr carries.

`glance` is the detector alone at half the size and eager: a quarter of the cost, and a first look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.vectors import Pixels

if TYPE_CHECKING:
    from rapidocr import RapidOCR

__all__ = ["Box", "Word", "glance", "words_in"]

# Chinese and English; offline, its models lie in its wheel.
_ENGINE = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.text_score": 0.0,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
# What the reader brings a picture's shorter side to, and its longer one: rapidocr's own.
_SHORTER, _LONGER = 736, 2_000
_HALF = 0.5
_MOST_ENLARGED = 2.0
# Nothing of a picture smaller than this both ways is legible to the reader.
_SMALLEST = 32
_EAGER = {
    "Det.limit_type": "min",
    "Det.limit_side_len": _SMALLEST,
    "Det.thresh": 0.2,
    "Det.box_thresh": 0.3,
    "Global.use_rec": False,
}

Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text in a picture: its box (x0, y0, x1, y1) in pixels, and how sure the recogniser is, 0 to 1.

    The text may be a patient's name: it stays in the worker.
    """

    box: Box
    score: float
    text: str = field(repr=False)


class _Found(Protocol):
    boxes: NDArray[np.float32] | None
    txts: Sequence[str] | None
    scores: Sequence[float] | None


def words_in(picture: Pixels) -> list[Word]:
    """The lines of text of a picture, in the detector's order.

    The detector looks first; the recogniser reads only where it saw something.

    Args:
        picture: (rows, columns) grey or (rows, columns, 3) RGB.
    """
    found = cast("_Found", _engine()(_colours(picture)))
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    return [
        Word(_upright(corners, picture.shape), float(score), text)
        for corners, score, text in zip(found.boxes, found.scores, found.txts, strict=True)
    ]


def glance(picture: Pixels) -> list[Box]:
    """Where there may be text, in pixels of the picture; nothing is read, and much of it is no text.

    Args:
        picture: (rows, columns) grey or (rows, columns, 3) RGB.
    """
    import cv2

    rows, columns = picture.shape[:2]
    if max(rows, columns) < _SMALLEST:
        return []
    read_at = max(min(1.0, _LONGER / max(rows, columns)), _SHORTER / min(rows, columns))
    scale = min(_HALF * read_at, _MOST_ENLARGED)
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cast("Pixels", cv2.resize(picture, size, interpolation=way))
    found = cast("_Found", _eager_engine()(_colours(small)))
    boxes = () if found.boxes is None else found.boxes
    grown = np.asarray((columns / size[0], rows / size[1]), dtype=np.float32)
    return [_upright(corners * grown, picture.shape) for corners in boxes]


def _colours(picture: Pixels) -> Pixels:
    colours = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    return np.ascontiguousarray(colours)


def _upright(corners: NDArray[np.float32], shape: tuple[int, ...]) -> Box:
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    x0, y0 = (max(int(side), 0) for side in low)
    return x0, y0, min(int(high[0]), shape[1]), min(int(high[1]), shape[0])


@cache
def _engine() -> "RapidOCR":
    from rapidocr import RapidOCR

    return RapidOCR(params=_ENGINE)


@cache
def _eager_engine() -> "RapidOCR":
    from rapidocr import RapidOCR

    return RapidOCR(params=_ENGINE | _EAGER)
