"""A DICOM image as small as an encoder or a thumbnail needs it, decoded no larger than that."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, cast

import numpy as np

from radcite.core.vectors import Pixels
from radcite.ingestion.dicom_attributes import MALFORMED, numbers, text
from radcite.ingestion.dicom_pixels import Stored, decoder_of, undecodable
from radcite.ingestion.dicom_planes import middle_frame
from radcite.ingestion.dicom_render import Renderer
from radcite.ingestion.limits import Limits

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
    from pydicom.dataset import Dataset

__all__ = ["shrunk", "small_picture"]

_J2K = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
_JPEG = ("1.2.840.10008.1.2.4.50",)
# Codestreams have five levels as a rule; what is left after three is decoded in no time.
_MOST_HALVINGS = 3
_BLOCK = 2


def small_picture(dataset: "Dataset", limits: Limits, side: int) -> Pixels:
    """The key frame as displayed, its longer side at most `side` pixels.

    JPEG 2000 and 8-bit JPEG are decoded at a half, a quarter or an eighth of their
    size where that is large enough, everything else in full. What comes out is near to the whole
    picture made small, and not equal to it: never measure in it, and never show it as the image.

    Args:
        dataset: As `open_dicom` gives it.
        limits: What it may cost.
        side: The longer side of what comes back; a smaller image is not enlarged.

    Returns:
        (rows, columns) grey or (rows, columns, 3) RGB.

    Raises:
        RadciteError: As `decode_frames` and `Renderer`.
    """
    decoder = decoder_of(dataset, limits)
    frame = middle_frame(dataset, int(next(iter(numbers(dataset, "NumberOfFrames")), 1)))
    stored = _reduced(dataset, frame, side)
    if stored is None:
        with undecodable():
            stored = cast("Stored", decoder.as_array(dataset, index=frame)[0])
    shown = Renderer(dataset)(stored, frame)
    return shrunk(shown, side)


def shrunk(pixels: Pixels, side: int) -> Pixels:
    """Pixels made small until the longer side is `side`; smaller ones as they are.

    By the mean of what each new pixel covers. Down to a third, where that costs most beside the decoding,
    by the mean of four and then between neighbours, which is nearly equal.
    """
    import cv2

    rows, columns = pixels.shape[:2]
    scale = side / max(rows, columns)
    if scale >= 1:
        return pixels
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    if scale < 1 / 3 or min(rows, columns) < _BLOCK:
        return cast("Pixels", cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    if scale <= 1 / _BLOCK:
        half = (columns // _BLOCK, rows // _BLOCK)
        whole = pixels[: half[1] * _BLOCK, : half[0] * _BLOCK]
        pixels = cast("Pixels", cv2.resize(whole, half, interpolation=cv2.INTER_AREA))
    return cast("Pixels", cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR))


def _reduced(dataset: "Dataset", frame: int, side: int) -> Stored | None:
    """The frame decoded small; None where that is not possible, or its codec refuses."""
    from pydicom.encaps import get_frame

    syntax, model = _syntax(dataset), text(dataset, "PhotometricInterpretation")
    decode = _DECODERS.get(syntax)
    longest = max(int(dataset.Rows), int(dataset.Columns))
    # Twice what is wanted: the mean of four hides how a wavelet rounds.
    halvings = min(_MOST_HALVINGS, (longest // max(2 * side, 1)).bit_length() - 1)
    # The mean of two numbers of a palette is no colour between them.
    if decode is None or halvings < 1 or model == "PALETTE COLOR":
        return None
    frames = int(next(iter(numbers(dataset, "NumberOfFrames")), 1))
    try:
        return decode(
            get_frame(dataset.PixelData, frame, number_of_frames=frames), dataset, halvings
        )
    except (*MALFORMED, RuntimeError):
        return None


def _syntax(dataset: "Dataset") -> str:
    return text(cast("Dataset", dataset.file_meta), "TransferSyntaxUID")


def _j2k(src: bytes, dataset: "Dataset", halvings: int) -> Stored | None:
    from pydicom.pixels.utils import get_j2k_parameters

    told = get_j2k_parameters(src)
    precision, signed = int(told["precision"]), bool(told["is_signed"])
    colours, declared = int(dataset.SamplesPerPixel), bool(dataset.PixelRepresentation)
    # A codestream that wraps negative numbers round cannot be averaged.
    if (colours == 1 and signed != declared) or not 0 < precision <= (16 if colours == 1 else 8):
        return None
    values = np.asarray(_opened(src, halvings))
    if values.ndim == 3 or colours != 1:
        return values if values.ndim == 3 else None
    # Pillow fills its eight or sixteen bits, and lifts signed values above zero.
    unused = 8 * values.itemsize - precision
    lifted = 1 << (precision - 1) if signed else 0
    kind = np.int16 if signed else values.dtype
    return ((values >> unused).astype(np.int32) - lifted).astype(kind)


def _opened(src: bytes, halvings: int) -> "Image":
    from PIL import Image

    image = cast("Jpeg2KImageFile", Image.open(BytesIO(src), formats=("JPEG2000",)))
    step = 1 << halvings
    # Pillow rounds where the standard rounds up, and then refuses its own size.
    upward = tuple(-(-length // step) * step for length in image.size)
    image._size = cast("tuple[int, int]", upward)  # pyright: ignore[reportPrivateUsage] - it has no public way
    image.reduce = halvings
    image.load()
    return image


def _jpeg(src: bytes, dataset: "Dataset", halvings: int) -> Stored | None:
    from PIL import Image

    colours = int(dataset.SamplesPerPixel) == 3
    # Pillow takes three components for YBR where nothing in the file says otherwise.
    if colours and not text(dataset, "PhotometricInterpretation").startswith("YBR_FULL"):
        return None
    image = Image.open(BytesIO(src), formats=("JPEG",))
    width, height = image.size
    image.draft("RGB" if colours else "L", (width >> halvings, height >> halvings))
    return np.asarray(image)


_DECODERS: Mapping[str, Callable[[bytes, "Dataset", int], Stored | None]] = {
    **dict.fromkeys(_J2K, _j2k),
    **dict.fromkeys(_JPEG, _jpeg),
}
