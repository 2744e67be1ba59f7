"""Any image as the square of grey values that a small network reads."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radcite.backends.images.pixels import picture
from radcite.core.vectors import Pixels

__all__ = ["letterboxed", "network_input"]


def letterboxed(image: Pixels, side: int) -> NDArray[np.uint8]:
    """The image as luminance, (side, side), fitted on black so that its shape is kept.

    Raises:
        RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels.
    """
    grey = picture(image).convert("L")
    scale = side / max(grey.size)
    width, height = (max(1, round(length * scale)) for length in grey.size)
    canvas = Image.new("L", (side, side))
    resized = grey.resize((width, height), Image.Resampling.BILINEAR)
    canvas.paste(resized, ((side - width) // 2, (side - height) // 2))
    return np.asarray(canvas)


def network_input(squares: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Squares as a batch of three like channels in [-1, 1]: (n, 3, side, side)."""
    scaled = np.stack(squares).astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(
        np.broadcast_to(scaled[:, None], (len(scaled), 3, *scaled.shape[1:]))
    )
