"""From encoded pixel data to stored values, and from stored values to what a reader sees."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels
from radcite.ingestion.dicom_attributes import functional_group, items, numbers, refusing, text
from radcite.ingestion.limits import Limits

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.pixels.decoders.base import Decoder

__all__ = ["PIXEL_KEYWORDS", "Stored", "decode", "decode_frames", "full_range", "render"]

Stored: TypeAlias = NDArray[np.generic]
Values: TypeAlias = NDArray[np.float64]

PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_EXTENT = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")
_DESCRIPTION = (*_EXTENT, "PhotometricInterpretation")
_TABLE_SPAN = 1 << 16


def decode(dataset: "Dataset", limits: Limits | None = None) -> Stored:
    """Stored values of all frames, exactly as pydicom decodes them, YBR already turned to RGB.

    Returns:
        Shape (rows, columns), with a leading axis for more than one frame and a trailing one for
        more than one sample per pixel; the dtype is the dataset's.

    Raises:
        RadciteError: As `decode_frames`.
    """
    decoder = _decoder(dataset, limits or Limits())
    with _undecodable():
        return decoder.as_array(dataset)[0]


def decode_frames(dataset: "Dataset", limits: Limits) -> Iterator[Stored]:
    """Stored values frame by frame, so that only one is held at a time.

    Raises:
        RadciteError: `LIMIT_EXCEEDED` for more pixels than allowed, `DICOM_MISSING_TAG` for an
            absent description of the pixels, `DICOM_TRUNCATED` for less native data than described,
            `DICOM_TRANSFER_SYNTAX` for one no codec reads, `DICOM_PIXEL_DECODE` for the rest.
    """
    decoder = _decoder(dataset, limits)
    with _undecodable():
        for frame, _ in decoder.iter_array(dataset):
            yield frame


def render(frame: Stored, dataset: "Dataset", index: int = 0) -> Pixels:
    """A frame as displayed: bright is dense, the first window or VOI LUT of the dataset applied.

    Stored values pass the modality LUT or rescale, then the VOI LUT or window (where there is none,
    the range of values that are not padding), then the inversion of MONOCHROME1.

    Args:
        frame: One frame of `decode`.
        dataset: Its dataset.
        index: Which frame it is, for functional groups.

    Returns:
        (rows, columns) grey or (rows, columns, 3) RGB.

    Raises:
        RadciteError: `DICOM_PIXEL_DECODE` for a colour model that cannot be shown.

    Source: DICOM PS3.3 C.7.6.3.1.2, C.7.9, C.11.1, C.11.2; PS3.4 N.2.
    """
    with _undecodable():
        if text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
            return _palette(frame, dataset)
        if frame.ndim == 3 and frame.shape[2] == 3:
            return _eight_bits(frame, dataset)
        return _grey(frame, dataset, index)


def full_range(frame: Stored, dataset: "Dataset", index: int = 0) -> Pixels | None:
    """A grey frame from its lowest to its highest stored value, whatever its window; None for colours."""
    if frame.ndim != 2 or text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        return None
    values = np.asarray(frame, dtype=np.float64)
    low, high = _range(frame, dataset, index)
    values = _modality(values, dataset, index)
    if high <= low:
        return np.zeros(frame.shape, np.uint8)
    shown = np.clip((values - low) / (high - low), 0.0, 1.0)
    if text(dataset, "PhotometricInterpretation") == "MONOCHROME1":
        shown = 1.0 - shown
    return np.rint(np.nan_to_num(shown) * 255.0).astype(np.uint8)


def _decoder(dataset: "Dataset", limits: Limits) -> "Decoder":
    from pydicom.pixels.decoders.base import get_decoder

    from radcite.ingestion.dicom_codecs import install

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
    for keyword in _DESCRIPTION:
        if not text(dataset, keyword):
            raise RadciteError("DICOM_MISSING_TAG", keyword)
    with _undecodable():
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


def _grey(frame: Stored, dataset: "Dataset", index: int) -> Pixels:
    stored = np.asarray(frame)
    low, high = stored.min(), stored.max()
    if stored.dtype.kind in "iu" and int(high) - int(low) < _TABLE_SPAN:
        table = np.arange(int(low), int(high) + 1)
        return _shade(table, stored, dataset, index)[stored.astype(np.int64) - int(low)]
    return _shade(stored, stored, dataset, index)


def _shade(values: Stored, frame: Stored, dataset: "Dataset", index: int) -> Pixels:
    shown = _windowed(_modality(values, dataset, index), frame, dataset, index)
    if text(dataset, "PhotometricInterpretation") == "MONOCHROME1":
        shown = 1.0 - shown
    return np.rint(np.nan_to_num(shown) * 255.0).astype(np.uint8)


def _modality(values: Stored, dataset: "Dataset", index: int) -> Values:
    if luts := items(dataset, "ModalityLUTSequence"):
        return _looked_up(values, luts[0], dataset)[0]
    source = functional_group(dataset, "PixelValueTransformationSequence", index)
    slope, intercept = numbers(source, "RescaleSlope"), numbers(source, "RescaleIntercept")
    if slope and intercept and slope[0]:
        return values.astype(np.float64) * slope[0] + intercept[0]
    return values.astype(np.float64)


def _windowed(values: Values, frame: Stored, dataset: "Dataset", index: int) -> Values:
    if luts := items(dataset, "VOILUTSequence"):
        looked_up, depth = _looked_up(values, luts[0], dataset)
        return np.clip(looked_up / (2**depth - 1), 0.0, 1.0)
    source = functional_group(dataset, "FrameVOILUTSequence", index)
    center, width = numbers(source, "WindowCenter"), numbers(source, "WindowWidth")
    if center and width and width[0] > 0:
        return _window(values, center[0], width[0], text(source, "VOILUTFunction").upper())
    low, high = _range(frame, dataset, index)
    return np.clip((values - low) / (high - low), 0.0, 1.0) if high > low else np.zeros_like(values)


def _window(values: Values, center: float, width: float, function: str) -> Values:
    if function == "SIGMOID":
        return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (values - center) / width, -700.0, 700.0)))
    if function != "LINEAR_EXACT":
        center, width = center - 0.5, max(width - 1.0, 1e-9)
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)


def _range(frame: Stored, dataset: "Dataset", index: int) -> tuple[float, float]:
    padding = numbers(dataset, "PixelPaddingValue")[:1]
    limit = numbers(dataset, "PixelPaddingRangeLimit")[:1]
    kept = np.isfinite(frame) if frame.dtype.kind == "f" else np.ones(frame.shape, dtype=bool)
    if padding:
        first, last = sorted((*padding, *(limit or padding)))
        real = cast("Values", frame)
        kept &= (real < first) | (real > last)
    shown = frame[kept]
    if not shown.size:
        return 0.0, 0.0
    ends = _modality(np.asarray([shown.min(), shown.max()]), dataset, index)
    return float(ends.min()), float(ends.max())


def _looked_up(values: Stored | Values, item: "Dataset", dataset: "Dataset") -> tuple[Values, int]:
    entries, first, depth = (int(one) for one in numbers(item, "LUTDescriptor"))
    data = item.LUTData
    if isinstance(data, bytes):
        order = "<" if dataset.file_meta.TransferSyntaxUID.is_little_endian else ">"
        data = np.frombuffer(data, dtype=f"{order}u2")
    table = np.asarray(data, dtype=np.float64)
    at = np.clip(values.astype(np.int64) - first, 0, min(entries or 1 << 16, len(table)) - 1)
    return table[at], depth


def _palette(frame: Stored, dataset: "Dataset") -> Pixels:
    from pydicom.pixels.processing import apply_color_lut

    colours = apply_color_lut(frame, dataset)[..., :3]
    # Some writers put eight-bit colours into sixteen-bit tables.
    if colours.itemsize > 1 and colours.max() > 255:
        colours = colours >> 8
    return colours.astype(np.uint8)


def _eight_bits(frame: Stored, dataset: "Dataset") -> Pixels:
    bits = int(next(iter(numbers(dataset, "BitsStored")), 8))
    samples = cast("NDArray[np.integer]", frame)
    return (samples >> max(bits - 8, 0) if frame.itemsize > 1 else samples).astype(np.uint8)


def _unreadable(syntax: str) -> RadciteError:
    return RadciteError("DICOM_TRANSFER_SYNTAX", syntax or "unknown", syntax or "未知")


def _undecodable() -> AbstractContextManager[None]:
    return refusing("DICOM_PIXEL_DECODE", "the codec refuses the pixels", "解码器无法解码像素数据")
