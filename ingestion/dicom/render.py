"""From stored values to what a reader sees.

Source: DICOM PS3.3 C.7.6.3.1.2, C.7.9, C.11.1, C.11.2; PS3.4 N.2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.vectors import Pixels
from radcite.ingestion.dicom.attributes import functional_group, items, numbers, text
from radcite.ingestion.dicom.pixels import Stored, undecodable

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["Renderer", "full_range", "render", "rescale_of", "windows_of"]

Values: TypeAlias = NDArray[np.float64]

_SPAN = 1 << 16


def render(frame: Stored, dataset: "Dataset", index: int = 0) -> Pixels:
    """One frame as displayed; for several frames of a dataset a `Renderer` costs less. Raises as that."""
    return Renderer(dataset)(frame, index)


def full_range(frame: Stored, dataset: "Dataset", index: int = 0) -> Pixels | None:
    """A grey frame from its lowest to its highest stored value, whatever its window; None for colours."""
    return Renderer(dataset).full_range(frame, index)


def rescale_of(dataset: "Dataset", index: int = 0) -> tuple[float, float]:
    """Slope and intercept of a frame's stored values; one that is absent changes nothing, nor does a slope of 0.

    Source: DICOM PS3.3 C.11.1.1.2, C.7.6.16.2.9.
    """
    source = functional_group(dataset, "PixelValueTransformationSequence", index)
    slope, intercept = numbers(source, "RescaleSlope"), numbers(source, "RescaleIntercept")
    if slope and not slope[0]:
        return 1.0, 0.0
    return slope[0] if slope else 1.0, intercept[0] if intercept else 0.0


def windows_of(dataset: "Dataset", index: int = 0) -> tuple[tuple[float, float], ...]:
    """Centre and width of a frame's windows, in rescaled values."""
    source = functional_group(dataset, "FrameVOILUTSequence", index)
    centers, widths = numbers(source, "WindowCenter"), numbers(source, "WindowWidth")
    pairs = zip(centers, widths, strict=False)
    return tuple((center, width) for center, width in pairs if width > 0)


@dataclass(frozen=True, slots=True)
class _Shade:
    """What turns the stored values of a frame into grey: LUTs, or slope and window."""

    modality_lut: "Dataset | None"
    slope: float
    intercept: float
    voi_lut: "Dataset | None"
    window: tuple[float, float] | None
    function: str

    @property
    def fixed(self) -> bool:
        """Whether a value has the same grey whatever else is in its frame."""
        return self.voi_lut is not None or self.window is not None


class Renderer:
    """The frames of a dataset as displayed: bright is dense, the first window or VOI LUT applied.

    Stored values pass the modality LUT or rescale, then the VOI LUT or window (where there is none,
    the range of values that are not padding), then the inversion of MONOCHROME1. What is the same in
    every frame, the table from value to grey above all, is worked out once.

    Args:
        dataset: Whose frames; it is not to be changed meanwhile.
    """

    def __init__(self, dataset: "Dataset") -> None:
        self._dataset = dataset
        model = text(dataset, "PhotometricInterpretation")
        self._palette, self._inverted = model == "PALETTE COLOR", model == "MONOCHROME1"
        padding = numbers(dataset, "PixelPaddingValue")[:1]
        limit = numbers(dataset, "PixelPaddingRangeLimit")[:1]
        self._padding = tuple(sorted((*padding, *(limit or padding)))) if padding else None
        self._same = not items(dataset, "PerFrameFunctionalGroupsSequence")
        self._shade: tuple[int, _Shade] | None = None
        self._table: tuple[_Shade, int, int, Pixels] | None = None

    def __call__(self, frame: Stored, index: int = 0) -> Pixels:
        """A frame of `decode_frames`, its number telling its functional groups.

        Returns:
            (rows, columns) grey or (rows, columns, 3) RGB.

        Raises:
            RadciteError: `DICOM_PIXEL_DECODE` for a colour model that cannot be shown.
        """
        with undecodable():
            if self._palette:
                return _palette(frame, self._dataset)
            if frame.ndim == 3 and frame.shape[2] == 3:
                return _eight_bits(frame, self._dataset)
            return self._grey(frame, index)

    def full_range(self, frame: Stored, index: int = 0) -> Pixels | None:
        """A grey frame from its lowest to its highest stored value, whatever its window; None for colours."""
        if frame.ndim != 2 or self._palette:
            return None
        shade = self._shade_of(index)
        low, high = self._range(frame, shade)
        return _mapped(
            frame, lambda values: self._inked(_between(self._physical(values, shade), low, high))
        )

    def _grey(self, frame: Stored, index: int) -> Pixels:
        shade = self._shade_of(index)
        if not shade.fixed or frame.dtype.kind not in "iu":
            return _mapped(frame, lambda values: self._inked(self._windowed(values, frame, shade)))
        low, high = _ends(frame)
        known = self._table
        if known is not None and known[0] == shade:
            if known[1] <= low and high <= known[2]:
                return _looked_through(frame, known[1], known[3])
            low, high = min(low, known[1]), max(high, known[2])
        if high - low >= _SPAN:
            return self._inked(self._windowed(frame, frame, shade))
        table = self._inked(self._windowed(np.arange(low, high + 1), frame, shade))
        self._table = (shade, low, high, table)
        return _looked_through(frame, low, table)

    def _inked(self, shown: Values) -> Pixels:
        if self._inverted:
            shown = 1.0 - shown
        return np.rint(np.nan_to_num(shown) * 255.0).astype(np.uint8)

    def _shade_of(self, index: int) -> _Shade:
        known = self._shade
        if known is not None and (self._same or known[0] == index):
            return known[1]
        dataset = self._dataset
        slope, intercept = rescale_of(dataset, index)
        source = functional_group(dataset, "FrameVOILUTSequence", index)
        shade = _Shade(
            modality_lut=next(iter(items(dataset, "ModalityLUTSequence")), None),
            slope=slope,
            intercept=intercept,
            voi_lut=next(iter(items(dataset, "VOILUTSequence")), None),
            window=next(iter(windows_of(dataset, index)), None),
            function=text(source, "VOILUTFunction").upper(),
        )
        self._shade = (index, shade)
        return shade

    def _physical(self, values: Stored, shade: _Shade) -> Values:
        if shade.modality_lut is not None:
            return _looked_up(values, shade.modality_lut, self._dataset)[0]
        return values.astype(np.float64) * shade.slope + shade.intercept

    def _windowed(self, values: Stored, frame: Stored, shade: _Shade) -> Values:
        physical = self._physical(values, shade)
        if shade.voi_lut is not None:
            looked_up, depth = _looked_up(physical, shade.voi_lut, self._dataset)
            return np.clip(looked_up / (2**depth - 1), 0.0, 1.0)
        if shade.window is not None:
            return _window(physical, *shade.window, shade.function)
        return _between(physical, *self._range(frame, shade))

    def _range(self, frame: Stored, shade: _Shade) -> tuple[float, float]:
        """The lowest and highest values of a frame that are no padding, rescaled."""
        shown = frame
        if frame.dtype.kind == "f":
            shown = shown[np.isfinite(shown)]
        if self._padding is not None:
            real = cast("Values", shown)
            shown = shown[(real < self._padding[0]) | (real > self._padding[-1])]
        if not shown.size:
            return 0.0, 0.0
        ends = self._physical(np.asarray([shown.min(), shown.max()]), shade)
        return float(ends.min()), float(ends.max())


def _ends(frame: Stored) -> tuple[int, int]:
    return int(frame.min()), int(frame.max())


def _mapped(frame: Stored, shown: Callable[[Stored], Pixels]) -> Pixels:
    """A function of the value alone, by a table where that is shorter than the frame."""
    if frame.dtype.kind not in "iu":
        return shown(frame)
    low, high = _ends(frame)
    if high - low >= _SPAN:
        return shown(frame)
    return _looked_through(frame, low, shown(np.arange(low, high + 1)))


def _looked_through(frame: Stored, low: int, table: Pixels) -> Pixels:
    """`table[frame - low]`, at an eighth of its cost."""
    import cv2

    whole = cast("NDArray[np.integer]", frame)
    if frame.itemsize > 2:
        whole = (whole.astype(np.int64) - low).astype(np.uint16)
        low = 0
    native = np.ascontiguousarray(whole, dtype=whole.dtype.newbyteorder("="))
    values = native.view(f"u{native.itemsize}")
    entries = 1 << 8 * values.itemsize
    padded = np.zeros(entries, np.uint8)
    padded[np.arange(low, low + len(table)) % entries] = table
    return cast("Pixels", cv2.LUT(values, padded))


def _between(values: Values, low: float, high: float) -> Values:
    return np.clip((values - low) / (high - low), 0.0, 1.0) if high > low else np.zeros_like(values)


def _window(values: Values, center: float, width: float, function: str) -> Values:
    if function == "SIGMOID":
        return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (values - center) / width, -700.0, 700.0)))
    if function != "LINEAR_EXACT":
        center, width = center - 0.5, max(width - 1.0, 1e-9)
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)


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
    shown = samples >> max(bits - 8, 0) if frame.itemsize > 1 else samples
    return shown.astype(np.uint8, copy=False)
