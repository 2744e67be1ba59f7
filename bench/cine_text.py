"""Whether a name that one frame of a cine shows is found, though not every frame is read.

Lettering is drawn into one frame of the ultrasound cine that pydicom ships (30 frames, 240 by 320). Only what
reading that frame alone finds counts.
"""

import random
from collections.abc import Sequence

import numpy as np
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.uid import ExplicitVRLittleEndian

from bench.series_text import WORDS, meet, planted
from bench.timing import Row
from radcite.core.vectors import Pixels
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import find_text, read_places
from radcite.ingestion.pictures.frame_texts import frame_places
from radcite.ingestion.pictures.text_places import Reading

__all__ = ["cine_text_rows"]

_SIZES = (9, 10, 12, 14, 18, 24)
_SHADES = (255, 255, 200, 150)


def cine_text_rows(count: int, seed: int = 5) -> list[Row]:
    """Of so many plantings: how many reading the frame finds, of these how many are passed over, and readings."""
    draw = random.Random(seed)
    cine, frames = _cine()
    found, passed, readings = 0, list[str](), 0

    def read(picture: Pixels) -> Reading:
        nonlocal readings
        readings += 1
        return read_places(picture)

    for _ in range(count):
        size, words, shade = draw.choice(_SIZES), draw.choice(WORDS), draw.choice(_SHADES)
        number = draw.randrange(len(frames))
        picture, box = planted(draw, frames[number], size, words, shade)
        if not any(meet(place.box, box) for place in find_text(picture)):
            continue
        found += 1
        shown = [*frames[:number], picture, *frames[number + 1 :]]
        cine.PixelData = np.stack(shown).tobytes()
        places = frame_places(cine, Limits(), read)
        if not any(meet(place.box, box) for place in places):
            passed.append(f"{words} of {size} px, shade {shade}")
    return [
        Row("plantings in one frame of a cine, read in that frame", found, note=f"of {count}"),
        Row("of these, passed over", len(passed), goal="<= 0", note="; ".join(passed)),
        Row("readings a cine of 30 frames", readings / max(found, 1)),
    ]


def _cine() -> tuple[FileDataset, Sequence[Pixels]]:
    """The cine in grey and without compression, and its frames."""
    cine = dcmread(get_testdata_file("examples_ybr_color.dcm"))
    frames = [np.ascontiguousarray(frame[..., 1]) for frame in cine.pixel_array]
    cine.decompress()
    cine.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    cine.SamplesPerPixel, cine.PhotometricInterpretation = 1, "MONOCHROME2"
    if "PlanarConfiguration" in cine:
        del cine.PlanarConfiguration
    return cine, frames
