"""A report as a DICOM Comprehensive SR after TID 1500.

Source: DICOM PS3.16 TID 1500 (Measurement Report), TID 1501; PS3.3 C.17.2 (SR Document General).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid5

from radcite import __version__
from radcite.apps.reporting.texts import WORDS, check_intact, citation_line, form_lines
from radcite.core.errors import RadciteError
from radcite.core.review import Finding, Report

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["check_study", "dicom_sr"]

_RADCITE = UUID("4f0c7b52-60a4-5a0b-9d0e-6f2a5c1f3b77")
_SCHEME = "99RADCITE"
_ABOUT = {
    "query_image": ("IMAGE", "The asked image"),
    "case": ("CASE", "A similar case, not the patient"),
    "literature": ("LITERATURE", "The literature"),
    "general": ("GENERAL", "A general statement"),
}
_UNNAMED = "not stated"
_FINDING = ("121071", "DCM", "Finding")


def dicom_sr(report: Report, study: Sequence["Dataset"] = ()) -> bytes:
    """A DICOM file: a measurement group for each kept finding, its citations as comments; without one, the own words.

    Each group says what its statement is about: one about a similar case or the literature is a comment, no
    finding. VERIFIED, COMPLETE and FINAL only when this version is signed.

    Args:
        report: Any version.
        study: Headers of the asked images' own DICOM files, from `check_study`: their patient, study and instance
            are the document's. Without them the document names the pseudonym, and UIDs made from digests.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed, or one that says nothing.
    """
    from highdicom.sr import ComprehensiveSR, MeasurementReport

    check_intact(report)
    if not report.kept and not report.worded:
        raise RadciteError("VALIDATION", "it says nothing", "报告没有内容")
    evidence = list(study) or _stand_ins(report)
    content = MeasurementReport(
        observation_context=_observers(report),
        procedure_reported=_code("18748-4", "LN", "Diagnostic imaging study"),
        imaging_measurements=[_finding(one, report) for one in report.kept] or [_own_words(report)],
        title=_code("126000", "DCM", "Imaging Measurement Report"),
        language_of_content_item_and_descendants=_language(report),
        referenced_images=evidence if study else None,
    )
    content[0].ContentSequence.extend(_summary(report))
    earlier = [_earlier(report, n, evidence[0]) for n in range(report.version - 1, 0, -1)]
    document = ComprehensiveSR(
        evidence=evidence,
        content=content[0],
        series_instance_uid=_uid(report, f"series {report.version}"),
        series_number=9000 + report.version,
        sop_instance_uid=_uid(report, f"instance {report.version}"),
        instance_number=1,
        manufacturer="radcite",
        manufacturer_model_name="radcite",
        software_versions=__version__,
        device_serial_number=__version__,
        is_complete=report.signed,
        is_final=report.signed,
        is_verified=report.signed,
        verifying_observer_name=_person(report) if report.signed else None,
        verifying_organization=_UNNAMED if report.signed else None,
        previous_versions=earlier or None,
        specific_character_set="ISO_IR 192",
    )
    return _written(document, report, pseudonymous=not study)


def check_study(report: Report, files: Sequence[bytes]) -> list["Dataset"]:
    """The headers of DICOM files that are the report's own images.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for another kind of file, `VALIDATION` for an image of another report.
    """
    from hashlib import sha256

    import pydicom
    from pydicom.errors import InvalidDicomError

    found: list[Dataset] = []
    for content in files:
        if sha256(content).hexdigest() not in report.images:
            raise RadciteError(
                "VALIDATION", "this file is not an image of the report", "该文件不是此报告的图像"
            )
        try:
            header = pydicom.dcmread(BytesIO(content), stop_before_pixels=True)
        except InvalidDicomError as exc:
            raise RadciteError("UNSUPPORTED_FILE", "not a DICOM file", "不是 DICOM 文件") from exc
        for name in _COPIED:
            if name not in header:
                setattr(header, name, "")
        found.append(header)
    return found


_COPIED = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)


def _stand_ins(report: Report) -> list["Dataset"]:
    """Headers that name the pseudonym and the images' digests, and nothing of a patient."""
    from pydicom import Dataset
    from pydicom.uid import SecondaryCaptureImageStorage

    made: list[Dataset] = []
    for digest in report.images or ("none",):
        header = Dataset()
        for name in _COPIED:
            setattr(header, name, "")
        header.PatientID = report.patient or "unknown"
        header.PatientName = f"{header.PatientID}^"
        header.SOPClassUID = SecondaryCaptureImageStorage
        header.SOPInstanceUID = _uid(report, f"image {digest}")
        header.StudyInstanceUID = _uid(report, "study")
        header.SeriesInstanceUID = _uid(report, "images")
        made.append(header)
    return made


def _finding(finding: Finding, report: Report) -> Any:
    about = finding.about.partition(":")[0]
    return _group(report, finding.id, about, _words(finding, report))


def _own_words(report: Report) -> Any:
    """What the reviewer wrote, where no drafted finding was kept: the template wants a group."""
    told = [_text(_FINDING, f"{title}\n{text}") for title, text in form_lines(report)]
    return _group(report, "own words", "query_image", told)


def _group(report: Report, name: str, about: str, content: Iterable[Any]) -> Any:
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        QualitativeEvaluation,
        TrackingIdentifier,
    )

    code, meaning = _ABOUT[about]
    subject = QualitativeEvaluation(
        name=_code("SUBJECT", _SCHEME, "What the statement is about"),
        value=_code(code, _SCHEME, meaning),
    )
    made = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=_uid(report, f"finding {name}"), identifier=name
        ),
        qualitative_evaluations=[subject],
    )
    made[0].ContentSequence.extend(content)
    return made


def _words(finding: Finding, report: Report) -> Iterator[Any]:
    own = finding.about == "query_image"
    name = _FINDING if own else ("121106", "DCM", "Comment")
    yield _text(name, finding.wording)
    if finding.edited:
        yield _comment(f"{WORDS['drafted'][report.language]}: {finding.text}")
    for citation in finding.citations:
        yield _comment(citation_line(citation, report.language))


def _summary(report: Report) -> Iterator[Any]:
    for title, text in form_lines(report):
        yield _text(("121111", "DCM", "Summary"), f"{title}\n{text}")
    if not report.signed:
        yield _comment(report.safety.notice)
    for advice in report.safety.red_flags:
        yield _comment(advice)
    yield _comment(WORDS["by_software"][report.language])


def _observers(report: Report) -> Any:
    from highdicom.sr import (
        DeviceObserverIdentifyingAttributes,
        ObservationContext,
        ObserverContext,
        PersonObserverIdentifyingAttributes,
    )

    device = ObserverContext(
        observer_type=_code("121007", "DCM", "Device"),
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=f"2.25.{_RADCITE.int}", name="radcite", model_name=f"radcite {__version__}"
        ),
    )
    if not report.signed:
        return ObservationContext(observer_device_context=device)
    person = ObserverContext(
        observer_type=_code("121006", "DCM", "Person"),
        observer_identifying_attributes=PersonObserverIdentifyingAttributes(name=_person(report)),
    )
    return ObservationContext(observer_person_context=person, observer_device_context=device)


def _language(report: Report) -> Any:
    from highdicom.sr import LanguageOfContentItemAndDescendants

    names = {"en": ("en", "English"), "zh": ("zh", "Chinese")}
    code, meaning = names[report.language]
    return LanguageOfContentItemAndDescendants(_code(code, "RFC5646", meaning))


def _earlier(report: Report, version: int, study: "Dataset") -> "Dataset":
    from pydicom import Dataset
    from pydicom.uid import ComprehensiveSRStorage

    made = Dataset()
    made.SOPClassUID = ComprehensiveSRStorage
    made.SOPInstanceUID = _uid(report, f"instance {version}")
    made.SeriesInstanceUID = _uid(report, f"series {version}")
    made.StudyInstanceUID = study.StudyInstanceUID
    return made


def _written(document: "Dataset", report: Report, *, pseudonymous: bool) -> bytes:
    import pydicom

    at = datetime.fromisoformat(
        report.signatures[-1].signed_at if report.signed else report.created_at
    )
    document.ContentDate, document.ContentTime = at.strftime("%Y%m%d"), at.strftime("%H%M%S")
    if report.signed:
        observer = cast("Dataset", document.VerifyingObserverSequence[0])
        observer.VerificationDateTime = at.strftime("%Y%m%d%H%M%S%z")
    if pseudonymous:
        document.PatientIdentityRemoved = "YES"
        document.DeidentificationMethod = "radcite: attributes listed, keyed pseudonyms"
    sink = BytesIO()
    pydicom.dcmwrite(sink, document, enforce_file_format=True)
    return sink.getvalue()


def _person(report: Report) -> str:
    """The signer as a person name of one component: its delimiters and line ends are taken out."""
    name = "".join(" " if letter in "\\^=" else letter for letter in report.signatures[-1].signer)
    return f"{' '.join(name.split())[:60]}^"


def _comment(words: str) -> Any:
    return _text(("121106", "DCM", "Comment"), words)


def _text(name: tuple[str, str, str], words: str) -> Any:
    from highdicom.sr import RelationshipTypeValues, TextContentItem

    return TextContentItem(
        name=_code(*name), value=words, relationship_type=RelationshipTypeValues.CONTAINS
    )


def _code(value: str, scheme: str, meaning: str) -> Any:
    from highdicom.sr import CodedConcept

    return CodedConcept(value=value, scheme_designator=scheme, meaning=meaning)


def _uid(report: Report, name: str) -> str:
    return f"2.25.{uuid5(_RADCITE, f'{report.report_id} {name}').int}"
