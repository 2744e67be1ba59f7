"""From the port's pixels to Pillow's image, refusing what is no picture."""

import numpy as np
from PIL import Image

from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels

__all__ = ["picture"]


def picture(image: Pixels) -> Image.Image:
    """The image as Pillow holds it, mode `L` or `RGB`.

    Raises:
        RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels.
    """
    colour = image.ndim == 3 and image.shape[2] == 3
    if image.dtype != np.uint8 or image.size == 0 or not (image.ndim == 2 or colour):
        raise RadciteError(
            "VALIDATION",
            "an image must be uint8, (height, width) or (height, width, 3), and not empty",
            "图像必须为 uint8，形状为（高，宽）或（高，宽，3），且不能为空",
        )
    return Image.fromarray(image)
