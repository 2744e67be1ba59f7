"""Where slice planes lie along their common normal.

Source: DICOM PS3.3 C.7.6.2.1.1.
"""

import itertools
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from radcite.ingestion.dicom.attributes import functional_group, items, numbers

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = [
    "SAME_PLANE_MM",
    "Orientation",
    "Position",
    "frame_places",
    "middle_frame",
    "places",
    "spacing_of",
]

Position = tuple[float, float, float]
Orientation = tuple[float, float, float, float, float, float]
SAME_PLANE_MM = 1e-3
_SAME_DIRECTION = 1e-2
_MOST_FRAMES = 20_000


def places(
    planes: Sequence[tuple[Position | None, Orientation | None]],
) -> list[float] | None:
    """The distance of each plane from the origin in mm; None unless all are parallel and placed."""
    first = planes[0][1] if planes else None
    if first is None:
        return None
    normal = _cross(first[:3], first[3:])
    found: list[float] = []
    for position, orientation in planes:
        if position is None or orientation is None or not _parallel(orientation, first):
            return None
        found.append(sum(a * b for a, b in zip(position, normal, strict=True)))
    return found


def spacing_of(found: Sequence[float] | None) -> float | None:
    """The median distance of neighbouring planes in mm, None for fewer than two."""
    steps = itertools.pairwise(sorted(found or ()))
    gaps = [b - a for a, b in steps if b - a > SAME_PLANE_MM]
    return statistics.median(gaps) if gaps else None


def frame_places(dataset: "Dataset", frames: int) -> list[float] | None:
    """`places` of the frames of a multi-frame object that gives each frame its plane."""
    if (
        not 1 < frames <= _MOST_FRAMES
        or len(items(dataset, "PerFrameFunctionalGroupsSequence")) < frames
    ):
        return None
    planes: list[tuple[Position | None, Orientation | None]] = []
    for frame in range(frames):
        plane = functional_group(dataset, "PlaneOrientationSequence", frame)
        place = functional_group(dataset, "PlanePositionSequence", frame)
        position = numbers(place, "ImagePositionPatient")
        orientation = numbers(plane, "ImageOrientationPatient")
        if len(position) != 3 or len(orientation) != 6:
            return None
        planes.append((position, orientation))
    return places(planes)


def middle_frame(dataset: "Dataset", frames: int) -> int:
    """The frame whose plane lies in the middle; by number where frames have no planes."""
    found = frame_places(dataset, frames)
    if found is None:
        return frames // 2
    return sorted(range(frames), key=lambda frame: (round(found[frame] / SAME_PLANE_MM), frame))[
        frames // 2
    ]


def _parallel(one: Orientation, other: Orientation) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < _SAME_DIRECTION


def _cross(row: Sequence[float], column: Sequence[float]) -> Position:
    return (
        row[1] * column[2] - row[2] * column[1],
        row[2] * column[0] - row[0] * column[2],
        row[0] * column[1] - row[1] * column[0],
    )
