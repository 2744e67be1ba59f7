"""Phantoms and reports written as real DICOM objects, under a patient nobody is."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.demo.phantoms import Finding, Part, Side, phantom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset
    from pydicom.uid import UID

__all__ = ["FICTITIOUS_NAME", "FICTITIOUS_PATIENT_ID", "write_image", "write_report"]

FICTITIOUS_NAME = "Demonstration^Phantom=演示^体模"
FICTITIOUS_PATIENT_ID = "DEMO-000-NOT-A-PATIENT"
_DATE = "20260101"
_MAKER = "radcite demonstration phantom"
_MODALITIES: dict[Part, tuple[str, str]] = {
    "chest": ("DX", "CHEST"),
    "brain": ("MR", "BRAIN"),
    "forearm": ("DX", "FOREARM"),
}
_CLASSES = {
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "SR": "1.2.840.10008.5.1.4.1.1.88.11",
}


def write_image(
    target: Path, study: str, part: Part, finding: Finding, side: Side | None, seed: int
) -> Path:
    """A phantom as a single-frame image; the study's name fixes its UIDs."""
    modality, body_part = _MODALITIES[part]
    pixels = phantom(part, finding, side, seed)
    dataset = _object(study, modality, "image")
    dataset.BodyPartExamined = body_part
    dataset.ViewPosition = "PA" if part == "chest" else ""
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelRepresentation = 0
    # Stored with an offset and a window, as modalities do.
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.WindowCenter, dataset.WindowWidth = "2000", "2040"
    dataset.RescaleIntercept, dataset.RescaleSlope = "0", "1"
    dataset.PixelSpacing = [1.0, 1.0]
    dataset.BurnedInAnnotation = "NO"
    dataset.PixelData = (pixels.astype("<u2") * 8 + 980).tobytes()
    return _saved(dataset, target)


def write_report(target: Path, study: str, text: str, language: str) -> Path:
    """A Basic Text SR of the same study, its text under the concept Findings."""
    from pydicom.dataset import Dataset

    dataset = _object(study, "SR", "report")
    dataset.ValueType = "CONTAINER"
    dataset.ContinuityOfContent = "SEPARATE"
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    dataset.ConceptNameCodeSequence = [_code("11528-7", "LN", "Radiology Report")]
    finding = Dataset()
    finding.RelationshipType, finding.ValueType = "CONTAINS", "TEXT"
    name = "Findings" if language == "en" else "影像所见"
    finding.ConceptNameCodeSequence = [_code("121070", "DCM", name)]
    finding.TextValue = text
    dataset.ContentSequence = [finding]
    return _saved(dataset, target)


def _object(study: str, modality: str, series: str) -> "FileDataset":
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(_CLASSES[modality])
    meta.MediaStorageSOPInstanceUID = _uid(study, series, "instance")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = ["ISO_IR 192"]
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID = _uid(study)
    dataset.SeriesInstanceUID = _uid(study, series)
    dataset.PatientName = FICTITIOUS_NAME
    dataset.PatientID = FICTITIOUS_PATIENT_ID
    dataset.PatientBirthDate, dataset.PatientSex = "19000101", "O"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = _DATE, "120000", "1"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = "DEMO", ""
    dataset.StudyDescription = _MAKER
    dataset.Modality, dataset.Manufacturer = modality, _MAKER
    dataset.SeriesNumber, dataset.InstanceNumber = "1", "1"
    return dataset


def _code(value: str, scheme: str, meaning: str) -> "Dataset":
    from pydicom.dataset import Dataset

    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _uid(*names: str) -> "UID":
    """A UID from names alone. Source: DICOM PS3.5 B.2 (UUID-derived UIDs under 2.25)."""
    from pydicom.uid import UID

    return UID(f"2.25.{int.from_bytes(sha256('/'.join(names).encode()).digest()[:15], 'big')}")


def _saved(dataset: "FileDataset", target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(target, enforce_file_format=True)
    return target
