"""From encoded pixel data to stored values."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.ingestion.dicom.attributes import refusing, text
from radcite.ingestion.limits import Limits

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.pixels.decoders.base import Decoder

__all__ = ["PIXEL_KEYWORDS", "Stored", "decode", "decode_frames", "decoder_of", "undecodable"]

Stored: TypeAlias = NDArray[np.generic]

PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_EXTENT = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")
_DESCRIPTION = (*_EXTENT, "PhotometricInterpretation")
_INTEGER = ("BitsStored", "PixelRepresentation")


def decode(dataset: "Dataset", limits: Limits | None = None) -> Stored:
    """Stored values of all frames, exactly as pydicom decodes them, YBR already turned to RGB.

    Returns:
        Shape (rows, columns), with a leading axis for more than one frame and a trailing one for
        more than one sample per pixel; the dtype is the dataset's.

    Raises:
        RadciteError: As `decode_frames`.
    """
    decoder = decoder_of(dataset, limits or Limits())
    with undecodable():
        return decoder.as_array(dataset)[0]


def decode_frames(dataset: "Dataset", limits: Limits) -> Iterator[Stored]:
    """Stored values frame by frame, so that only one is held at a time.

    Raises:
        RadciteError: `LIMIT_EXCEEDED` for more pixels than allowed, `DICOM_MISSING_TAG` for an
            absent description of the pixels, `DICOM_TRUNCATED` for less native data than described,
            `DICOM_TRANSFER_SYNTAX` for one no codec reads, `DICOM_PIXEL_DECODE` for the rest.
    """
    decoder = decoder_of(dataset, limits)
    with undecodable():
        for frame, _ in decoder.iter_array(dataset):
            yield frame


def decoder_of(dataset: "Dataset", limits: Limits) -> "Decoder":
    """What decodes the frames of a dataset whose size is within the limits. Raises as `decode_frames`."""
    from pydicom.pixels.decoders.base import get_decoder

    from radcite.ingestion.dicom.codecs import install

    install()
    syntax = text(dataset.file_meta, "TransferSyntaxUID")
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as exc:
        raise _unreadable(syntax) from exc
    if not decoder.is_available:
        raise _unreadable(syntax)
    _check_extent(dataset, limits, native=decoder.is_native)
    return decoder


def _check_extent(dataset: "Dataset", limits: Limits, *, native: bool) -> None:
    for keyword in (*_DESCRIPTION, *(_INTEGER if "PixelData" in dataset else ())):
        if not text(dataset, keyword):
            raise RadciteError("DICOM_MISSING_TAG", keyword)
    with undecodable():
        rows, columns, samples, bits = (int(dataset[keyword].value) for keyword in _EXTENT)
        frames = int(dataset.get("NumberOfFrames") or 1)
    pixels = rows * columns
    for count, bound in ((pixels, limits.frame_pixels), (pixels * frames, limits.total_pixels)):
        if count > bound:
            excess = f"{count} > {bound}"
            raise RadciteError("LIMIT_EXCEEDED", f"{excess} pixels", f"像素数 {excess}")
    if native:
        subsampled = text(dataset, "PhotometricInterpretation") == "YBR_FULL_422"
        stored = 2 if subsampled and samples == 3 else samples
        _check_present(dataset, pixels * stored * frames * bits // 8)


def _check_present(dataset: "Dataset", described_bytes: int) -> None:
    stored_values = (dataset[key].value or b"" for key in PIXEL_KEYWORDS if key in dataset)
    if len(next(stored_values, b"")) < described_bytes:
        raise RadciteError("DICOM_TRUNCATED", "fewer pixels than described", "像素数据不完整")


def _unreadable(syntax: str) -> RadciteError:
    return RadciteError("DICOM_TRANSFER_SYNTAX", syntax or "unknown", syntax or "未知")


def undecodable() -> AbstractContextManager[None]:
    """What a codec raises within becomes `DICOM_PIXEL_DECODE`."""
    return refusing("DICOM_PIXEL_DECODE", "the codec refuses the pixels", "解码器无法解码像素数据")
