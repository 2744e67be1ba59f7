"""What reading pictures for text costs, and what the glance that spares most of it would miss.

Pictures of the measuring data as they are, and a name planted in those that carry no text.
"""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.timing import Row
from radcite.core.vectors import Pixels
from radcite.ingestion.burned_in import find_text
from radcite.ingestion.images import read_image
from radcite.ingestion.limits import Limits
from radcite.ingestion.ocr import glance

__all__ = ["burned_in_rows"]

T = TypeVar("T")

_IMAGES = Path(__file__).parents[1] / "../shared/data/images"
_SETS = ("nih_cxr", "vqarad", "brain_mri", "covidcxr", "bccd_blood", "medpix2")
_HEIGHTS = (9, 12, 16, 24)


def burned_in_rows(count: int, seed: int = 5) -> list[Row]:
    """CPU seconds a picture, read in full and as it is done, and pictures whose text the glance does not see."""
    generator = random.Random(seed)
    rows: list[Row] = []
    whole, done, pictures, missed, lettered, planted, unseen = 0.0, 0.0, 0, 0, 0, 0, 0
    for name in _SETS:
        full, first, both, text = 0.0, 0.0, 0.0, 0
        some = list(_some(name, count, generator))
        if not some:
            return [Row("pictures", 0, note="the measuring data are not here")]
        for pixels in some:
            spent, seen = _timed(lambda: glance(pixels))  # noqa: B023 - called within the turn
            took, found = _timed(lambda: find_text(pixels))  # noqa: B023
            full, first, both = full + took, first + spent, both + spent + took * bool(seen)
            text += bool(found)
            missed += bool(found) and not seen
            if not found:
                height = generator.choice(_HEIGHTS)
                marked = _with_name(pixels, height)
                if marked is not None and find_text(marked):
                    planted += 1
                    unseen += not glance(marked)
        number = len(some)
        note = f"read in full {full / number:.2f} s, the glance {first / number:.2f} s; text in {text} of {number}"
        rows.append(Row(f"  {name}", both / number, "s", note=note))
        whole, done, pictures, lettered = (
            whole + full,
            done + both,
            pictures + number,
            lettered + text,
        )
    return [
        Row(
            "CPU a picture",
            done / pictures,
            "s",
            note=f"{pictures} pictures; {whole / pictures:.2f} s read in full",
        ),
        Row("pictures with text that the glance does not see", missed, note=f"of {lettered}"),
        Row(
            "planted names that reading finds and the glance does not",
            unseen,
            note=f"of {planted}, letters of 9 to 24 pixels",
        ),
        *rows,
    ]


def _some(name: str, count: int, generator: random.Random) -> Iterator[Pixels]:
    files = sorted(
        path for path in (_IMAGES / name).rglob("*") if path.suffix in {".png", ".jpg", ".jpeg"}
    )
    for path in generator.sample(files, min(count, len(files))):
        yield read_image(path, Limits())


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    value = work()
    return time.process_time() - began, value


def _with_name(pixels: Pixels, height: int) -> Pixels | None:
    """A light name in a corner, as a scanner would write it; None where the picture is too small for it."""
    import cv2

    if pixels.shape[1] < 14 * height or pixels.shape[0] < 4 * height:
        return None
    marked = np.ascontiguousarray(pixels.copy())
    white = (255, 255, 255) if pixels.ndim == 3 else 255
    scale = height / 21
    cv2.putText(
        marked,
        "ZEBRAFISH Q",
        (height, 2 * height),
        cv2.FONT_HERSHEY_SIMPLEX,
        scale,
        white,
        max(1, height // 10),
        cv2.LINE_AA,
    )
    return marked
