"""What goes wrong with an image on its way, at medium strength."""

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageFilter

from radcite.core.vectors import Pixels

__all__ = ["CORRUPTIONS"]

_NOISE, _BLUR, _QUALITY = 0.08, 1 / 112, 15


def _noise(image: Pixels) -> Pixels:
    """Gaussian, of a deviation of 8 % of the range."""
    draw = np.random.default_rng(0).normal(0, 255 * _NOISE, image.shape)
    return (image + draw).clip(0, 255).astype(np.uint8)


def _blur(image: Pixels) -> Pixels:
    """Gaussian, of a radius of 1/112 of the longer side: two pixels of what a network of 224 is shown."""
    radius = max(image.shape[:2]) * _BLUR
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def _window(image: Pixels) -> Pixels:
    """The window moved up by 15 % of the range and widened by 20 %."""
    return ((image / 255 - 0.15) / 1.2 * 255).clip(0, 255).astype(np.uint8)


def _inversion(image: Pixels) -> Pixels:
    """Black for white."""
    return 255 - image


def _jpeg(image: Pixels) -> Pixels:
    """JPEG of quality 15."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=_QUALITY)
    with Image.open(file) as opened:
        return np.asarray(opened)


CORRUPTIONS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "noise": _noise,
    "blur": _blur,
    "window shift": _window,
    "inversion": _inversion,
    "JPEG": _jpeg,
}
