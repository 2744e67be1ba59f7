"""What reading pictures for burned-in text costs, by sets of the measuring data.

A first look with the detector alone, at half the size, was measured too (36 pictures): it cost as much as it saved
(.88 s of CPU a picture with it, .82 s without), and of 12 pictures with text it passed one over. It is not taken.
"""

import random
import time
from pathlib import Path

from bench.timing import Row
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import find_text
from radcite.ingestion.pictures.images import read_image

__all__ = ["IMAGES", "burned_in_rows"]

IMAGES = Path(__file__).parents[1] / "../shared/data/images"
_SETS = ("nih_cxr", "vqarad", "brain_mri", "covidcxr", "bccd_blood", "medpix2")


def burned_in_rows(count: int, seed: int = 5) -> list[Row]:
    """CPU seconds a picture, and in how many of each set there is text to hide."""
    generator = random.Random(seed)
    rows: list[Row] = []
    for name in _SETS:
        kinds = {".png", ".jpg", ".jpeg"}
        files = sorted(path for path in (IMAGES / name).rglob("*") if path.suffix in kinds)
        if not files:
            return [Row("pictures", 0, note="the measuring data are not here")]
        spent, text = 0.0, 0
        some = generator.sample(files, min(count, len(files)))
        for path in some:
            pixels = read_image(path, Limits())
            began = time.process_time()
            text += bool(find_text(pixels))
            spent += time.process_time() - began
        rows.append(
            Row(
                f"CPU a picture, {name}",
                spent / len(some),
                "s",
                note=f"text in {text} of {len(some)}",
            )
        )
    return rows
