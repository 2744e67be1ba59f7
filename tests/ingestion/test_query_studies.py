"""A study that comes with a question: its series, stored values to window, and what the gate left behind."""

import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from radcite.backends.images.files import FileImages
from radcite.backends.images.viewing import FileFrames
from radcite.core.errors import RadciteError
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.frames import read_frames
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.discovery import find_files
from radcite.ingestion.door import Door
from radcite.ingestion.limits import Limits
from radcite.ingestion.query_studies import StudyTaker, TakenStudy
from radcite.ingestion.worker import ParserPool

CT = Path(str(get_testdata_file("CT_small.dcm", download=False)))


async def taken(folder: Path, *paths: Path) -> TakenStudy:
    async with ParserPool(jobs=1) as pool:
        take = StudyTaker(
            Door(pool, Gate(b"s" * 32)),
            FileImages(folder / "images"),
            FileFrames(folder / "frames"),
        )
        return await take(list(find_files(paths)))


def test_shown_values_are_the_hounsfield_units_of_the_file() -> None:
    read = read_frames(CT, Limits())
    image = read.image
    stored = np.frombuffer(zlib.decompress(read.frames[0]), dtype=image.kind)
    expected = pydicom.dcmread(CT)
    assert image.kind == "int16"
    assert (image.rows, image.columns, image.frames) == (128, 128, 1)
    shown = stored.reshape(image.rows, image.columns) * image.slope + image.intercept
    assert np.array_equal(shown, expected.pixel_array * 1.0 + float(expected.RescaleIntercept))
    assert image.low < image.high


def test_the_gate_names_what_it_left_behind_and_no_value_of_it() -> None:
    told = read_dicom(CT, Limits()).gate
    assert {"PatientName", "PatientID", "InstitutionName"} <= set(told.removed)
    assert told.private > 0
    assert "CompressedSamples" not in told.model_dump_json()


async def test_a_study_is_its_series_with_their_frames_kept(tmp_path: Path) -> None:
    study = await taken(tmp_path, CT)
    [series] = study.series
    assert series.modality == "CT"
    assert series.key == series.images[0].digest
    frame = await FileFrames(tmp_path / "frames").frame(series.key, 0)
    assert len(zlib.decompress(frame)) == 128 * 128 * 2
    assert (await FileImages(tmp_path / "images").pixels(series.key)).shape == (128, 128)
    assert study.patient is not None
    assert study.patient.startswith("P-")


async def test_what_is_no_image_is_listed_and_the_rest_is_taken(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Nothing to look at.")
    study = await taken(tmp_path, note, CT)
    assert len(study.series) == 1
    assert [one.code for one in study.refused] == ["UNSUPPORTED_FILE"]


async def test_files_of_two_patients_are_no_study(tmp_path: Path) -> None:
    other = pydicom.dcmread(CT)
    other.PatientID = other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    other.save_as(tmp_path / "other.dcm")
    with pytest.raises(RadciteError, match="VALIDATION") as refused:
        await taken(tmp_path, CT, tmp_path / "other.dcm")
    assert "2" in refused.value.detail
    assert "2" in refused.value.detail_zh


async def test_a_study_without_any_image_is_refused(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Nothing to look at.")
    with pytest.raises(RadciteError, match="UNSUPPORTED_FILE"):
        await taken(tmp_path, note)


async def test_a_frame_that_is_not_kept_is_not_found(tmp_path: Path) -> None:
    store = FileFrames(tmp_path)
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await store.frame("0" * 64, 0)
    with pytest.raises(RadciteError, match="VALIDATION"):
        await store.frame("../../etc/passwd", 0)
