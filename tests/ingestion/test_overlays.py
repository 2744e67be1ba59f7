"""What a worker knows of a series' overlay: enough not to read it again, never enough to let new text through."""

from pathlib import Path

import numpy as np
import pydicom

from radcite.core.settings import PrivacySettings
from radcite.ingestion.burned_in import read_picture
from radcite.ingestion.dicom import read_dicom
from radcite.ingestion.gate import Gate
from radcite.ingestion.limits import Limits
from radcite.ingestion.ocr import glance
from radcite.ingestion.overlays import Overlays, overlays_of
from tests.ingestion.lettering import lettered, write_ultrasound

LIMITS, GATE = Limits(), Gate(b"k" * 32)
NAME, DEPTH = (12, 30, 18, "ZEBRAFISH QUENTIN"), (20, 460, 16, "5.2 cm")


def test_a_known_overlay_explains_itself_and_nothing_beside_it() -> None:
    known = Overlays()
    picture = lettered(NAME, DEPTH)
    masked, kept = (8, 10, 220, 40), (18, 444, 80, 466)
    assert known.explain(picture, [masked]) is None
    known.learn(picture, [masked], [kept])
    assert known.explain(picture, []) == ()
    assert known.explain(picture, [(12, 14, 200, 34), kept]) == (masked,)
    assert known.explain(picture, [(300, 200, 420, 230)]) is None
    other = lettered(NAME, (20, 460, 16, "SMITH"))
    assert known.explain(other, [kept]) is None


def test_of_many_series_the_oldest_are_forgotten() -> None:
    overlays_of("first").learn(lettered(NAME), [(0, 0, 9, 9)], [])
    assert overlays_of("first").masked
    for number in range(40):
        overlays_of("other", number)
    assert not overlays_of("first").masked


def test_the_second_picture_of_a_series_is_masked_alike_and_new_text_in_it_too(
    tmp_path: Path,
) -> None:
    # Another key makes another series of the same UID.
    gate = Gate(b"s" * 32)
    first = read_dicom(write_ultrasound(tmp_path / "a.dcm", lettered(NAME)), LIMITS, gate)
    again = read_dicom(write_ultrasound(tmp_path / "b.dcm", lettered(NAME)), LIMITS, gate)
    assert {place.box for place in again.hidden} <= {place.box for place in first.hidden}
    assert {place.score for place in again.hidden} == {1.0}
    # The header's name is covered, and so is what the first picture did not have.
    more = lettered(NAME, (430, 440, 18, "BOXFISH ADA"))
    third = read_dicom(write_ultrasound(tmp_path / "c.dcm", more), LIMITS, gate)
    assert third.pixels is not None
    assert len(third.hidden) > len(first.hidden)
    assert third.pixels[425:440, 430:540].max() < 60


def test_a_picture_without_text_is_only_glanced_at_and_one_with_a_name_is_masked(
    tmp_path: Path,
) -> None:
    from PIL import Image

    assert glance(np.zeros((480, 640), np.uint8)) == []
    assert glance(np.full((24, 20), 200, np.uint8)) == []
    path = tmp_path / "a.png"
    Image.fromarray(lettered(NAME, DEPTH)).save(path)
    read = read_picture(path, LIMITS, GATE)
    assert read.hidden
    assert read.pixels[14:34, 12:200].max() < 60
    assert not read_picture(path, LIMITS, Gate(b"k" * 32, PrivacySettings(pictures=False))).hidden


def test_the_stored_values_of_the_second_picture_stay_its_own(tmp_path: Path) -> None:
    picture = lettered(NAME)
    path = write_ultrasound(tmp_path / "a.dcm", picture)
    read_dicom(path, LIMITS, GATE)
    found = read_dicom(path, LIMITS, GATE)
    stored = pydicom.dcmread(path).pixel_array
    assert found.pixels is not None
    assert found.pixels.shape == stored.shape
    assert found.pixels[200:].max() > 0
