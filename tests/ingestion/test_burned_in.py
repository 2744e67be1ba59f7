"""Text in pixels: masked in the picture and in the viewer's values, kept where it names nobody, held in doubt."""

import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from radcite.backends.state.database import SqliteState
from radcite.backends.state.phi_reviews import PHI_REVIEWS_SCHEMA, SqlPhiReviews
from radcite.core.errors import RadciteError
from radcite.core.settings import PrivacySettings
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.frames import read_frames
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.discovery import digest_of
from radcite.ingestion.door import Door
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import HeldForReview, carries_text, read_picture
from radcite.ingestion.pictures.ocr import words_in
from radcite.ingestion.worker import ParserPool
from tests.ingestion.lettering import lettered, write_ultrasound

LIMITS, GATE = Limits(), Gate(b"k" * 32)
HEADER = ((12, 30, 18, "ZEBRAFISH QUENTIN"), (12, 60, 18, "斑马鱼 男 住院号 7391155"))


def said(pixels: np.ndarray) -> str:
    return " ".join(word.text for word in words_in(pixels))


def test_names_in_both_languages_go_from_the_picture_and_the_viewers_values(
    tmp_path: Path,
) -> None:
    picture = lettered(*HEADER, (600, 240, 22, "L"), (20, 460, 16, "5.2 cm"))
    path = write_ultrasound(tmp_path / "a.dcm", picture)
    assert "QUENTIN" in said(picture)
    found = read_dicom(path, LIMITS, GATE)
    assert found.pixels is not None
    assert {place.verdict for place in found.hidden} == {"mask"}
    left = said(found.pixels)
    assert all(gone not in left for gone in ("ZEBRA", "QUENTIN", "斑", "739"))
    assert "5.2" in left

    frames = read_frames(path, LIMITS, found.hidden)
    shown = np.frombuffer(zlib.decompress(frames.frames[0]), frames.image.kind).reshape(480, 640)
    stored = pydicom.dcmread(path).pixel_array
    seen = said(np.clip((shown.astype(int) - 100) // 8, 0, 255).astype(np.uint8))
    assert "QUENTIN" not in seen
    assert "斑" not in seen
    assert found.gate.burned_in == "yes"
    assert found.gate.redacted == len(found.hidden)
    below = slice(120, 400)
    assert np.array_equal(shown[below], stored[below])


def test_a_name_that_the_window_hides_is_found_too(tmp_path: Path) -> None:
    path = write_ultrasound(tmp_path / "a.dcm", lettered(*HEADER))
    dataset = pydicom.dcmread(path)
    dataset.WindowCenter, dataset.WindowWidth = 1000000, 10
    dataset.save_as(path)
    assert read_dicom(path, LIMITS, GATE).hidden


def test_large_text_over_the_middle_is_held_until_somebody_decides(tmp_path: Path) -> None:
    path = write_ultrasound(tmp_path / "a.dcm", lettered((150, 260, 44, "ZEBRAFISH Q.")))
    with pytest.raises(HeldForReview, match="PHI_REVIEW") as held:
        read_dicom(path, LIMITS, GATE)
    assert "ZEBRA" not in str(held.value)
    assert read_dicom(path, LIMITS, Gate(b"k" * 32, release="masked")).hidden
    assert read_dicom(path, LIMITS, Gate(b"k" * 32, release="as it is")).hidden == ()


async def test_a_held_image_waits_is_decided_about_by_name_and_then_comes_in(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(lettered((150, 260, 44, "ZEBRAFISH Q."))).save(path)
    reviews = SqlPhiReviews(SqliteState(tmp_path / "phi_reviews.sqlite", PHI_REVIEWS_SCHEMA))
    gate = Gate(b"k" * 32, PrivacySettings())
    async with ParserPool(jobs=1) as pool:
        door, digest = Door(pool, gate, reviews), digest_of(path)
        for _ in range(2):
            with pytest.raises(RadciteError, match="radcite review phi show"):
                await door.read(read_picture, path, digest)
        [waiting] = await reviews.images()
        assert waiting.decision is None
        assert any(place.verdict == "hold" for place in waiting.places)
        with pytest.raises(RadciteError, match="VALIDATION"):
            await reviews.decide(waiting.key, "masked", "", "")
        await reviews.decide(waiting.key[:12], "rejected", "lin", "a name")
        with pytest.raises(RadciteError, match="rejected by a reviewer"):
            await door.read(read_picture, path, digest)
        await reviews.decide(waiting.key, "masked", "lin", "looked again")
        read = await door.read(read_picture, path, digest)
    assert read.hidden
    assert read.pixels[260 - 15, 150:400].max() < 40
    await reviews.close()


@pytest.mark.parametrize(
    ("burned_in", "ct", "us"),
    [
        ("usual", False, True),
        ("declared", False, False),
        ("all", True, True),
        ("none", False, False),
    ],
)
def test_which_images_are_read_is_a_setting(burned_in: str, ct: bool, us: bool) -> None:
    settings = PrivacySettings.model_validate({"burned_in": burned_in})
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    assert carries_text(dataset, settings) is ct
    dataset.Modality, dataset.BurnedInAnnotation = "US", "NO"
    assert carries_text(dataset, settings) is us
    if burned_in == "usual":
        dataset.Modality, dataset.BurnedInAnnotation = "CT", "YES"
        assert carries_text(dataset, settings)


def test_a_picture_is_read_for_text_by_default_and_is_left_alone_by_setting(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(lettered(*HEADER)).save(path)
    read = read_picture(path, LIMITS, GATE)
    assert read.hidden
    assert "QUENTIN" not in said(read.pixels)
    assert not read_picture(path, LIMITS, Gate(b"k" * 32, PrivacySettings(pictures=False))).hidden
    Image.fromarray(np.full((24, 20), 200, np.uint8)).save(path)
    assert not read_picture(path, LIMITS, GATE).hidden
