import struct
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from radcite.core.errors import RadciteError
from radcite.core.pseudonym import pseudonym
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.objects import is_dicom, open_dicom, read_dicom
from radcite.ingestion.dicom.pixels import decode
from radcite.ingestion.dicom.render import render
from radcite.ingestion.dicom.series import group_series
from radcite.ingestion.limits import Limits

LIMITS = Limits()
SHIPPED = Path(str(pydicom.__file__)).parent / "data"


@pytest.fixture(autouse=True)
def _tolerant_of_odd_files() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pydicom")
        yield


def image(**attributes: Any) -> FileDataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    dataset = FileDataset("", Dataset(), file_meta=meta, preamble=bytes(128))
    stored = np.asarray(attributes.pop("stored", [[0, 100], [1000, 4095]]), dtype=np.uint16)
    base = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": "1.2.3.4",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.1",
        "Modality": "CT",
        "PatientID": "P-1",
        "PatientName": "Zhang^San",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "PixelData": stored.tobytes(),
    }
    for keyword, value in (base | attributes).items():
        if value is not None:
            setattr(dataset, keyword, value)
    return dataset


def written(path: Path, dataset: FileDataset) -> Path:
    dataset.save_as(path, enforce_file_format=True)
    return path


def shown(**attributes: Any) -> list[int]:
    dataset = image(**attributes)
    return render(decode(dataset), dataset).ravel().tolist()


def test_a_window_maps_its_ends_to_black_and_white() -> None:
    window = {"stored": [[0, 100, 150, 200, 300]], "WindowCenter": 150.5, "WindowWidth": 101}

    assert shown(**window) == [0, 0, 128, 255, 255]
    assert shown(**window, VOILUTFunction="LINEAR_EXACT")[1:4] == [0, 126, 252]
    assert shown(**window, VOILUTFunction="SIGMOID") == [1, 30, 126, 224, 254]


def test_windowing_agrees_with_pydicom_for_every_function() -> None:
    stored = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        dataset = image(
            stored=stored,
            RescaleSlope=1,
            RescaleIntercept=-1024,
            WindowCenter=[40, 300],
            WindowWidth=[400, 2000],
            VOILUTFunction=function,
        )
        hounsfield = pydicom.pixels.apply_modality_lut(stored, dataset)
        windowed = pydicom.pixels.apply_windowing(hounsfield, dataset)
        expected = (windowed + 1024) / 65535 * 255

        assert np.abs(render(stored, dataset) - expected).max() <= 0.51


def test_monochrome1_is_inverted_and_padding_does_not_stretch_the_range() -> None:
    assert shown(stored=[[10, 20]], PhotometricInterpretation="MONOCHROME1") == [255, 0]
    assert shown(stored=[[10, 15, 20, 60000]], PixelPaddingValue=60000)[:3] == [0, 128, 255]


def test_an_empty_or_senseless_window_falls_back_to_the_range() -> None:
    for center, width in ((None, None), ([], []), (40, 0), (40, -5)):
        assert shown(stored=[[0, 50, 100]], WindowCenter=center, WindowWidth=width)[2] == 255


def test_lookup_tables_stand_before_windows() -> None:
    lut = Dataset()
    lut.LUTDescriptor = [3, 10, 8]
    lut.LUTData = [0, 51, 255]

    assert shown(stored=[[0, 11, 99]], VOILUTSequence=Sequence([lut])) == [0, 51, 255]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("examples_palette.dcm", (350, 800, 3)),
        ("examples_ybr_color.dcm", (240, 320, 3)),
        ("SC_rgb_rle_16bit.dcm", (100, 100, 3)),
        ("liver_1frame.dcm", (512, 512)),
    ],
)
def test_the_key_frame_is_ready_to_show(name: str, shape: tuple[int, ...]) -> None:
    found = read_dicom(SHIPPED / "test_files" / name, LIMITS)

    assert found.pixels is not None
    assert (found.pixels.shape, found.pixels.dtype) == (shape, np.uint8)
    assert found.pixels.max() > found.pixels.min()


def test_an_image_is_described_without_showing_whose_it_is(tmp_path: Path) -> None:
    dataset = image(
        *(),
        PixelSpacing=[0.5, 0.25],
        BodyPartExamined="CHEST",
        ViewPosition="PA",
        ImageLaterality="L",
        StudyDescription="for Zhang San",
    )
    found = read_dicom(written(tmp_path / "a", dataset), LIMITS)

    assert (found.modality, found.body_part, found.view, found.laterality) == (
        "CT",
        "CHEST",
        "PA",
        "L",
    )
    assert (found.spacing_mm, found.frames, found.key_frame) == ((0.5, 0.25), 1, 0)
    assert found.patient.startswith("P-")
    assert not {"P-1", "Zhang", "1.2.3.4"} & set(repr(found).replace("'", " ").split())


def test_a_structured_report_comes_back_as_text() -> None:
    found = read_dicom(SHIPPED / "test_files" / "test-SR.dcm", LIMITS)

    assert (found.frames, found.pixels, found.modality) == (0, None, "SR")
    assert len(found.text.splitlines()) > 3


@pytest.mark.parametrize(
    "keyword",
    ["SOPInstanceUID", "Rows", "PhotometricInterpretation"],
)
def test_a_missing_attribute_is_named(tmp_path: Path, keyword: str) -> None:
    dataset = image()
    del dataset[keyword]
    path = tmp_path / "a.dcm"
    pydicom.dcmwrite(path, dataset, enforce_file_format=keyword != "SOPInstanceUID")

    with pytest.raises(RadciteError) as raised:
        read_dicom(path, LIMITS)

    assert (raised.value.code, raised.value.detail) == ("DICOM_MISSING_TAG", keyword)


def test_a_whole_image_without_modality_and_study_is_a_study_of_its_own(tmp_path: Path) -> None:
    dataset = image()
    del dataset.Modality, dataset.StudyInstanceUID, dataset.SeriesInstanceUID
    found = read_dicom(written(tmp_path / "a", dataset), LIMITS, Gate(b"k" * 32))

    assert found.modality == "OT"
    assert found.study == pseudonym(b"k" * 32, "study", dataset.SOPInstanceUID)
    assert found.series == pseudonym(b"k" * 32, "series", dataset.SOPInstanceUID)


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole", image()).read_bytes()
    path = tmp_path / "cut"
    for length in range(140, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(RadciteError) as raised:
            read_dicom(path, LIMITS)
        assert raised.value.code == "DICOM_TRUNCATED", length


def test_an_unknown_transfer_syntax_is_refused_by_name(tmp_path: Path) -> None:
    dataset = open_dicom(SHIPPED / "test_files" / "JPEG2000.dcm", LIMITS)
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.MPEG2MPML

    with pytest.raises(RadciteError, match=r"DICOM_TRANSFER_SYNTAX: 1\.2\.840"):
        read_dicom(written(tmp_path / "a.dcm", dataset), LIMITS)


def claimed_pixels() -> bytes:
    buffer = BytesIO()
    image(Rows=65535, Columns=65535, NumberOfFrames=50).save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def deflated_zeros() -> bytes:
    syntax = DeflatedExplicitVRLittleEndian.encode()
    head = struct.pack("<HH2sHL", 2, 0, b"UL", 4, 0) + struct.pack("<HH2sH", 2, 0x10, b"UI", 22)
    deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
    zeros = b"".join(deflater.compress(bytes(1 << 20)) for _ in range(120)) + deflater.flush()
    return bytes(128) + b"DICM" + head + syntax + zeros


def many_elements() -> bytes:
    tiny = b"".join(struct.pack("<HH2sH", 0x0009, at, b"LO", 0) for at in range(0x1000, 0xF000))
    return bytes(128) + b"DICM" + tiny * 6


def deep_nesting() -> bytes:
    opening = struct.pack("<HH2sHL", 8, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    return (
        bytes(128) + b"DICM" + (opening + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)) * 5_000
    )


@pytest.mark.parametrize("bomb", [claimed_pixels, deflated_zeros, many_elements, deep_nesting])
def test_a_bomb_ends_quickly_at_a_limit(tmp_path: Path, bomb: Callable[[], bytes]) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(bomb())
    began = time.monotonic()

    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        read_dicom(path, LIMITS)

    assert time.monotonic() - began < 5


def test_files_that_only_resemble_dicom_are_not_taken_for_it(tmp_path: Path) -> None:
    for name, data in {"empty": b"", "text": b"plain text " * 40, "zeros": bytes(4_000)}.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert not is_dicom(path)
        with pytest.raises(RadciteError, match="UNSUPPORTED_FILE"):
            read_dicom(path, LIMITS)


def slice_at(tmp_path: Path, number: int, z: float | None, **attributes: Any) -> Any:
    place = {} if z is None else {"ImagePositionPatient": [0, 0, z]}
    plane = {} if z is None else {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
    uid = f"1.2.3.4.{number}"
    dataset = image(SOPInstanceUID=uid, InstanceNumber=number, **place, **plane, **attributes)
    one = read_dicom(written(tmp_path / f"{uid}-{z}", dataset), LIMITS, Gate(b"k" * 32))
    return one.told(f"{number:064}")


def test_slices_go_along_their_normal_whatever_their_numbers(tmp_path: Path) -> None:
    places = {1: 10.0, 2: 0.0, 3: 5.0, 4: 20.0, 5: 15.0}
    (series,) = group_series([slice_at(tmp_path, *place) for place in places.items()])

    assert [one.instance_number for one in series.objects] == [2, 3, 1, 5, 4]
    assert series.slice_spacing_mm == pytest.approx(5.0)
    assert series.key is not None
    assert series.key.instance_number == 1


def test_slices_without_geometry_go_by_number_and_series_stay_apart(tmp_path: Path) -> None:
    objects = [slice_at(tmp_path, number, None) for number in (3, 1, 2)]
    other = slice_at(tmp_path, 9, None, SeriesInstanceUID="1.2.3.2")
    first, second = group_series([*objects, other])

    assert [one.instance_number for one in first.objects] == [1, 2, 3]
    assert first.slice_spacing_mm is None
    assert second.objects == (other,)


def test_the_text_of_a_report_names_nobody(tmp_path: Path) -> None:
    report = pydicom.dcmread(SHIPPED / "test_files" / "test-SR.dcm")
    report.PatientName = "Marlowe^Philip=馬羅^菲力"
    report.PatientID = "MRN-4711"
    words = Dataset()
    words.ValueType = "TEXT"
    words.TextValue = "Philip MARLOWE (mrn-4711, 馬羅菲力) has a clear chest; philippine travel."
    report.ContentSequence.append(words)
    path = tmp_path / "a.dcm"
    report.save_as(path)

    text = read_dicom(path, LIMITS).text

    assert "has a clear chest; philippine travel." in text
    for mark in ("Philip ", "marlowe", "mrn-4711", "馬羅", "菲力"):
        assert mark.casefold() not in text.casefold()


@pytest.mark.parametrize(
    "name",
    ["JPGExtended.dcm", "SC_rgb_small_odd_jpeg.dcm", "JPEG-LL.dcm", "JPEGLSNearLossless_16.dcm"],
)
def test_a_codestream_without_an_end_is_refused_though_the_file_is_whole(name: str) -> None:
    found = next(iter(sorted(SHIPPED.rglob(name))), None)
    if found is None:
        pytest.skip("this pydicom does not ship the file")
    dataset = open_dicom(found, LIMITS)
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    dataset.PixelData = encapsulate([frame[: len(frame) * 2 // 3]])
    with pytest.raises(RadciteError, match="DICOM_PIXEL_DECODE"):
        decode(dataset)
