"""Objects put together into the series they were acquired as."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from radcite.core.study_objects import StudyObject
from radcite.ingestion.dicom.planes import SAME_PLANE_MM, places, spacing_of

__all__ = ["Series", "group_series"]


@dataclass(frozen=True, slots=True)
class Series:
    """The objects of one Series Instance UID in order, and the one that stands for them.

    `key` is the middle object among those with a picture, None where none has any. `places_mm` are the
    slice planes' distances along the common normal, in the objects' order; None without common geometry.
    `slice_spacing_mm` is the median distance of neighbouring planes, of the frames where there is one
    object alone, None for fewer than two planes.
    """

    series: str = field(repr=False)
    study: str = field(repr=False)
    objects: tuple[StudyObject, ...]
    key: StudyObject | None = field(repr=False)
    places_mm: tuple[float, ...] | None
    slice_spacing_mm: float | None


def group_series(objects: Iterable[StudyObject]) -> list[Series]:
    """Series in the order of their first object, their slices along the common normal.

    Slices of one plane, and series without a common orientation, go by instance number.
    """
    grouped: dict[str, list[StudyObject]] = {}
    for one in objects:
        grouped.setdefault(one.series, []).append(one)
    return [_series(members) for members in grouped.values()]


def _series(members: list[StudyObject]) -> Series:
    members = sorted(members, key=lambda one: (one.instance_number or 0, one.instance))
    found = places([(one.position, one.orientation) for one in members])
    if found is not None:
        steps = [round(place / SAME_PLANE_MM) for place in found]
        order = sorted(range(len(members)), key=lambda index: steps[index])
        members, found = [members[index] for index in order], [found[index] for index in order]
    shown = [one for one in members if one.image]
    return Series(
        series=members[0].series,
        study=members[0].study,
        objects=tuple(members),
        key=shown[len(shown) // 2] if shown else None,
        places_mm=None if found is None else tuple(found),
        slice_spacing_mm=members[0].slice_spacing_mm if len(members) == 1 else spacing_of(found),
    )
