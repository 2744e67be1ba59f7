"""An image's stored values as a viewer wants them."""

import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from radcite.core.conversations import StudyImage
from radcite.core.errors import RadciteError
from radcite.ingestion.dicom.attributes import items, numbers, text
from radcite.ingestion.dicom.objects import is_dicom, open_dicom
from radcite.ingestion.dicom.planes import middle_frame
from radcite.ingestion.dicom.render import render, rescale_of, windows_of
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import TextPlace, masked
from radcite.ingestion.pictures.images import read_image

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["Frames", "read_frames"]

_Kind = Literal["uint8", "int8", "uint16", "int16", "float32", "rgb8"]
_KINDS: dict[str, _Kind] = {"uint8": "uint8", "int8": "int8", "uint16": "uint16", "int16": "int16"}
_MOST_BYTES = 384 << 20


@dataclass(frozen=True, slots=True)
class Frames:
    """An image without its digest, and its frames as zlib streams."""

    image: StudyImage
    frames: tuple[bytes, ...] = field(repr=False)


def read_frames(
    path: Path,
    limits: Limits,
    hidden: Sequence[TextPlace] = (),
) -> Frames:
    """The stored values of every frame, or of the key frame alone where all would be too many.

    Nothing of the header comes with them but how to show them. Meant for a worker process.

    Args:
        path: The file.
        limits: What it may cost.
        hidden: Where `read_dicom` or `read_image` masked text; the values are masked there too.

    Raises:
        RadciteError: As `read_dicom` and `read_image`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if is_dicom(path):
            return _of_dicom(open_dicom(path, limits), limits, hidden)
        return _of_picture(masked(read_image(path, limits), hidden))


def _of_picture(pixels: NDArray[np.generic]) -> Frames:
    image = StudyImage(
        digest="",
        frames=1,
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        kind="rgb8" if pixels.ndim == 3 else "uint8",
    )
    return Frames(image, (_packed(pixels),))


def _of_dicom(dataset: "Dataset", limits: Limits, hidden: Sequence[TextPlace]) -> Frames:
    from radcite.ingestion.dicom.pixels import decode_frames

    middle = middle_frame(dataset, int(next(iter(numbers(dataset, "NumberOfFrames")), 1)))
    even = _same_rescale(dataset)
    inverted = text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
    kept: list[bytes] = []
    shown: NDArray[np.generic] | None = None
    size = 0
    for index, stored in enumerate(decode_frames(dataset, limits)):
        values = _values(stored, dataset, index, even=even)
        values = masked(values, hidden, bright_is_low=inverted)
        size += values.nbytes
        if size <= _MOST_BYTES:
            kept.append(_packed(values))
        if index == middle:
            shown = values
    if shown is None:
        raise RadciteError("DICOM_PIXEL_DECODE", "no frame was found", "未找到图像帧")
    if size > _MOST_BYTES:
        kept, middle = [_packed(shown)], 0
    return Frames(_described(dataset, shown, len(kept), middle, even=even), tuple(kept))


def _values(
    stored: NDArray[np.generic], dataset: "Dataset", index: int, *, even: bool
) -> NDArray[np.generic]:
    grey = stored.ndim == 2 and text(dataset, "PhotometricInterpretation") != "PALETTE COLOR"
    if not grey or items(dataset, "ModalityLUTSequence"):
        return render(stored, dataset, index)
    if even and stored.dtype.name in _KINDS:
        return stored
    slope, intercept = rescale_of(dataset, index)
    values = stored.astype(np.float64)
    return values.astype(np.float32) if even else (values * slope + intercept).astype(np.float32)


def _described(
    dataset: "Dataset", shown: NDArray[np.generic], frames: int, key: int, *, even: bool
) -> StudyImage:
    kind: _Kind = "rgb8" if shown.ndim == 3 else _KINDS.get(shown.dtype.name, "float32")
    lookup = bool(items(dataset, "ModalityLUTSequence"))
    rendered = kind == "rgb8" or lookup
    slope, intercept = rescale_of(dataset) if even and not rendered else (1.0, 0.0)
    low, high = _range(shown, dataset, slope, intercept)
    return StudyImage(
        digest="",
        frames=frames,
        key_frame=key,
        rows=shown.shape[0],
        columns=shown.shape[1],
        kind=kind,
        slope=slope,
        intercept=intercept,
        windows=() if rendered else windows_of(dataset, key),
        inverted=not rendered and text(dataset, "PhotometricInterpretation") == "MONOCHROME1",
        low=low,
        high=high,
    )


def _range(
    shown: NDArray[np.generic], dataset: "Dataset", slope: float, intercept: float
) -> tuple[float, float]:
    """The shown values that matter, between the half percent at either end, padding left out."""
    if shown.ndim == 3:
        return 0.0, 255.0
    flat = shown.ravel()[:: max(1, shown.size // 65_536)].astype(np.float64)
    padding = numbers(dataset, "PixelPaddingValue")[:1]
    real = flat[np.isfinite(flat) & (flat != padding[0])] if padding else flat[np.isfinite(flat)]
    if not real.size:
        return 0.0, 1.0
    low, high = (float(end) * slope + intercept for end in np.percentile(real, (0.5, 99.5)))
    return (low, high) if high > low else (low, low + 1.0)


def _same_rescale(dataset: "Dataset") -> bool:
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")
    return len({rescale_of(dataset, index) for index in range(max(1, len(groups)))}) == 1


def _packed(values: NDArray[np.generic]) -> bytes:
    ordered = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return zlib.compress(ordered.tobytes(), 1)
