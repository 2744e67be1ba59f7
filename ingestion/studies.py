"""DICOM objects to cases: one case a study, found by the key slice of each of its series."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from radcite.core.errors import RadciteError
from radcite.core.language import detect_language
from radcite.core.pseudonym import pseudonym
from radcite.core.sources import Case, ImageRef
from radcite.ingestion.dicom import DicomObject
from radcite.ingestion.dicom_series import group_series

__all__ = ["Study", "StudyBuilder"]


@dataclass(frozen=True, slots=True)
class Study:
    """A study's case, the images it is searched by, and the content keys of the files it came from."""

    case: Case
    digest: str
    keys: tuple[ImageRef, ...]


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
        """Take an object and the digest of its file.

        Raises:
            RadciteError: `INSTANCE_CONFLICT` when another file of this ingest has its UID.
        """
        earlier = self._digests.setdefault(one.sop_instance, digest)
        if earlier != digest:
            raise RadciteError(
                "INSTANCE_CONFLICT",
                "another file has this SOP Instance UID and other content",
                "另一文件具有相同的 SOP Instance UID 但内容不同",
            )
        self._objects.append(replace(one, pixels=None))

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
        digests = sorted(self._digests[one.sop_instance] for one in members)
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
        return Study(case, sha256("".join(digests).encode()).hexdigest(), keys)

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


def _commonest(values: Iterable[str]) -> str | None:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None
