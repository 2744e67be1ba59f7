"""Text burned into pictures: found by reading, judged by what it says and where, put out of sight.

What is short and names nobody (side, position, measure) stays; all other text goes, for nobody can tell a
name from a word by its shape. Where a mask would hide anatomy, or the reader is in doubt there, the image
is held for a person to look at.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.core.phi_review import HeldWords
from radcite.core.settings import PrivacySettings
from radcite.core.vectors import Pixels
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.attributes import numbers, text
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.frame_texts import frame_places
from radcite.ingestion.pictures.images import read_image
from radcite.ingestion.pictures.ocr import Word, words_in
from radcite.ingestion.pictures.series_text import series_texts
from radcite.ingestion.pictures.text_places import Box, Reading, TextPlace

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

__all__ = [
    "Box",
    "HeldForReview",
    "Picture",
    "TextPlace",
    "carries_text",
    "find_text",
    "masked",
    "places_in",
    "read_picture",
    "read_places",
]

Values = TypeVar("Values", bound=NDArray[np.generic])

# Modalities of (0008,0060) whose pictures usually carry text.
_USUAL = frozenset(
    {
        *(
            "US",
            "IVUS",
            "SC",
            "XA",
            "RF",
            "OT",
            "CR",
            "DX",
            "MG",
            "IO",
            "PX",
            "RG",
            "XC",
            "ES",
            "GM",
        ),
        *("OP", "OPV", "DOC", "ECG", "EPS", "HD", "SM", "VL", "DG", "NM", "BMD", "RTIMAGE", "OPT"),
    }
)
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_KEPT = re.compile(
    r"[LRAPHFSI左右前后]|LT|RT|LEFT|RIGHT|AP|PA|LAT|LATERAL|OBL|SUPINE|PRONE|ERECT|SEMI-?ERECT|UPRIGHT|PORTABLE|"
    r"[LR]?-?(?:CC|MLO|ML|LM)|(?:MI|TIS|TIB|TIC)[:=]?\d\.?\d*|[-+]?\d{1,3}(?:[.,]\d{1,2})?(?:CM|MM|DB|HZ|KHZ|MHZ|FPS|M/S|CM/S|%|S|MS|°)?"
)
_SURE = 0.5
# Nothing of a picture smaller than this both ways can be read.
_LEGIBLE = 32
_LARGE = 0.015
_CENTRE = 0.2


_Again: TypeAlias = (
    "tuple[type[HeldForReview], tuple[tuple[TextPlace, ...], tuple[HeldWords, ...]]]"
)


class HeldForReview(RadciteError):
    """`PHI_REVIEW` with the places that made it so; it carries boxes and positions in texts, and no words."""

    def __init__(self, places: tuple[TextPlace, ...], words: tuple[HeldWords, ...] = ()) -> None:
        doubtful = sum(place.verdict == "hold" for place in places)
        told = [
            (
                f"text over the middle of the image in {doubtful} of {len(places)} places",
                f"图像中部有疑似文字：{len(places)} 处中的 {doubtful} 处",
            ),
            (f"words that may be a name: {len(words)}", f"疑似姓名 {len(words)} 处"),
        ]
        said = [one for one, there in zip(told, (places, words), strict=True) if there]
        super().__init__(
            "PHI_REVIEW", "; ".join(en for en, _ in said), "；".join(zh for _, zh in said)
        )
        self.places = places
        self.words = words

    def __reduce__(self) -> "_Again":  # pyright: ignore[reportIncompatibleMethodOverride] - made again from its places alone
        return type(self), (self.places, self.words)


def carries_text(dataset: "FileDataset", settings: PrivacySettings) -> bool:
    """Whether an image of this kind is to be read: what CT and MR scanners write is not, by default."""
    said = text(dataset, "BurnedInAnnotation")
    match settings.burned_in:
        case "none":
            return False
        case "all":
            return True
        case "declared" if said == "NO":
            return False
        case _:
            return said == "YES" or _is_screen(dataset) or text(dataset, "Modality") in _USUAL


def _is_screen(dataset: "FileDataset") -> bool:
    """Whether an image was made from others or captured from a screen, where software writes what it likes.

    Source: DICOM PS3.3 C.7.6.1.1.2 (value 2 of Image Type); no scanner acquires sections in colour.
    """
    if text(dataset, "SOPClassUID").startswith(_SECONDARY_CAPTURE):
        return True
    told = dataset.get("ImageType")
    made = [] if told is None or isinstance(told, str) else [str(one) for one in told]
    return made[1:2] == ["SECONDARY"] or next(iter(numbers(dataset, "SamplesPerPixel")), 1) > 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG with its text masked, and where that was."""

    pixels: Pixels
    hidden: tuple[TextPlace, ...] = ()


def read_picture(path: Path, limits: Limits, gate: Gate) -> Picture:
    """A PNG or JPEG, read for text unless the settings say not to. Meant for a worker process.

    Raises:
        HeldForReview: A place wants a person's decision, and there is none.
        RadciteError: As `read_image`.
    """
    pixels = read_image(path, limits)
    if (
        not gate.settings.pictures
        or gate.settings.burned_in == "none"
        or max(pixels.shape[:2]) < _LEGIBLE
    ):
        return Picture(pixels)
    hidden = _decided(tuple(find_text(pixels)), gate)
    return Picture(masked(pixels, hidden), hidden)


def places_in(dataset: "FileDataset", gate: Gate, limits: Limits) -> tuple[TextPlace, ...]:
    """Where a DICOM image carries text that has to go; the boxes hold for every frame.

    What was read of an earlier picture of the series is taken over where one shows the same there and nothing new
    that may be text, unless the settings want every file read. Which frames are read: `frame_places`.

    Raises:
        HeldForReview: A place wants a person's decision, and there is none.
        RadciteError: As `decode_frames`.
    """
    if not carries_text(dataset, gate.settings):
        return ()
    series = gate.identity(dataset).series if gate.settings.sampled else ""

    def read(view: Pixels) -> Reading:
        return series_texts().reading(series, view, read_places) if series else read_places(view)

    return _decided(frame_places(dataset, limits, read), gate)


def _decided(places: tuple[TextPlace, ...], gate: Gate) -> tuple[TextPlace, ...]:
    """The places to mask, after what a reviewer decided about the file.

    Raises:
        HeldForReview: A place wants a decision, and there is none.
    """
    if gate.release == "as it is":
        return ()
    if gate.release is None and any(place.verdict == "hold" for place in places):
        raise HeldForReview(places)
    return places


def find_text(picture: Pixels, frame: int = 0) -> list[TextPlace]:
    """The lines of text of a picture that name or may name somebody."""
    return [replace(place, frame=frame) for place in read_places(picture).places]


def read_places(picture: Pixels) -> Reading:
    """The same with the boxes of all words, those that stay too."""
    height, width = picture.shape[:2]
    words = words_in(picture)
    places = (
        TextPlace(0, _grown(word.box, height, width), round(word.score, 2), verdict)
        for word in words
        if (verdict := _verdict(word, height, width)) is not None
    )
    return Reading(tuple(places), tuple(word.box for word in words))


def masked(values: Values, places: Iterable[TextPlace], *, bright_is_low: bool = False) -> Values:
    """The values with each place at the darkest value there is; the same array where there is no place.

    Args:
        values: (rows, columns) or (rows, columns, samples).
        places: What `places_in` found.
        bright_is_low: Whether the highest value is the darkest.
    """
    boxes = [place.box for place in places]
    if not boxes:
        return values
    covered = values.copy()
    darkest = values.max() if bright_is_low else values.min()
    dark = np.zeros((), values.dtype) if values.ndim == 3 else darkest
    for x0, y0, x1, y1 in boxes:
        covered[y0:y1, x0:x1] = dark
    return covered


def _verdict(word: Word, height: int, width: int) -> Literal["mask", "hold"] | None:
    said = re.sub(r"\s", "", word.text)
    letters = re.sub(r"[^\w]", "", said)
    if len(letters) < (2 if re.search(r"[\u3400-\u9fff]", letters) else 3):
        return None
    if word.score >= _SURE and _KEPT.fullmatch(said.upper()):
        return None
    x0, y0, x1, y1 = word.box
    across, down = (x0 + x1) / 2 / width, (y0 + y1) / 2 / height
    central = min(across, down, 1 - across, 1 - down) > _CENTRE
    large = (x1 - x0) * (y1 - y0) > _LARGE * height * width
    return "hold" if central and (large or word.score < _SURE) else "mask"


def _grown(box: Box, height: int, width: int) -> Box:
    x0, y0, x1, y1 = box
    more = 2 + (y1 - y0) // 6
    return max(x0 - more, 0), max(y0 - more, 0), min(x1 + more, width), min(y1 + more, height)
