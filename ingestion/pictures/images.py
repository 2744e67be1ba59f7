"""PNG and JPEG files: pixels in, nothing else; and pixels out as PNG without metadata."""

import io
import warnings
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels
from radcite.ingestion.dicom.attributes import refusing
from radcite.ingestion.limits import Limits

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["encode_png", "is_image", "read_image"]

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_GREY = {"1", "L", "LA", "La"}


def is_image(path: Path) -> bool:
    """Whether a file begins as a PNG or a JPEG does, whatever its name."""
    with path.open("rb") as file:
        return file.read(8).startswith((_PNG, _JPEG))


def read_image(path: Path, limits: Limits) -> Pixels:
    """A PNG or JPEG as displayed: upright, transparency on black, 16 bits scaled to 8.

    Meant for a worker process. EXIF, text chunks and profiles end here.

    Returns:
        (height, width) for a grey file, (height, width, 3) RGB for any other.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for other content, `LIMIT_EXCEEDED` for too many pixels,
            `IMAGE_DECODE` for a damaged file.
    """
    from PIL import Image, ImageFile

    if not is_image(path):
        raise RadciteError("UNSUPPORTED_FILE", "neither PNG nor JPEG", "既非 PNG 也非 JPEG")
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands in its place
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings(), _undecodable():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > limits.frame_pixels:
                bound = f"{width * height} > {limits.frame_pixels}"
                raise RadciteError("LIMIT_EXCEEDED", f"{bound} pixels", f"像素数 {bound}")
            return _displayed(image)


def encode_png(pixels: Pixels) -> bytes:
    """A PNG that holds the pixels and nothing else: no text, time, EXIF or profile."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="PNG")
    return buffer.getvalue()


def _displayed(image: "Image") -> Pixels:
    from PIL import ImageOps

    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        return _scaled(np.asarray(upright))
    if upright.mode in {"1", "L"}:
        return np.array(upright.convert("L"))
    if upright.has_transparency_data:
        return _flattened(upright)
    return np.array(upright.convert("RGB"))


def _scaled(values: NDArray[np.generic]) -> Pixels:
    # Sixteen-bit files often hold twelve bits or fewer: the depth in use becomes the full range.
    stored = np.clip(values.astype(np.int64), 0, 0xFFFF)
    depth = max(8, int(stored.max()).bit_length())
    return np.rint(stored * (255.0 / (2**depth - 1))).astype(np.uint8)


def _flattened(image: "Image") -> Pixels:
    from PIL import Image

    layer = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, (0, 0, 0, 255)), layer)
    return np.array(flat.convert("L" if image.mode in _GREY else "RGB"))


def _undecodable() -> AbstractContextManager[None]:
    return refusing("IMAGE_DECODE", "the decoder refuses the file", "解码器无法读取该文件")
