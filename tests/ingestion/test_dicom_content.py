"""DICOM objects that are no pictures, and what a study keeps of its series."""

from pathlib import Path

import pydicom
import pymupdf
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from radcite.core.errors import RadciteError
from radcite.core.sources import Case
from radcite.ingestion.dicom.objects import DicomObject, read_dicom
from radcite.ingestion.dicom.planes import frame_places, middle_frame, spacing_of
from radcite.ingestion.discovery import digest_of
from radcite.ingestion.limits import Limits
from radcite.tools.cases import CaseRequest
from tests.ingestion.studio import PATIENT_ID, PATIENT_NAME, Studio, open_studio

SECRET = bytes(range(32))


def shipped(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(str(path))


def read(name: str) -> DicomObject:
    return read_dicom(shipped(name), Limits())


def written(
    path: Path, sop_class: str, modality: str, number: int = 1, **attributes: object
) -> Path:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.Modality = sop_class, modality
    dataset.SOPInstanceUID = f"1.2.3.4.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", f"1.2.3.{modality.encode()[0]}"
    dataset.PatientName, dataset.PatientID = PATIENT_NAME, PATIENT_ID
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(path, enforce_file_format=True)
    return path


def slice_at(path: Path, number: int, z: float) -> Path:
    return written(
        path,
        "1.2.840.10008.5.1.4.1.1.2",
        "CT",
        number,
        InstanceNumber=number,
        ImagePositionPatient=[0, 0, z],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[0.5, 0.5],
        Rows=8,
        Columns=8,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelRepresentation=0,
        PixelData=bytes(range(number, number + 64)),
    )


def pdf(*lines: str) -> bytes:
    with pymupdf.open() as document:
        page = document.new_page()
        for place, line in enumerate(lines):
            page.insert_text((72, 90 + 20 * place), line, fontsize=11)
        return document.tobytes()


def test_a_report_is_told_as_the_tree_it_is() -> None:
    lines = read("test-SR.dcm").text.splitlines()
    assert lines[:3] == ["Text Code: A mass of", "  Code: Sample Code 1", "  Code: Sample Code 2"]
    assert "Diameter: 3 Length Unit" in lines


@pytest.mark.parametrize(
    ("name", "line", "references"),
    [
        ("rtplan.dcm", "Beam: Field 1 (photon; static)", 2),
        ("rtstruct.dcm", "Structure: patient (external)", 1),
        ("rtdose.dcm", "Dose: physical (relative; beam)", 1),
        ("liver_1frame.dcm", "Segment: Liver (Liver; Tissue; semiautomatic)", 3),
        ("waveform_ecg.dcm", "Waveform: 12 channels (rhythm; 10 s at 1000 Hz)", 0),
    ],
)
def test_what_an_object_says_and_refers_to_is_kept(name: str, line: str, references: int) -> None:
    found = read(name)
    assert line in found.text.splitlines()
    assert len(found.refers_to) == references
    assert not found.is_picture


def test_the_annotations_of_a_waveform_are_told_once() -> None:
    lines = read("waveform_ecg.dcm").text.splitlines()
    assert "QT Interval: 368 milliseconds" in lines
    assert lines.count("P Onset") == 1


def test_a_pdf_in_dicom_gives_its_words_without_the_patients_name(tmp_path: Path) -> None:
    content = pdf("Echocardiography report", f"{PATIENT_NAME.replace('^', ' ')}: mild effusion.")
    path = written(
        tmp_path / "a",
        "1.2.840.10008.5.1.4.1.1.104.1",
        "DOC",
        DocumentTitle="Echo",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=content + b"\0" * (len(content) % 2),
        EncapsulatedDocumentLength=len(content),
    )
    text = read_dicom(path, Limits()).text
    assert text.startswith("Document: Echo\n")
    assert "mild effusion." in text
    assert "ZEBRAFISH" not in text


def test_a_damaged_pdf_in_dicom_is_refused_with_its_code(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a",
        "1.2.840.10008.5.1.4.1.1.104.1",
        "DOC",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=b"%PDF-1.7 and then nothing ",
    )
    with pytest.raises(RadciteError, match="PDF_DAMAGED"):
        read_dicom(path, Limits())


def test_a_clinical_document_in_dicom_gives_its_narrative(tmp_path: Path) -> None:
    xml = (
        b"<ClinicalDocument xmlns='urn:hl7-org:v3'><component><section><title>Impression</title>"
        b"<text>No <content>embolism</content>.</text></section></component></ClinicalDocument>"
    )
    path = written(
        tmp_path / "a",
        "1.2.840.10008.5.1.4.1.1.104.2",
        "DOC",
        MIMETypeOfEncapsulatedDocument="text/XML",
        EncapsulatedDocument=xml + b" " * (len(xml) % 2),
    )
    assert read_dicom(path, Limits()).text == "Impression\nNo embolism."


def test_the_words_of_a_presentation_state_are_kept(tmp_path: Path) -> None:
    note, layer = Dataset(), Dataset()
    note.UnformattedTextValue = "nodule, 7 mm"
    layer.TextObjectSequence = Sequence([note])
    path = written(
        tmp_path / "a",
        "1.2.840.10008.5.1.4.1.1.11.1",
        "PR",
        GraphicAnnotationSequence=Sequence([layer]),
    )
    assert read_dicom(path, Limits()).text == "Annotation: nodule, 7 mm"


def test_frames_with_planes_have_a_spacing_and_a_middle() -> None:
    groups: list[Dataset] = []
    for z in (20.0, 0.0, 10.0, 30.0, 50.0):
        group, place, plane = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [0, 0, z]
        plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        group.PlanePositionSequence, group.PlaneOrientationSequence = (
            Sequence([place]),
            Sequence([plane]),
        )
        groups.append(group)
    volume = Dataset()
    volume.PerFrameFunctionalGroupsSequence = Sequence(groups)
    assert frame_places(volume, 5) == [20.0, 0.0, 10.0, 30.0, 50.0]
    assert spacing_of(frame_places(volume, 5)) == 10.0
    assert middle_frame(volume, 5) == 0
    assert middle_frame(Dataset(), 5) == 2


async def the_case(studio: Studio) -> Case:
    _, (case_id,) = await studio.ledger.stored_before("default", "9999")
    case = await studio.ledger.case("default", case_id)
    assert case is not None
    return case


async def test_a_study_keeps_its_series_in_slice_order_with_their_spacing(tmp_path: Path) -> None:
    places = {1: 10.0, 2: 0.0, 3: 5.0}
    paths = [slice_at(tmp_path / str(number), number, z) for number, z in places.items()]
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(*paths)
        case = await the_case(studio)
    (series,) = case.series
    assert (series.kind, series.modality) == ("CT Image", "CT")
    assert series.places_mm == (0.0, 5.0, 10.0)
    assert (series.slice_spacing_mm, series.spacing_mm) == (5.0, (0.5, 0.5))
    assert series.key == case.images[0].digest == digest_of(paths[2]).hex()
    assert len(set(series.objects)) == 3
    assert "1.2.3" not in case.model_dump_json().replace('"0.1', "")


async def test_a_series_that_comes_in_two_parts_is_one_series(tmp_path: Path) -> None:
    paths = [slice_at(tmp_path / str(n), n, 5.0 * n) for n in range(1, 5)]
    async with open_studio(tmp_path / "at-once") as studio:
        await studio.take(*paths)
        whole = await the_case(studio)
    async with open_studio(tmp_path / "in-parts") as studio:
        for some in (paths[::2], paths[1::2], paths[::2]):
            await studio.take(*some)
        joined = await the_case(studio)
    assert joined.series == whole.series
    assert (len(joined.series), joined.series[0].slice_spacing_mm) == (1, 5.0)


async def test_objects_without_pictures_are_catalogued_and_found_by_their_words(
    tmp_path: Path,
) -> None:
    names = ("rtstruct.dcm", "rtplan.dcm", "liver_1frame.dcm", "waveform_ecg.dcm", "test-SR.dcm")
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(*map(shipped, names))
        assert report.quarantined == ()
        assert (report.cases, report.images) == (5, 0)
        found = await studio.cases(CaseRequest(query="Isocenter structure", mode="sparse"))
        assert "Isocenter" in found[0].source.searched_text()
        assert (await studio.take(*map(shipped, names))).skipped == 5
