"""The gate no identifying attribute passes: what is not known to be harmless is removed.

The rule is by value representation, so private, unknown and future attributes are covered without
being listed: numbers, codes and pixels stay; names, dates, times, addresses and free text go. The
table names the exceptions in both directions.

Source: DICOM PS3.15 table E.1-1 (attributes and actions), E.1.1 (de-identifier), PS3.3 C.12.1.
"""

import copy
import hashlib
import hmac
import io
import re
from collections.abc import Sequence as Values
from typing import TYPE_CHECKING

from radcite.core.errors import RadciteError
from radcite.ingestion.dicom_attributes import MALFORMED, refusing, text

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset

__all__ = ["patient_pseudonym", "pseudonymous_uid", "strip", "strip_to_bytes"]

_NUMBERS_AND_CODES = frozenset(
    ["AT", "CS", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"]
)
_BINARY = frozenset(["OB", "OD", "OF", "OL", "OV", "OW"])
_BINARY_GROUPS = frozenset({0x0028, 0x5400, 0x7FE0})
_OVERLAYS, _CURVES = 0x6000, 0x5000
_CODE_STRING = re.compile(r"[A-Z0-9 _./+-]{0,16}")

# Texts that say how an image was made or name a standard concept.
_KEPT_TEXTS = frozenset(
    [
        "CodeMeaning",
        "CodeValue",
        "CodingSchemeDesignator",
        "CodingSchemeVersion",
        "Manufacturer",
        "ManufacturerModelName",
    ]
)
# Type 2 attributes of the patient and study modules: present and empty, so the object stays valid.
_EMPTIED = frozenset(
    [
        "AccessionNumber",
        "ContentDate",
        "ContentTime",
        "PatientBirthDate",
        "PatientName",
        "PatientSex",
        "ReferringPhysicianName",
        "StudyDate",
        "StudyID",
        "StudyTime",
    ]
)
# Numbers, codes and sequences of table E.1-1 that the rule by value representation would keep.
_REMOVED = frozenset(
    [
        "AdmittingDiagnosesCodeSequence",
        "AuthorObserverSequence",
        "ConsultingPhysicianIdentificationSequence",
        "ContentCreatorIdentificationCodeSequence",
        "ContentSequence",
        "CustodialOrganizationSequence",
        "DigitalSignaturesSequence",
        "EncryptedAttributesSequence",
        "EthnicGroupCodeSequence",
        "GraphicAnnotationSequence",
        "HangingProtocolUserIdentificationCodeSequence",
        "IconImageSequence",
        "InstitutionCodeSequence",
        "InstitutionalDepartmentTypeCodeSequence",
        "MACParametersSequence",
        "ModifiedAttributesSequence",
        "OperatorIdentificationSequence",
        "OriginalAttributesSequence",
        "OtherPatientIDsSequence",
        "ParticipantSequence",
        "PatientBodyMassIndex",
        "PatientInsurancePlanCodeSequence",
        "PatientPrimaryLanguageCodeSequence",
        "PatientReligiousPreferenceCodeSequence",
        "PatientSexNeutered",
        "PatientSize",
        "PatientSizeCodeSequence",
        "PatientWeight",
        "PerformingPhysicianIdentificationSequence",
        "PersonIdentificationCodeSequence",
        "PhysiciansOfRecordIdentificationSequence",
        "PhysiciansReadingStudyIdentificationSequence",
        "PregnancyStatus",
        "ReferencedPatientPhotoSequence",
        "ReferencedPatientSequence",
        "ReferringPhysicianIdentificationSequence",
        "RequestAttributesSequence",
        "ResponsiblePersonRole",
        "SmokingStatus",
        "VerifyingObserverSequence",
    ]
)


def patient_pseudonym(patient_id: str, key: bytes) -> str:
    """The same 32 hexadecimal digits for the same patient and key; "" for no identifier."""
    return _digest(b"patient\0", patient_id, key).hex()[:32] if patient_id else ""


def pseudonymous_uid(uid: str, key: bytes) -> str:
    """A UID under 2.25 that stands for `uid` and cannot be led back to it without the key.

    Source: DICOM PS3.5 B.2.
    """
    return f"2.25.{int.from_bytes(_digest(b'uid' + bytes(1), uid, key)[:16], 'big')}"


def strip(dataset: "FileDataset", key: bytes) -> "Dataset":
    """A copy without identifying attributes, its UIDs and Patient ID replaced by keyed ones.

    Pixels are untouched: burned-in text is another gate's matter. Overlays, curves and the content
    of structured reports are removed.

    Args:
        dataset: As read from a file; it is not changed.
        key: The secret that ties pseudonyms of one installation together.
    """
    clean = _stripped(dataset, key)
    clean.PatientName = ""
    clean.PatientID = patient_pseudonym(text(dataset, "PatientID"), key)
    clean.PatientIdentityRemoved = "YES"
    clean.DeidentificationMethod = "radcite: attributes kept by value representation"
    clean.LongitudinalTemporalInformationModified = "REMOVED"
    clean.file_meta = _file_meta(dataset, clean)
    return clean


def strip_to_bytes(dataset: "FileDataset", key: bytes) -> bytes:
    """The stripped object as a DICOM file with an empty preamble.

    Raises:
        RadciteError: `DICOM_PIXEL_DECODE` when the pixel data cannot be written again.
    """
    from pydicom import dcmwrite  # pyright: ignore[reportUnknownVariableType] - as for `dcmread`

    buffer = io.BytesIO()
    with refusing("DICOM_PIXEL_DECODE", "the object cannot be rewritten", "无法重新写出该对象"):
        dcmwrite(buffer, strip(dataset, key), enforce_file_format=True)
    return buffer.getvalue()


def _stripped(dataset: "Dataset", key: bytes) -> "Dataset":
    from pydicom.dataset import Dataset

    clean = Dataset()
    for tag in dataset.keys():  # noqa: SIM118 - iterating a dataset converts every value
        if tag.is_private or tag.group & 0xFF00 in {_OVERLAYS, _CURVES}:
            continue
        try:
            kept = _kept(dataset[tag], dataset, key)
        except MALFORMED:
            # A value that is not what its representation says may be anything.
            continue
        if kept is not None:
            clean[tag] = kept
    return clean


def _kept(element: "DataElement", dataset: "Dataset", key: bytes) -> "DataElement | None":
    from pydicom.sequence import Sequence

    keyword, vr = element.keyword, element.VR
    if keyword in _EMPTIED:
        return _with_value(element, "")
    if keyword in _REMOVED:
        return None
    if vr == "SQ":
        return _with_value(element, Sequence(_stripped(item, key) for item in element.value))
    if vr == "UI":
        return _with_value(element, _replaced(element.value, key))
    return copy.copy(element) if _is_harmless(element, dataset) else None


def _is_harmless(element: "DataElement", dataset: "Dataset") -> bool:
    if element.VR == "CS":
        return all(_CODE_STRING.fullmatch(value) for value in _values(element.value))
    if element.VR in _BINARY:
        return element.tag.group in _BINARY_GROUPS
    if element.keyword == "CodeMeaning":
        scheme = text(dataset, "CodingSchemeDesignator")
        return bool(scheme) and not scheme.startswith("99")
    return element.VR in _NUMBERS_AND_CODES or element.keyword in _KEPT_TEXTS


def _replaced(uids: "str | Values[str] | None", key: bytes) -> list[str]:
    from pydicom.uid import UID

    # A UID of the standard has a name; any other is its own.
    stated = [uid for uid in _values(uids) if uid]
    return [uid if UID(uid).name != uid else pseudonymous_uid(uid, key) for uid in stated]


def _values(value: "str | Values[str] | None") -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(one) for one in value]


def _with_value(element: "DataElement", value: object) -> "DataElement":
    from pydicom.dataelem import DataElement

    return DataElement(element.tag, element.VR, value)


def _file_meta(dataset: "FileDataset", clean: "Dataset") -> "FileMetaDataset":
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, UID

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    meta.MediaStorageSOPClassUID = UID(text(clean, "SOPClassUID"))
    meta.MediaStorageSOPInstanceUID = UID(text(clean, "SOPInstanceUID"))
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    return meta


def _digest(purpose: bytes, value: str, key: bytes) -> bytes:
    if not key:
        raise RadciteError("CONFIG_INVALID", "the pseudonym key is empty", "化名密钥为空")
    return hmac.new(key, purpose + value.encode(), hashlib.sha256).digest()
