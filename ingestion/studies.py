"""DICOM objects to cases: one case a study, found by the key slice of each of its series."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from radcite.core.language import detect_language
from radcite.core.sources import Case, CaseSeries, ImageRef
from radcite.ingestion.dicom.objects import DicomObject
from radcite.ingestion.dicom.planes import spacing_of
from radcite.ingestion.dicom.series import Series, group_series

__all__ = ["Study", "StudyBuilder", "merged"]

_ATTRIBUTES = ("patient", "modality", "body_part", "view")


@dataclass(frozen=True, slots=True)
class Study:
    """A study's case, the pseudonyms of the objects it was made of and, in their order, the files' digests."""

    case: Case
    instances: tuple[str, ...]
    digests: tuple[str, ...]


@dataclass(slots=True)
class StudyBuilder:
    """Collects the objects of an ingest without their pixels, which are stored as they come."""

    _objects: list[DicomObject] = field(default_factory=list[DicomObject])
    _digests: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, one: DicomObject, digest: str) -> None:
        """Take an object and the digest of its file."""
        if one.sop_instance not in self._digests:
            self._objects.append(replace(one, pixels=None))
            self._digests[one.sop_instance] = digest

    def studies(self) -> list[Study]:
        """The studies collected, in the order of their first objects."""
        grouped: dict[str, list[DicomObject]] = {}
        for one in self._objects:
            grouped.setdefault(one.study, []).append(one)
        return [self._study(study, members) for study, members in grouped.items()]

    def _study(self, study: str, members: list[DicomObject]) -> Study:
        grouped = group_series(members)
        keys = tuple(self._image(series.key) for series in grouped if series.key is not None)
        report = "\n\n".join(one.text for one in members if one.text)
        patient = next((one.patient for one in members if one.patient), None)
        shown = [one for one in members if one.is_picture] or members
        case = Case(
            case_id=study,
            patient=patient,
            images=keys,
            report=report,
            modality=_commonest(one.modality for one in shown),
            body_part=_commonest(one.body_part for one in shown),
            view=_commonest(one.view for one in shown),
            language=detect_language(report),
            series=tuple(map(self._series, grouped)),
        )
        digests = tuple(self._digests[one.sop_instance] for one in members)
        return Study(case, tuple(one.sop_instance for one in members), digests)

    def _series(self, series: Series) -> CaseSeries:
        first = series.key or series.objects[0]
        about = dict.fromkeys(name for one in series.objects for name in one.refers_to)
        return CaseSeries(
            series=series.series,
            kind=first.sop_class_name.removesuffix(" Storage"),
            modality=first.modality,
            objects=tuple(one.sop_instance for one in series.objects),
            places_mm=tuple(round(place, 3) for place in series.places_mm or ()),
            spacing_mm=first.spacing_mm,
            slice_spacing_mm=series.slice_spacing_mm,
            key=self._digests[series.key.sop_instance] if series.key else None,
            refers_to=tuple(about),
        )

    def _image(self, one: DicomObject) -> ImageRef:
        digest = self._digests[one.sop_instance]
        frame = one.key_frame or 0
        return ImageRef(
            digest=digest,
            uri=f"radcite-image:{digest}/{frame}",
            frame=frame,
            modality=one.modality or None,
            spacing_mm=one.spacing_mm,
            laterality=one.laterality or None,
            view=one.view or None,
        )


def merged(earlier: Case, later: Case) -> Case:
    """A stored case with the images and words that came to it; the same case when nothing did."""
    images = {(ref.digest, ref.frame): ref for ref in (*later.images, *earlier.images)}
    ordered = dict.fromkeys((ref.digest, ref.frame) for ref in (*earlier.images, *later.images))
    new_words = later.report if later.report not in earlier.report else ""
    named = {name: getattr(earlier, name) or getattr(later, name) for name in _ATTRIBUTES}
    return earlier.model_copy(
        update={
            **named,
            "series": _merged_series(earlier.series, later.series),
            "images": tuple(images[key] for key in ordered),
            "report": "\n\n".join(text for text in (earlier.report, new_words) if text),
        }
    )


def _merged_series(
    earlier: tuple[CaseSeries, ...], later: tuple[CaseSeries, ...]
) -> tuple[CaseSeries, ...]:
    series = {one.series: one for one in earlier}
    for one in later:
        known = series.get(one.series)
        series[one.series] = one if known is None else _joined(known, one)
    return tuple(series.values())


def _joined(earlier: CaseSeries, later: CaseSeries) -> CaseSeries:
    """A series of which some objects came earlier and some later; the same when none is new."""
    if set(later.objects) <= set(earlier.objects):
        return earlier
    objects = tuple(dict.fromkeys((*earlier.objects, *later.objects)))
    placed = {
        name: place
        for one in (later, earlier)
        for name, place in zip(one.objects, one.places_mm, strict=False)
    }
    if placed.keys() < set(objects):
        placed = {}
    return earlier.model_copy(
        update={
            "objects": tuple(sorted(objects, key=lambda name: placed.get(name, 0.0))),
            "places_mm": tuple(sorted(placed.values())),
            "slice_spacing_mm": spacing_of(list(placed.values())) or earlier.slice_spacing_mm,
            "key": earlier.key or later.key,
            "refers_to": tuple(dict.fromkeys((*earlier.refers_to, *later.refers_to))),
        }
    )


def _commonest(values: Iterable[str]) -> str | None:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None
