"""DICOM objects to cases: one case a study and patient, found by the key slice of each of its series."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256

from radcite.core.language import detect_language
from radcite.core.ports import ImageStore
from radcite.core.sources import Case, CaseSeries, ImageRef
from radcite.core.study_objects import StoredObject, StudyObject
from radcite.ingestion.dicom.series import Series, group_series
from radcite.ingestion.writer import PendingCase

__all__ = ["allotted", "composed", "pending_study", "retired", "without"]


def composed(case_id: str, stored: Sequence[StoredObject]) -> Case | None:
    """The case that these objects of it make; None for none.

    Of several files of one instance the last stands. What an earlier version kept for the case as a whole stands
    until each of its files has been read again.
    """
    gone = set(retired(stored))
    members = list(
        {one.object.instance: one.object for one in stored if one.key not in gone}.values()
    )
    if not members:
        return None
    whole = [one for one in members if one.whole_case]
    grouped = group_series(one for one in members if not one.whole_case)
    keys = [each.key for each in grouped if each.key is not None]
    keys += [one for one in whole if one.image]
    report = "\n\n".join(_words(members))
    shown = [one for one in members if one.image] or members
    return Case(
        case_id=case_id,
        patient=next((one.patient for one in members if one.patient), None),
        images=tuple(map(_image, keys)),
        report=report,
        modality=_commonest(one.modality for one in shown),
        body_part=_commonest(one.body_part for one in shown),
        view=_commonest(one.view for one in shown),
        language=detect_language(report),
        series=tuple(map(_series, grouped)),
    )


def retired(stored: Sequence[StoredObject]) -> list[str]:
    """The keys of what an earlier version kept for a whole case and that rows of its own files tell better now."""
    own = [one.object for one in stored if not one.object.whole_case]
    whole = [one for one in stored if one.object.whole_case]
    told = {one.image for one in own if one.image}
    pictures = [one for one in whole if one.object.image in told]
    waiting = any(one.by_migration for one in own) or any(
        one.object.image and one.object.image not in told for one in whole
    )
    words = [] if waiting or not own else [one for one in whole if not one.object.image]
    return [one.key for one in (*pictures, *words)]


def allotted(
    before: Sequence[StoredObject], came: Sequence[tuple[str, StudyObject]]
) -> Mapping[str, list[StoredObject]]:
    """The objects of a study by the case that they belong to.

    A study is one patient's. Where its objects name several, each after the first has a case of its own; an object that
    names none belongs to the first's.

    Args:
        before: Those that stay, with their cases.
        came: Those of this run with the keys of their files.
    """
    cases: dict[str, list[StoredObject]] = {}
    owners: dict[str, str] = {}
    for one in before:
        cases.setdefault(one.case_id, []).append(one)
        if one.object.patient:
            owners.setdefault(one.object.patient, one.case_id)
    for key, one in came:
        if one.patient and one.patient not in owners:
            taken = one.study in owners.values()
            owners[one.patient] = f"{one.study}-{one.patient[2:]}" if taken else one.study
        name = owners.get(one.patient, one.study)
        cases.setdefault(name, []).append(StoredObject(key, name, one))
    return cases


async def pending_study(case: Case, images: ImageStore) -> PendingCase:
    """A composed case with the pictures by which it is found."""
    pictures = [(ref, await images.pixels(ref.digest, ref.frame)) for ref in case.images]
    # What the case says, not which files said it: a run after a kill sees only some of them.
    return PendingCase(case, sha256(case.model_dump_json().encode()).hexdigest(), pictures)


def without(stored: Iterable[StoredObject], keys: Collection[str]) -> list[StoredObject]:
    """Objects less those that these files gave.

    Words of which an earlier version did not note who said them go with an object that may have: one without a picture.
    """
    stored = list(stored)
    silenced = {
        one.case_id
        for one in stored
        if one.key in keys and one.object.by_migration and not one.object.image
    }
    return [
        one
        for one in stored
        if one.key not in keys
        and not (one.object.whole_case and one.object.text and one.case_id in silenced)
    ]


def _words(members: Sequence[StudyObject]) -> list[str]:
    """What the objects say, each once; what an earlier version kept of them together comes first."""
    told = "\n\n".join(one.text for one in members if one.whole_case and one.text)
    said = dict.fromkeys(one.text for one in members if one.text and not one.whole_case)
    return [*filter(None, [told]), *(text for text in said if text not in told)]


def _series(series: Series) -> CaseSeries:
    first = series.key or series.objects[0]
    about = dict.fromkeys(name for one in series.objects for name in one.refers_to)
    return CaseSeries(
        series=series.series,
        kind=first.kind,
        modality=first.modality,
        objects=tuple(one.instance for one in series.objects),
        places_mm=tuple(round(place, 3) for place in series.places_mm or ()),
        spacing_mm=first.spacing_mm,
        slice_spacing_mm=series.slice_spacing_mm,
        key=series.key.image if series.key else None,
        refers_to=tuple(about),
    )


def _image(one: StudyObject) -> ImageRef:
    return ImageRef(
        digest=one.image,
        uri=f"radcite-image:{one.image}/{one.frame}",
        frame=one.frame,
        modality=one.modality or None,
        spacing_mm=one.spacing_mm,
        laterality=one.laterality or None,
        view=one.view or None,
    )


def _commonest(values: Iterable[str]) -> str | None:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None
