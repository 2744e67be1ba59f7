"""What a reviewer of a held image looks at: the image with the places of its text framed."""

import warnings
from pathlib import Path

import numpy as np

from radcite.core.errors import RadciteError
from radcite.core.phi_review import HeldPlace
from radcite.core.vectors import Pixels
from radcite.ingestion.dicom.objects import is_dicom, open_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.images import encode_png, read_image

__all__ = ["framed_png"]

_HOLD, _MASK = (255, 64, 64), (255, 200, 0)


def framed_png(path: Path, limits: Limits, places: tuple[HeldPlace, ...]) -> bytes:
    """A PNG of the frame that holds the image up: red where a decision is wanted, yellow where text is masked.

    It shows what identifies the patient and is for the reviewer's own eyes. Meant for a worker process.

    Raises:
        RadciteError: As `open_dicom`, `decode_frames` and `read_image`.
    """
    shown = next((one.frame for one in places if one.verdict == "hold"), 0)
    pixels = _frame(path, limits, shown)
    colours = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    colours = colours.copy()
    for place in places:
        x0, y0, x1, y1 = place.box
        colour = _HOLD if place.verdict == "hold" else _MASK
        for row in (y0, max(y1 - 1, y0)):
            colours[row : row + 2, x0:x1] = colour
        for column in (x0, max(x1 - 1, x0)):
            colours[y0:y1, column : column + 2] = colour
    return encode_png(colours)


def _frame(path: Path, limits: Limits, number: int) -> Pixels:
    from radcite.ingestion.dicom.pixels import decode_frames
    from radcite.ingestion.dicom.render import render

    if not is_dicom(path):
        return read_image(path, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = open_dicom(path, limits)
        for index, stored in enumerate(decode_frames(dataset, limits)):
            if index == number:
                return render(stored, dataset, index)
    raise RadciteError("NOT_FOUND", "no such frame", "没有此帧")
