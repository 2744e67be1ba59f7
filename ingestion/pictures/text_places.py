"""Places of text in pictures, as reading tells them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Box", "Reading", "TextPlace", "covers"]

Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A line of text in a frame: its box in full-resolution pixels, how sure the reader is, what is to be done."""

    frame: int
    box: Box
    score: float
    verdict: Literal["mask", "hold"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading told of a picture: `places` that have to go, and the boxes of all `words`, those that stay too."""

    places: tuple[TextPlace, ...]
    words: tuple[Box, ...]


def covers(box: Box, other: Box) -> bool:
    """Whether at least nine tenths of a box are covered by another: a second reading places it a little otherwise."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    area = (other[2] - other[0]) * (other[3] - other[1])
    return width > 0 and height > 0 and width * height >= 0.9 * area
