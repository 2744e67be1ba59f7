"""DICOM objects to cases: one case a study, found by the key slice of each of its series."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from radcite.core.language import detect_language
from radcite.core.pseudonym import pseudonym
from radcite.core.sources import Case, ImageRef
from radcite.ingestion.dicom import DicomObject
from radcite.ingestion.dicom_series import group_series

__all__ = ["Study", "StudyBuilder", "merged", "shown_by"]

_ATTRIBUTES = ("patient", "modality", "body_part", "view")


@dataclass(frozen=True, slots=True)
class Study:
    """A study's case and the pseudonyms of the objects it was made of."""

    case: Case
    instances: tuple[str, ...]


@dataclass(slots=True)
class StudyBuilder:
    """Collects the objects of an ingest without their pixels, which are stored as they come.

    Args:
        secret: The site's key, by which UIDs and patient ids become pseudonyms.
    """

    secret: bytes
    _objects: list[DicomObject] = field(default_factory=list[DicomObject])
    _digests: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, one: DicomObject, digest: str) -> None:
        """Take an object and the digest of its file."""
        if one.sop_instance not in self._digests:
            self._objects.append(replace(one, pixels=None))
            self._digests[one.sop_instance] = digest

    def instance(self, one: DicomObject) -> str:
        """The pseudonym of an object's SOP Instance UID."""
        return pseudonym(self.secret, "instance", one.sop_instance)

    def studies(self) -> list[Study]:
        """The studies collected, in the order of their first objects."""
        grouped: dict[str, list[DicomObject]] = {}
        for one in self._objects:
            grouped.setdefault(one.study, []).append(one)
        return [self._study(uid, members) for uid, members in grouped.items()]

    def _study(self, uid: str, members: list[DicomObject]) -> Study:
        keys = tuple(
            self._image(series.key) for series in group_series(members) if series.key is not None
        )
        report = "\n\n".join(one.text for one in members if one.text)
        patient = next((one.patient_id for one in members if one.patient_id), "")
        shown = [one for one in members if one.frames] or members
        case = Case(
            case_id=pseudonym(self.secret, "study", uid),
            patient=pseudonym(self.secret, "patient", patient) if patient else None,
            images=keys,
            report=report,
            modality=_commonest(one.modality for one in shown),
            body_part=_commonest(one.body_part for one in shown),
            view=_commonest(one.view for one in shown),
            language=detect_language(report),
        )
        return Study(case, tuple(map(self.instance, members)))

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
            "images": tuple(images[key] for key in ordered),
            "report": "\n\n".join(text for text in (earlier.report, new_words) if text),
        }
    )


def _commonest(values: Iterable[str]) -> str | None:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None


def shown_by(one: DicomObject) -> str:
    """A digest of what an object shows: its key frame as displayed, its number of frames, its text."""
    digest = sha256(f"{one.modality}\x1f{one.frames}\x1f{one.text}".encode())
    if one.pixels is not None:
        digest.update(f"{one.pixels.shape}".encode())
        digest.update(one.pixels.tobytes())
    return digest.hexdigest()
