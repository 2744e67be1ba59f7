"""Objects put together into the series they were acquired as."""

import itertools
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

from radcite.ingestion.dicom import DicomObject

__all__ = ["Series", "group_series"]

_SAME_PLANE_MM = 1e-3
_SAME_DIRECTION = 1e-2


@dataclass(frozen=True, slots=True)
class Series:
    """The objects of one Series Instance UID in order, and the one that stands for them.

    `key` is the middle object among those with pixels, None where none has any. `slice_spacing_mm`
    is the median distance of neighbouring slice planes, None for fewer than two planes or without
    geometry.
    """

    series: str = field(repr=False)
    study: str = field(repr=False)
    objects: tuple[DicomObject, ...]
    key: DicomObject | None = field(repr=False)
    slice_spacing_mm: float | None


def group_series(objects: Iterable[DicomObject]) -> list[Series]:
    """Series in the order of their first object, their slices along the common normal.

    Slices of one plane, and series without a common orientation, go by instance number.

    Source: DICOM PS3.3 C.7.6.2.1.1.
    """
    grouped: dict[str, list[DicomObject]] = {}
    for one in objects:
        grouped.setdefault(one.series, []).append(one)
    return [_series(members) for members in grouped.values()]


def _series(members: list[DicomObject]) -> Series:
    members = sorted(members, key=lambda one: (one.instance_number or 0, one.sop_instance))
    places = _along_normal(members)
    spacing = None
    if places is not None:
        steps = [round(place / _SAME_PLANE_MM) for place in places]
        order = sorted(range(len(members)), key=lambda index: steps[index])
        members = [members[index] for index in order]
        spacing = _spacing(sorted({places[index] for index in order}))
    shown = [one for one in members if one.frames]
    return Series(
        series=members[0].series,
        study=members[0].study,
        objects=tuple(members),
        key=shown[len(shown) // 2] if shown else None,
        slice_spacing_mm=spacing,
    )


def _along_normal(members: list[DicomObject]) -> list[float] | None:
    first = members[0].orientation
    if first is None:
        return None
    normal = _cross(first[:3], first[3:])
    places: list[float] = []
    for one in members:
        if one.position is None or one.orientation is None or not _parallel(one.orientation, first):
            return None
        places.append(sum(a * b for a, b in zip(one.position, normal, strict=True)))
    return places


def _parallel(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < _SAME_DIRECTION


def _cross(
    row: tuple[float, float, float], column: tuple[float, float, float]
) -> tuple[float, float, float]:
    return (
        row[1] * column[2] - row[2] * column[1],
        row[2] * column[0] - row[0] * column[2],
        row[0] * column[1] - row[1] * column[0],
    )


def _spacing(places: list[float]) -> float | None:
    gaps = [b - a for a, b in itertools.pairwise(places) if b - a > _SAME_PLANE_MM]
    return statistics.median(gaps) if gaps else None
