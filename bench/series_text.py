"""Whether text that a slice shows and the read sample of its series does not is found, and what sampling saves.

Lettering of both languages, of 8 to 44 pixels and six shades, is drawn at random places on real pictures: the one
without it is the sample. Only what reading the whole picture finds counts.
"""

import random
import time
from pathlib import Path

import numpy as np

from bench.timing import Row
from radcite.core.vectors import Pixels
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import find_text
from radcite.ingestion.pictures.images import read_image
from radcite.ingestion.pictures.series_text import SeriesTexts
from radcite.ingestion.pictures.text_places import Box, Reading

__all__ = ["WORDS", "meet", "planted", "series_text_rows"]

_SETS = ("nih_cxr", "covidcxr", "brain_mri")
WORDS = (
    *("ZEBRA QUENTIN", "Novak, Ada", "Dr. Brandt", "Kim", "MRN 44-1023", "12/03/1961"),
    *("王小明", "李晓华 男", "住院号 7391155", "张伟"),
)
_SIZES = (8, 9, 10, 12, 14, 18, 24, 32, 44)
# Levels between letters and ground below which nobody reads them, though the reader may guess.
_FAINT = 20
_SHADES = (255, 255, 200, 150, 110, 0)


def series_text_rows(images: Path, count: int, seed: int = 5) -> list[Row]:
    """Of so many plantings: how many reading finds, how many of these sampling passes over, and its cost."""
    draw = random.Random(seed)
    pictures = _pictures(images, draw)
    if not pictures:
        return [Row("plantings", 0, note="the measuring data are not here")]
    found, passed, faint, whole = 0, list[str](), 0, 0.0
    for _ in range(count):
        sample = draw.choice(pictures)
        size, words, shade = draw.choice(_SIZES), draw.choice(WORDS), draw.choice(_SHADES)
        picture, box = planted(draw, sample, size, words, shade)
        began = time.process_time()
        seen = any(meet(place.box, box) for place in find_text(picture))
        whole += time.process_time() - began
        if not seen:
            continue
        if _contrast(sample, box, shade) < _FAINT:
            faint += 1
            continue
        found += 1
        if not _read_again(sample, picture):
            passed.append(f"{words} of {size} px, shade {shade}")
    slices = [(one, _brighter(one)) for one in pictures[:count]]
    began = time.process_time()
    again = sum(_read_again(one, other) for one, other in slices)
    sampled = time.process_time() - began
    return [
        Row(
            "plantings in a slice that was not sampled, of them read in the whole",
            found,
            note=f"of {count}",
        ),
        Row(
            "of these, taken over from the sample", len(passed), goal="<= 0", note="; ".join(passed)
        ),
        Row("plantings of less than 20 levels of contrast, left out", faint),
        Row("CPU of reading a picture", whole / count, "s"),
        Row("CPU of comparing it with its sample", sampled / len(slices), "s"),
        Row("slices brighter by a tenth that are read again", again, note=f"of {len(slices)}"),
    ]


def _contrast(sample: Pixels, box: Box, shade: int) -> float:
    x0, y0, x1, y1 = box
    return float(np.abs(sample[y0:y1, x0:x1].astype(np.float64) - shade).mean())


def _pictures(images: Path, draw: random.Random) -> list[Pixels]:
    kinds = {".png", ".jpg", ".jpeg"}
    pictures: list[Pixels] = []
    for name in _SETS:
        files = sorted(path for path in (images / name).rglob("*") if path.suffix in kinds)
        for path in draw.sample(files, min(12, len(files))):
            pixels = read_image(path, Limits())
            pictures.append(pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 1]))
    return [one for one in pictures if max(one.shape) <= 1100]


def planted(
    draw: random.Random, sample: Pixels, size: int, words: str, shade: int
) -> tuple[Pixels, Box]:
    """The picture with words at a random place, and their box."""
    import pymupdf

    rows, columns = sample.shape
    place = draw.uniform(2, max(3, columns - size * 4)), draw.uniform(size + 2, rows - 4)
    with pymupdf.open() as document:
        page = document.new_page(width=columns, height=rows)
        font = "helv" if words.isascii() else "china-s"
        page.insert_text(place, words, fontsize=size, fontname=font)
        drawn = page.get_pixmap(colorspace=pymupdf.csGRAY)
    ink = 1 - np.frombuffer(drawn.samples, np.uint8).reshape(rows, columns) / 255
    down, across = np.nonzero(ink > 0.3)
    picture = np.clip(sample * (1 - ink) + shade * ink, 0, 255).astype(np.uint8)
    return picture, (int(across.min()), int(down.min()), int(across.max()), int(down.max()))


def meet(a: Box, b: Box) -> bool:
    """Whether a box covers some of another's height and a third of its width."""
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.3 * (b[2] - b[0]) and min(a[3], b[3]) > max(
        a[1], b[1]
    )


def _brighter(picture: Pixels) -> Pixels:
    return np.clip(picture * 1.1, 0, 255).astype(np.uint8)


def _read_again(sample: Pixels, picture: Pixels) -> bool:
    texts, asked = SeriesTexts(), list[Pixels]()

    def read(shown: Pixels) -> Reading:
        asked.append(shown)
        return Reading((), ())

    texts.reading("series", sample, read)
    texts.reading("series", picture, read)
    return len(asked) == 2
