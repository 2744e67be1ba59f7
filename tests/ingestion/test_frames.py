"""The viewer's values and the evidence's picture are of one frame and one scale."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from radcite.core.errors import RadciteError
from radcite.core.phi_review import HeldImage
from radcite.core.settings import PrivacySettings
from radcite.ingestion.dicom.frames import read_frames
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import carries_text
from tests.ingestion.studio import write_dicom


def changed(path: Path, **values: object) -> Path:
    dataset = pydicom.dcmread(path)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)
    return path


def group(**places: list[float]) -> Dataset:
    made, place = Dataset(), Dataset()
    plane = Dataset()
    place.ImagePositionPatient = places["at"]
    plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    made.PlanePositionSequence, made.PlaneOrientationSequence = [place], [plane]
    return made


def test_viewer_and_evidence_show_the_frame_of_the_middle_plane(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", instance=1)
    dataset = pydicom.dcmread(path)
    frames = [np.full((16, 12), value, np.uint16) for value in (0, 100, 200)]
    dataset.NumberOfFrames = 3
    dataset.PixelData = b"".join(one.tobytes() for one in frames)
    dataset.PerFrameFunctionalGroupsSequence = [group(at=[0, 0, z]) for z in (5.0, 9.0, 1.0)]
    dataset.save_as(path)
    one, shown = read_dicom(path, Limits()), read_frames(path, Limits())
    assert one.key_frame == shown.image.key_frame == 0
    assert len(shown.frames) == 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"RescaleSlope": 2.5}, (2.5, 0.0)), ({"RescaleIntercept": -7}, (1.0, -7.0))],
)
def test_a_slope_without_an_intercept_scales_and_the_other_way_round(
    tmp_path: Path, given: dict[str, float], expected: tuple[float, float]
) -> None:
    path = write_dicom(tmp_path / "a.dcm", instance=1)
    stored = pydicom.dcmread(path).pixel_array
    slope, intercept = expected
    low, high = stored.min() * slope + intercept, stored.max() * slope + intercept
    changed(path, **given, WindowCenter=(low + high) / 2, WindowWidth=high - low)
    pixels, image = read_dicom(path, Limits()).pixels, read_frames(path, Limits()).image
    assert pixels is not None
    assert (int(pixels.min()), int(pixels.max())) == (0, 255)
    assert (image.slope, image.intercept) == expected


def test_an_ultrasound_has_the_spacing_of_its_regions(tmp_path: Path) -> None:
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.03
    path = write_dicom(tmp_path / "a.dcm", instance=1)
    changed(path, Modality="US", SequenceOfUltrasoundRegions=[region])
    assert read_dicom(path, Limits()).spacing_mm == pytest.approx((0.3, 0.2))
    other = deepcopy(region)
    other.PhysicalDeltaX = 0.05
    changed(path, SequenceOfUltrasoundRegions=[region, other])
    assert read_dicom(path, Limits()).spacing_mm is None


@pytest.mark.parametrize("keyword", ["BitsStored", "PixelRepresentation"])
def test_an_absent_description_of_integers_is_named(tmp_path: Path, keyword: str) -> None:
    path = write_dicom(tmp_path / "a.dcm", instance=1)
    dataset = pydicom.dcmread(path)
    delattr(dataset, keyword)
    dataset.save_as(path)
    with pytest.raises(RadciteError, match="DICOM_MISSING_TAG") as refused:
        read_dicom(path, Limits())
    assert keyword in refused.value.detail


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({}, False),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, False),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, True),
        ({"SamplesPerPixel": 3}, True),
        ({"Modality": "NM"}, True),
        ({"Modality": "RTIMAGE"}, True),
        ({"Modality": "BMD"}, True),
        ({"Modality": "OPT"}, True),
    ],
)
def test_what_software_drew_is_read_for_text(
    tmp_path: Path, values: dict[str, object], read: bool
) -> None:
    path = changed(write_dicom(tmp_path / "a.dcm", instance=1), **values)
    assert carries_text(pydicom.dcmread(path), PrivacySettings()) is read


@pytest.mark.parametrize(("user", "reason"), [(" ", "why"), ("Dr Li", "")])
def test_a_decision_without_a_name_or_a_reason_is_refused_before_it_is_on_record(
    user: str, reason: str
) -> None:
    held = HeldImage(key="0" * 64, held_at="2026-01-01T00:00:00+00:00")
    with pytest.raises(RadciteError, match="VALIDATION"):
        held.check("as it is", user, reason)
