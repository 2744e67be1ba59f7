"""Pictures decoded no larger than an encoder needs them: near to the whole one made small, for every syntax."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest

from radcite.core.errors import RadciteError
from radcite.ingestion.dicom import open_dicom
from radcite.ingestion.dicom_pixels import decode_frames
from radcite.ingestion.dicom_planes import middle_frame
from radcite.ingestion.dicom_render import Renderer
from radcite.ingestion.dicom_small import small_picture
from radcite.ingestion.limits import Limits

LIMITS = Limits()
SHIPPED = Path(str(pydicom.__file__)).parent / "data/test_files"
SHARED = Path(__file__).parents[2] / "../shared/data/dicom/files"
CODED = (
    *("JPEG2000.dcm", "examples_jpeg2k.dcm", "US1_J2KR.dcm", "MR_small_jp2klossless.dcm"),
    *("SC_rgb_small_odd_jpeg.dcm", "examples_ybr_color.dcm", "HTJ2KLossless_08_RGB.dcm"),
    *("J2K_pixelrep_mismatch.dcm", "JPGExtended.dcm", "CT_small.dcm", "examples_palette.dcm"),
)


@pytest.fixture(autouse=True)
def _tolerant_of_odd_files() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pydicom")
        yield


def likeness(path: Path, side: int) -> float:
    dataset = open_dicom(path, LIMITS)
    small = small_picture(dataset, LIMITS, side)
    frames = list(decode_frames(dataset, LIMITS))
    middle = middle_frame(dataset, len(frames))
    whole = Renderer(dataset)(frames[middle], middle)
    assert max(small.shape[:2]) == min(side, max(whole.shape[:2]))
    size = small.shape[1::-1]
    made_small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    assert small.shape == made_small.shape
    return float(np.corrcoef(small.ravel(), made_small.ravel())[0, 1])


@pytest.mark.parametrize("name", CODED)
def test_a_small_picture_is_like_the_whole_one_made_small(name: str) -> None:
    found = list(SHIPPED.rglob(name))
    if not found:
        pytest.skip("this pydicom does not ship the file")
    assert likeness(found[0], 60) > 0.96


@pytest.mark.data
@pytest.mark.skipif(not SHARED.exists(), reason="measuring data")
@pytest.mark.parametrize("name", ["RG1_J2KI.dcm", "RG2_J2KI.dcm", "XA1_J2KI.dcm", "US1_J2KI.dcm"])
def test_radiographs_of_odd_sizes_too(name: str) -> None:
    assert likeness(SHARED / name, 224) > 0.99


def test_what_cannot_be_decoded_small_is_refused_as_it_is_whole() -> None:
    dataset = open_dicom(SHIPPED / "JPEG2000.dcm", LIMITS)
    dataset.PixelData = dataset.PixelData[:200]
    with pytest.raises(RadciteError, match="DICOM_PIXEL_DECODE"):
        small_picture(dataset, LIMITS, 60)


def test_a_small_image_is_not_enlarged() -> None:
    dataset = open_dicom(SHIPPED / "CT_small.dcm", LIMITS)
    assert small_picture(dataset, LIMITS, 512).shape == (128, 128)
