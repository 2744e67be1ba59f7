"""Words in a picture, with their places: the detector and recogniser that rapidocr carries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.vectors import Pixels

if TYPE_CHECKING:
    from rapidocr import RapidOCR

__all__ = ["Word", "looks_written", "words_in"]

# Chinese and English; offline, its models lie in its wheel.
_ENGINE = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.text_score": 0.0,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
_MOST_OBLONG = 24
# rapidocr's own: to what it enlarges the short side, and shrinks the long one.
_SHORTEST_SIDE, _LONGEST_SIDE = 736, 2000
_LEAST_SIDE = 32
_EASY = 0.2
# Parts are looked at closer than the whole, as the smallest letters stand on the edge of what is seen.
_CLOSER = 1.5


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text in a picture: its box (x0, y0, x1, y1) in pixels, and how sure the recogniser is, 0 to 1.

    The text may be a patient's name: it stays in the worker.
    """

    box: tuple[int, int, int, int]
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
    found = cast("_Found", _engine()(np.ascontiguousarray(_less_oblong(_coloured(picture)))))
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    return [
        Word(_upright(corners, picture.shape), float(score), text)
        for corners, score, text in zip(found.boxes, found.scores, found.txts, strict=True)
    ]


def looks_written(picture: Pixels, boxes: Iterable[tuple[int, int, int, int]]) -> bool:
    """Whether the detector sees text in one of some parts (x0, y0, x1, y1) of a picture, closer than in the whole."""
    import cv2

    scale = _CLOSER * _scale_of(picture)
    # Where the whole's blocks of pixels begin, so that a part is seen as it would be within the whole.
    block = _LEAST_SIDE / scale
    for x0, y0, x1, y1 in boxes:
        left, top = round(x0 // block * block), round(y0 // block * block)
        part = _coloured(picture[top:y1, left:x1])
        if part.size == 0:
            continue
        sized = cv2.resize(part, None, fx=scale, fy=scale) if scale != 1 else part
        rows, columns = sized.shape[:2]
        # It rounds either side to such a multiple, and would shrink small letters by as much as a third.
        more = ((0, -rows % _LEAST_SIDE), (0, -columns % _LEAST_SIDE), (0, 0))
        found = cast("_Found", _detector()(np.pad(sized, more, mode="edge")))
        if found.boxes is not None and len(found.boxes):
            return True
    return False


def _scale_of(picture: Pixels) -> float:
    """By how much the engine enlarges or shrinks a whole picture before it looks."""
    shorter, longer = sorted(picture.shape[:2])
    if longer > _LONGEST_SIDE:
        return _LONGEST_SIDE / longer
    return max(1.0, _SHORTEST_SIDE / shorter)


def _coloured(picture: Pixels) -> Pixels:
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)


def _less_oblong(colours: Pixels) -> Pixels:
    """A strip with its edge repeated: the detector enlarges the short side, and would the long one beyond measure."""
    rows, columns = colours.shape[:2]
    least = max(rows, columns) // _MOST_OBLONG
    below, beside = max(0, least - rows), max(0, least - columns)
    if not below and not beside:
        return colours
    return np.pad(colours, ((0, below), (0, beside), (0, 0)), mode="edge")


def _upright(corners: NDArray[np.float32], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    x0, y0 = (max(int(side), 0) for side in low)
    return x0, y0, min(int(high[0]), shape[1]), min(int(high[1]), shape[0])


@cache
def _engine() -> "RapidOCR":
    from rapidocr import RapidOCR

    return RapidOCR(params=_ENGINE)


@cache
def _detector() -> "RapidOCR":
    """The detector alone, easier to move than in a whole picture, and without enlargement of its own."""
    from rapidocr import RapidOCR

    own = {"Global.use_rec": False, "Det.limit_side_len": _LEAST_SIDE}
    easy = {"Det.thresh": _EASY, "Det.box_thresh": _EASY}
    return RapidOCR(params={**_ENGINE, **own, **easy})
