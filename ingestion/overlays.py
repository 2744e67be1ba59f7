"""What is known of the text over the pictures of one series, where the same overlay comes again and again.

The worker that read one picture of a series in full only glances at the next: where all that looks like text
lies where text is masked anyway, or is to the pixel what was read before and may stay, nothing is read again.
Anything else is read in full. What is known dies with the worker.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from radcite.core.vectors import Pixels
from radcite.ingestion.ocr import Box

__all__ = ["Overlays", "overlays_of"]

_MOST_SERIES = 32
_MOST_PLACES = 64
# How much of a suspected place must lie within a known one.
_WITHIN = 0.8
# By how much equal text may differ, of 255: codecs round, and noise shines through.
_EQUAL = 6.0

_KNOWN: OrderedDict[tuple[object, ...], "Overlays"] = OrderedDict()


@dataclass(slots=True)
class Overlays:
    """Places of one series: those that are masked, and those that may stay with what they looked like."""

    masked: dict[Box, None] = field(default_factory=dict[Box, None])
    kept: dict[Box, Pixels] = field(default_factory=dict[Box, Pixels])

    def learn(self, picture: Pixels, masked: Iterable[Box], kept: Iterable[Box]) -> None:
        """Take in what the reading of a whole picture found."""
        self.masked.update(dict.fromkeys(masked))
        self.kept.update({box: _crop(picture, box).copy() for box in kept})
        if len(self.masked) + len(self.kept) > _MOST_PLACES:
            # Text that is everywhere, or nowhere twice, is no overlay.
            self.masked.clear()
            self.kept.clear()

    def explain(self, picture: Pixels, suspected: Sequence[Box]) -> tuple[Box, ...] | None:
        """The known places that mask all that is suspected; None where something else is to be read."""
        if not self.masked and not self.kept:
            return None
        same = [box for box, look in self.kept.items() if _looks(picture, box, look)]
        used: dict[Box, None] = {}
        for box in suspected:
            over = next((known for known in self.masked if _within(box, known)), None)
            if over is not None:
                used[over] = None
            elif not any(_within(box, known) for known in same):
                return None
        return tuple(used)


def overlays_of(*series: object) -> Overlays:
    """What this process knows of a series, told by whatever its pictures have in common."""
    found = _KNOWN.pop(series, None) or Overlays()
    _KNOWN[series] = found
    while len(_KNOWN) > _MOST_SERIES:
        _KNOWN.popitem(last=False)
    return found


def _crop(picture: Pixels, box: Box) -> Pixels:
    x0, y0, x1, y1 = box
    return picture[y0:y1, x0:x1]


def _looks(picture: Pixels, box: Box, look: Pixels) -> bool:
    now = _crop(picture, box)
    if now.shape != look.shape or not now.size:
        return False
    return float(np.abs(now.astype(np.int16) - look.astype(np.int16)).mean()) < _EQUAL


def _within(box: Box, known: Box) -> bool:
    x0, y0, x1, y1 = box
    # A glance sees a line a little larger or smaller than reading does.
    more = (known[3] - known[1]) // 2
    across = min(x1, known[2] + more) - max(x0, known[0] - more)
    down = min(y1, known[3] + more) - max(y0, known[1] - more)
    return across > 0 and down > 0 and across * down >= _WITHIN * (x1 - x0) * (y1 - y0)
