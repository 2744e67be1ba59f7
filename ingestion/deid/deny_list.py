"""The names and numbers that a DICOM header tells, to be taken out of the texts of the same study."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from radcite.core.identifiers import Redactor, day_in_words
from radcite.ingestion.dicom.attributes import MALFORMED

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["DenyList", "deny_list"]

# What singles out a person or a place of treatment; values that are only descriptions are not among them.
_NUMBERS = (
    *(
        "PatientID",
        "OtherPatientIDs",
        "AccessionNumber",
        "StudyID",
        "AdmissionID",
        "ServiceEpisodeID",
    ),
    *(
        "RequestedProcedureID",
        "ScheduledProcedureStepID",
        "PerformedProcedureStepID",
        "BarcodeValue",
    ),
    *("FillerOrderNumberImagingServiceRequest", "PlacerOrderNumberImagingServiceRequest"),
    *("PatientTelephoneNumbers", "ReferringPhysicianTelephoneNumbers", "PersonTelephoneNumbers"),
    *("OrderCallbackPhoneNumber", "ClinicalTrialSubjectID", "ClinicalTrialSubjectReadingID"),
    *(
        "InsurancePlanIdentification",
        "DeviceSerialNumber",
        "StationName",
        "SpecimenAccessionNumber",
    ),
    *(
        "MedicalRecordLocator",
        "PatientTelecomInformation",
        "SpecimenIdentifier",
        "ContainerIdentifier",
    ),
)
_PLACES = (
    *("PatientAddress", "InstitutionName", "InstitutionAddress", "ReferringPhysicianAddress"),
    *("PersonAddress", "PatientInstitutionResidence", "CurrentPatientLocation"),
)
_SHORTEST_NUMBER = 4


class DenyList:
    """What a header tells about people.

    Args:
        names: Values of person names, as DICOM writes them.
        values: Numbers, addresses, institutions and the day of birth.
    """

    def __init__(self, names: set[str], values: set[str]) -> None:
        self.names = names
        self.values = values
        self._numbers = {value for value in values if value.isdigit() and len(value) > 5}

    def redactor(
        self, key: bytes | None = None, days_back: int | None = None, *, doubtful: bool = False
    ) -> Redactor:
        """What takes them out of a text; placeholders are keyed, and days moved, as `Redactor` says."""
        return Redactor(self.values, self.names, key, days_back, doubtful=doubtful)

    def has_number(self, value: str) -> bool:
        """Whether a numeric value is one of the numbers; five digits or fewer occur by chance."""
        return value in self._numbers


def deny_list(dataset: "Dataset") -> DenyList:
    """The deny-list of a dataset that still has its identifiers, nested ones among them."""
    from pydicom.datadict import tag_for_keyword

    numbers = {tag_for_keyword(keyword) for keyword in _NUMBERS}
    places = {tag_for_keyword(keyword) for keyword in _PLACES}
    birth = tag_for_keyword("PatientBirthDate")
    names: set[str] = set()
    values: set[str] = set()
    for tag, vr, value in _told(dataset, numbers | places | {birth}):
        if vr == "PN":
            names.add(value)
        elif tag == birth:
            values.update(day_in_words(value))
        elif tag in places or (len(value) >= _SHORTEST_NUMBER and any(map(str.isdigit, value))):
            values.add(value)
    return DenyList(names, values)


def _told(dataset: "Dataset", wanted: set[int | None]) -> Iterator[tuple[int, str, str]]:
    for tag in tuple(dataset.keys()):
        stored = dataset.get_item(tag, keep_deferred=True)
        vr = str(getattr(stored, "VR", None) or "UN")
        if tag.is_private:
            continue
        try:
            if vr == "UN":
                vr = dataset[tag].VR
            if vr == "SQ":
                for item in dataset[tag].value or ():
                    yield from _told(item, wanted)
            elif vr == "PN" or int(tag) in wanted:
                yield from ((int(tag), vr, value) for value in _values(dataset[tag].value))
        except MALFORMED:
            continue


def _values(value: object) -> list[str]:
    from pydicom.multival import MultiValue

    several = cast("Sequence[object]", value if isinstance(value, MultiValue) else [value])
    return [text for one in several if one is not None and (text := str(one).strip("\0 "))]
