"""Text in the frames of one image: which frames are read, and how one that is not read is known to show none besides.

Of frames that are not read, the brightest and the darkest value of every pixel are put together to two pictures:
lettering that any of them shows stands there too, and its frame is read then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.core.vectors import Pixels
from radcite.ingestion.dicom.attributes import numbers
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.text_places import Box, Reading, TextPlace, covers

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

__all__ = ["frame_places"]

_ACROSS = 8
_EXTRA = 4
# Shares of pixels that differ by `_STEP` levels, above which a frame is worth reading.
_CHANGED = 0.0005
_CHANGED_MUCH = 0.003
_STEP = 60
_CLIPPED = 0.002
# Frames that are put together at once, and the bytes they may hold.
_TOGETHER = 32
_MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame as displayed and, where the window cuts values off, over its full range; whether it is read anyway."""

    number: int
    views: tuple[Pixels, ...]
    chosen: bool


def frame_places(
    dataset: "FileDataset", limits: Limits, read: Callable[[Pixels], Reading]
) -> tuple[TextPlace, ...]:
    """The places of text that have to go, each with the frame that shows it; one box is told once.

    Up to eight frames across the whole are read, less where they show what an earlier one showed, up to four more
    that differ much from all of these, and of the others those whose lettering stands out of all others together.

    Raises:
        RadciteError: As `decode_frames`.
    """
    found: dict[Box, TextPlace] = {}
    frames = _frames(dataset, limits)
    for first in frames:
        together = min(_TOGETHER, max(1, _MOST_BYTES // sum(view.nbytes for view in first.views)))
        block = [first, *islice(frames, together - 1)]
        for frame in block:
            if frame.chosen:
                _take(found, frame, read)
        rest = [frame for frame in block if not frame.chosen]
        for frame in _lettered(rest, read, found):
            _take(found, frame, read)
    return tuple(found.values())


def _take(found: dict[Box, TextPlace], frame: _Frame, read: Callable[[Pixels], Reading]) -> None:
    for view in frame.views:
        for place in read(view).places:
            found.setdefault(place.box, replace(place, frame=frame.number))


def _lettered(
    frames: Sequence[_Frame], read: Callable[[Pixels], Reading], found: dict[Box, TextPlace]
) -> Iterator[_Frame]:
    """Frames that show text where none was found so far."""
    for view in (0, 1):
        seen = [frame for frame in frames if len(frame.views) > view]
        if not seen:
            return
        stack = np.stack([frame.views[view] for frame in seen])
        usual = stack.mean(axis=0)
        for most, which in ((stack.max(0), stack.argmax(0)), (stack.min(0), stack.argmin(0))):
            for place in read(most).places:
                if not any(covers(box, place.box) for box in found):
                    yield seen[_source(place.box, most, usual, which)]


def _source(box: Box, most: Pixels, usual: NDArray[np.float64], which: NDArray[np.intp]) -> int:
    """Which of the frames gave most of the pixels that stand out in a box."""
    x0, y0, x1, y1 = box
    out = np.abs(most[y0:y1, x0:x1] - usual[y0:y1, x0:x1])
    return int(np.bincount(which[y0:y1, x0:x1][out >= out.max() / 2]).argmax())


def _frames(dataset: "FileDataset", limits: Limits) -> Iterator[_Frame]:
    from radcite.ingestion.dicom.pixels import decode_frames
    from radcite.ingestion.dicom.render import full_range, render

    count = max(1, int(next(iter(numbers(dataset, "NumberOfFrames")), 1)))
    across = {round(step * (count - 1) / max(_ACROSS - 1, 1)) for step in range(_ACROSS)}
    read: list[NDArray[np.int16]] = []
    extra = _EXTRA
    for number, stored in enumerate(decode_frames(dataset, limits)):
        picture = render(stored, dataset, number)
        grey = (picture if picture.ndim == 2 else picture.mean(axis=2)).astype(np.int16)
        new = min((float((abs(grey - other) > _STEP).mean()) for other in read), default=1.0)
        chosen = new > _CHANGED if number in across else extra > 0 and new > _CHANGED_MUCH
        if chosen:
            extra -= number not in across
            read.append(grey)
        beyond = _beyond_the_window(picture, full_range(stored, dataset, number))
        yield _Frame(number, (picture, *beyond), chosen)


def _beyond_the_window(picture: Pixels, whole: Pixels | None) -> tuple[Pixels, ...]:
    """The full range as a picture, where the window hides structure of it."""
    if whole is None or picture.shape != whole.shape:
        return ()
    hidden = ((picture == 0) & (whole > _STEP)) | ((picture == 255) & (whole < 255 - _STEP))
    return (whole,) if float(hidden.mean()) > _CLIPPED else ()
