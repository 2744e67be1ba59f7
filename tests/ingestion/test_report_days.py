"""Days and times among the items of a structured report."""

from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import BasicTextSRStorage, ExplicitVRLittleEndian, generate_uid

from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.deid.values import shifted_day
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.limits import Limits


def item(kind: str, concept: str, **value: str) -> Dataset:
    made, name = Dataset(), Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "1", "99T", concept
    made.ValueType, made.ConceptNameCodeSequence = kind, [name]
    for keyword, told in value.items():
        setattr(made, keyword, told)
    return made


def test_days_of_a_report_go_back_with_the_patients_and_names_leave_no_empty_line(
    tmp_path: Path,
) -> None:
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = BasicTextSRStorage
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.Modality, made.PatientID = "SR", "P-4711"
    made.ContentSequence = [
        item("DATE", "LMP", Date="20230305"),
        item("DATETIME", "Scan", DateTime="20230306143000"),
        item("TIME", "Injection", Time="142930"),
        item("PNAME", "Person Observer Name", PersonName="Wang^Fang"),
        item("UIDREF", "ref", UID="1.2.3"),
        item("TEXT", "Finding", TextValue="Nodule 8 mm"),
    ]
    path = tmp_path / "a.dcm"
    made.save_as(path, enforce_file_format=True)
    gate = Gate(b"k" * 32)
    said = read_dicom(path, Limits(), gate).text
    days = [shifted_day(day, gate.days_back("P-4711")) for day in ("20230305", "20230306")]
    first, second = (f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in days)
    assert said.splitlines() == [
        f"LMP: {first}",
        f"Scan: {second} 14:30",
        "Injection: 14:29",
        "Finding: Nodule 8 mm",
    ]
