"""Places of text in pictures, as reading tells them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Box", "Reading", "TextPlace"]

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
