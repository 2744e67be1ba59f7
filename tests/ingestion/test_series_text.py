"""Text that repeats over the files of a series is read once; text that only one of them has is found all the same."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from radcite.core.settings import PrivacySettings
from radcite.core.vectors import Pixels
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.objects import DicomObject, read_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import HeldForReview
from radcite.ingestion.pictures.ocr import words_in
from radcite.ingestion.pictures.series_text import SeriesTexts
from radcite.ingestion.pictures.text_like import text_like
from radcite.ingestion.pictures.text_places import Reading, TextPlace
from tests.ingestion.lettering import lettered, write_ultrasound

LIMITS = Limits()
HEADER = (8, 20, 14, "ZEBRAFISH QUENTIN")
NOTHING = Reading((), ())


def picture(*lines: tuple[float, float, float, str], shade: int = 60) -> Pixels:
    """Lettering over a body that differs from slice to slice."""
    drawn = lettered(HEADER, *lines, width=320, height=240)
    drawn = np.where(drawn < 40, drawn // 4, drawn)
    rows, columns = np.mgrid[:240, :320]
    body = (rows - 130) ** 2 / 70**2 + (columns - 160) ** 2 / 110**2 < 1
    return np.maximum(drawn, np.where(body, shade, 0).astype(np.uint8))


def read_slice(folder: Path, number: int, shown: Pixels, gate: Gate) -> DicomObject:
    path = write_ultrasound(folder / f"{number}.dcm", shown)
    dataset = pydicom.dcmread(path)
    dataset.SOPInstanceUID = f"1.2.3.4.5.{number}"
    dataset.save_as(path)
    return read_dicom(path, LIMITS, gate)


class Reader:
    """Reads nothing, and counts how often it was asked."""

    def __init__(self, made: Reading = NOTHING) -> None:
        self.made, self.asked = made, 0

    def __call__(self, _: Pixels) -> Reading:
        self.asked += 1
        return self.made


def test_a_repeated_overlay_is_read_once_over_slices_that_differ() -> None:
    texts, reader = SeriesTexts(), Reader()
    for shade in range(40, 80, 4):
        texts.reading("s", picture(shade=shade), reader)
    assert reader.asked == 1
    texts.reading("another series", picture(shade=84), reader)
    assert reader.asked == 2


@pytest.mark.parametrize(
    "line",
    [
        (150, 140, 12, "Kim"),
        (4, 232, 9, "斑马鱼"),
        (90, 100, 28, "MRN 7391155"),
        (8, 20, 14, "ZEBRAFISH QUENTIN S."),
    ],
)
def test_a_slice_with_other_text_is_read(line: tuple[float, float, float, str]) -> None:
    texts, reader = SeriesTexts(), Reader()
    texts.reading("s", picture(), reader)
    texts.reading("s", picture(line, shade=70), reader)
    assert reader.asked == 2


def test_a_slice_without_the_text_of_the_sample_is_read_so_that_no_mask_lies_over_it() -> None:
    place = TextPlace(0, (0, 0, 160, 30), 0.9, "mask")
    texts, reader = SeriesTexts(), Reader(Reading((place,), ((4, 4, 150, 24),)))
    texts.reading("s", picture(), reader)
    blank = picture()
    blank[:30] = 5
    texts.reading("s", blank, reader)
    assert reader.asked == 2


def test_one_in_sixteen_is_read_all_the_same_and_text_found_there_ends_the_sampling() -> None:
    texts, reader = SeriesTexts(), Reader()
    same = picture()
    for _ in range(17):
        texts.reading("s", same, reader)
    assert reader.asked == 2
    reader.made = Reading((TextPlace(0, (200, 200, 240, 220), 0.9, "mask"),), ())
    for _ in range(20):
        texts.reading("s", same, reader)
    assert reader.asked == 2 + 1 + 4


def test_strokes_of_letters_are_told_and_smooth_shapes_are_not() -> None:
    found = text_like(picture((100, 150, 16, "5.2 cm 王")))
    assert any(x0 < 190 < x1 and y0 < 145 < y1 for x0, y0, x1, y1 in found)
    rows, columns = np.mgrid[:240, :320]
    assert not text_like(((rows - 100) ** 2 + (columns - 100) ** 2 < 6000).astype(np.uint8) * 200)


def test_a_name_in_a_slice_that_no_sample_showed_is_masked_there_alone(tmp_path: Path) -> None:
    gate = Gate(b"s" * 32)
    slices = [picture(), picture(shade=64), picture((120, 228, 13, "Novak, Ada"), shade=68)]
    read = [read_slice(tmp_path, number, one, gate) for number, one in enumerate(slices)]
    assert [len(one.hidden) for one in read] == [1, 1, 2]
    assert read[1].pixels is not None
    assert read[1].pixels[8:22, 8:150].max() < 20
    assert read[2].pixels is not None
    said = " ".join(word.text for word in words_in(read[2].pixels))
    assert "QUENTIN" not in said
    assert "Novak" not in said
    unread = Gate(b"s" * 32, PrivacySettings(burned_in="none"))
    assert read_slice(tmp_path, 1, slices[1], unread).shown == read[1].shown


def test_a_held_overlay_holds_every_file_that_repeats_it(tmp_path: Path) -> None:
    gate = Gate(b"h" * 32)
    for number in range(2):
        with pytest.raises(HeldForReview):
            read_slice(tmp_path, number, picture((70, 140, 36, "QUENTIN"), shade=50), gate)
