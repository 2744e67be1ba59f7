"""The privacy gate over DICOM attributes: what goes, what becomes something else, what stays."""

import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset, FileDataset

from radcite.core.errors import RadciteError
from radcite.core.settings import PrivacySettings
from radcite.ingestion.deid.dataset import clean_dataset
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.deid.values import shifted_age, shifted_day

GATE = Gate(b"k" * 32)
KEPT = (
    *(
        "SpecificCharacterSet",
        "SOPClassUID",
        "Modality",
        "Rows",
        "Columns",
        "BitsStored",
        "PixelSpacing",
    ),
    *(
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "SliceThickness",
        "InstanceNumber",
        "PixelData",
    ),
    *(
        "RescaleSlope",
        "RescaleIntercept",
        "WindowCenter",
        "WindowWidth",
        "PhotometricInterpretation",
    ),
    *(
        "PixelRepresentation",
        "PixelPaddingValue",
        "KVP",
        "PatientSex",
        "PatientAge",
        "BodyPartExamined",
    ),
)


def ct() -> FileDataset:
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    dataset.PatientName, dataset.PatientID = "Marlowe^Philip=王^小明", "MRN-4711"
    dataset.PatientBirthDate, dataset.BodyPartExamined = "19500203", "CHEST"
    return dataset


def item(**values: object) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def test_what_reading_and_measuring_need_is_kept() -> None:
    dataset, before = ct(), ct()
    clean_dataset(dataset, GATE)
    for keyword in KEPT:
        if keyword in before:
            assert dataset[keyword].value == before[keyword].value, keyword
    assert np.array_equal(dataset.pixel_array, before.pixel_array)
    assert sum(keyword in before for keyword in KEPT) > 15


def test_a_cleaned_file_says_so_and_carries_no_private_or_old_part(tmp_path: Path) -> None:
    dataset = ct()
    dataset.preamble = b"Marlowe".ljust(128, b"\0")
    dataset.file_meta.SourceApplicationEntityTitle = "MARLOWE"
    dataset.add_new(0x60004000, "LT", "Marlowe")
    dataset.add_new(0x50000022, "LO", "Marlowe")
    cleaned = clean_dataset(dataset, GATE)
    dataset.save_as(tmp_path / "a.dcm")
    assert dataset.PatientIdentityRemoved == "YES"
    assert dataset.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = [code.CodeValue for code in dataset.DeidentificationMethodCodeSequence]
    assert codes[0] == "113100"
    assert {"113101", "113105", "113107", "113108"} <= {*codes}
    assert not any(element.tag.is_private for element in dataset.iterall())
    assert cleaned.private > 100
    content = (tmp_path / "a.dcm").read_bytes().lower()
    assert b"marlowe" not in content
    assert b"mrn-4711" not in content


def test_pseudonyms_and_dates_agree_within_a_patient_and_between_processes() -> None:
    one, other = ct(), ct()
    other.StudyDate = "20040129"
    clean_dataset(one, GATE)
    clean_dataset(other, Gate(b"k" * 32))
    assert one.PatientID == one.PatientName == other.PatientID
    assert one.StudyInstanceUID == other.StudyInstanceUID
    assert one.SOPInstanceUID == one.file_meta.MediaStorageSOPInstanceUID
    assert one.StudyDate != "20040119"
    assert int(other.StudyDate[-2:]) - int(one.StudyDate[-2:]) in {10, 10 - 30, 10 - 31, 10 - 28}
    assert one.StudyTime == ct().StudyTime
    foreign = ct()
    clean_dataset(foreign, Gate(b"x" * 32))
    assert foreign.PatientID != one.PatientID
    assert foreign.StudyInstanceUID != one.StudyInstanceUID


def test_references_to_instances_point_where_the_instances_went() -> None:
    dataset = ct()
    uid = str(dataset.SOPInstanceUID)
    deep = item(ReferencedSOPInstanceUID=uid, ReferencedSOPClassUID=str(dataset.SOPClassUID))
    dataset.ReferencedSeriesSequence = [
        item(SeriesInstanceUID="1.2.3", ReferencedSOPSequence=[deep])
    ]
    dataset.SourceImageSequence = [item(ReferencedSOPInstanceUID=uid)]
    clean_dataset(dataset, GATE)
    referenced = dataset.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert referenced.ReferencedSOPInstanceUID == dataset.SOPInstanceUID
    assert referenced.ReferencedSOPClassUID == dataset.SOPClassUID
    assert dataset.SourceImageSequence[0].ReferencedSOPInstanceUID == dataset.SOPInstanceUID


def test_free_text_stays_without_what_the_header_tells() -> None:
    dataset = ct()
    dataset.StudyDescription = "CHEST follow-up of Philip Marlowe"
    dataset.ImageComments = "mrn-4711, born 03.02.1950; nodule 8 mm, tel 13800138000"
    dataset.Manufacturer = "Marlowe Systems"
    dataset.ContentSequence = [item(ValueType="TEXT", TextValue="王小明双肺清晰")]
    clean_dataset(dataset, GATE)
    texts = (dataset.StudyDescription, dataset.ImageComments, dataset.Manufacturer)
    found = " ".join((*texts, dataset.ContentSequence[0].TextValue))
    for gone in ("Philip", "Marlowe", "4711", "1950", "13800138000", "王小明"):
        assert gone not in found
    for stays in ("CHEST follow-up of", "nodule 8 mm", "Systems", "双肺清晰"):
        assert stays in found


def test_values_that_are_not_of_their_kind_go() -> None:
    dataset = ct()
    with pytest.warns(UserWarning, match="Invalid value"):
        dataset.add_new("ScanOptions", "CS", "Marlowe")
    dataset.add_new("ProtocolName", "FD", 4711.0)
    dataset.add_new(0x00080002, "LO", "Marlowe")
    dataset.add_new("ICCProfile", "OB", b"Marlowe ")
    clean_dataset(dataset, GATE)
    assert "Marlowe" not in str(dataset.get("ScanOptions"))
    for gone in ("ProtocolName", "ICCProfile", 0x00080002):
        assert gone not in dataset


def test_the_basic_profile_keeps_no_date_description_or_characteristic() -> None:
    dataset = ct()
    dataset.StudyDescription = "CHEST"
    clean_dataset(dataset, Gate(b"k" * 32, PrivacySettings(profile="basic")))
    assert not dataset.StudyDate
    assert "StudyDescription" not in dataset
    assert "PatientAge" not in dataset
    assert dataset.LongitudinalTemporalInformationModified == "REMOVED"


def test_a_profile_that_is_none_is_refused() -> None:
    with pytest.raises(RadciteError, match="CONFIG_INVALID"):
        clean_dataset(ct(), Gate(b"k" * 32, PrivacySettings(profile="../none.toml")))


@pytest.mark.parametrize(
    ("value", "shifted"),
    [
        ("20240301", "20240229"),
        ("20240301120000.5+0800", "20240229120000.5+0800"),
        ("2024.03.01", "20240229"),
        ("Marlowe", ""),
        ("20240231", ""),
        ("20240301 Marlowe", ""),
        ("00010101", ""),
    ],
)
def test_a_date_goes_back_by_days_and_what_is_none_goes(value: str, shifted: str) -> None:
    assert shifted_day(value, 1) == shifted


def test_ages_over_89_are_one_class() -> None:
    assert [shifted_age(age) for age in ("089Y", "093Y", "014M", "old")] == [
        "089Y",
        "090Y",
        "014M",
        "",
    ]


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "reportsi.dcm", "rtplan.dcm"])
def test_cleaning_twice_changes_nothing_but_pseudonyms(name: str, tmp_path: Path) -> None:
    source = pydicom.dcmread(str(get_testdata_file(name, download=False)))
    clean_dataset(source, GATE)
    source.save_as(tmp_path / "a.dcm")
    again = pydicom.dcmread(tmp_path / "a.dcm")
    changed = clean_dataset(again, GATE, tell=True).changes
    assert {one.action for one in changed} <= {"uid", "shift", "pseudonym", "remove"}
    assert {one.name for one in changed if one.action == "remove"} <= {
        "FileMetaInformationGroupLength",
        "ImplementationClassUID",
        "ImplementationVersionName",
    }


def test_coded_values_numbers_and_times_that_tell_of_a_person_go() -> None:
    dataset = ct()
    dataset.PatientName = "Doe^John"
    told = {
        "BodyPartExamined": "DOE JOHN",
        "PatientSex": "WANG XIAOMING",
        "ScanOptions": "SMITH_JANE",
        "ViewPosition": "13800138000",
        "KVP": "13800138000",
        "AcquisitionTime": "13800138000",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for keyword, value in told.items():
            dataset.add_new(keyword, dictionary_VR(keyword), value)
        dataset.StudyDescription = "DOE_JOHN chest"
        clean_dataset(dataset, GATE)
    for keyword in told:
        assert str(dataset.get(keyword) or "") == "", keyword
    assert "DOE" not in dataset.StudyDescription
    assert "chest" in dataset.StudyDescription


CODED = {
    "BodyPartExamined": "CHEST",
    "SpecificCharacterSet": "GB18030",
    "PatientSex": "M",
    "ScanOptions": ["SAT_GEMS", "FAST_SE", "EDR_GEMS"],
    "ViewPosition": "LATERAL",
    "ImageType": ["DERIVED", "PRIMARY", "MPR", "CT_SOM5 SPI DUAL"],
    "Laterality": "R",
    "PatientPosition": "HFS",
    "SequenceVariant": ["SP", "MP", "OSP"],
    "KVP": "120",
    "RadionuclideTotalDose": "3700000000",
    "ExposureInuAs": "12345678",
    "AcquisitionTime": "130059.123456",
    "ContentTime": "07",
    "ImagePositionPatient": ["-158.135803", "-179.0357971234567", "-75.6999999999"],
}


@pytest.mark.parametrize(
    "name", ["Chest^Radiology", "Right^Tech", "Young^May", "Wang^XiaoDong=王^小东"]
)
def test_coded_values_numbers_and_times_that_tell_of_nobody_stay(name: str) -> None:
    dataset = ct()
    dataset.PatientName = name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for keyword, value in CODED.items():
            dataset.add_new(keyword, dictionary_VR(keyword), value)
        before = {keyword: str(dataset[keyword].value) for keyword in CODED}
        clean_dataset(dataset, GATE)
    for keyword, value in before.items():
        assert str(dataset[keyword].value) == value, keyword
