"""Other looks of an image that show the same: what scanners, windows, crops and file formats do to it."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

__all__ = ["outliers", "view"]

_Grey = NDArray[np.uint8]
_Rng = np.random.Generator


def view(square: _Grey, rng: _Rng, *, mirrored: bool = False) -> _Grey:
    """A random look of a square image, of the same size.

    Args:
        square: Grey values.
        rng: Of the choices.
        mirrored: Whether left and right may change places; never for a chest.
    """
    image = _moved(Image.fromarray(square), rng)
    if mirrored and rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.5))))
    grey = _windowed(np.asarray(image) / np.float32(255), rng)
    if rng.random() < 0.3:
        grey = grey + rng.normal(0, rng.uniform(0.01, 0.06), grey.shape)
    if rng.random() < 0.12:
        grey = 1 - grey
    made = (grey.clip(0, 1) * 255).astype(np.uint8)
    return _compressed(made, rng) if rng.random() < 0.25 else made


def _moved(image: Image.Image, rng: _Rng) -> Image.Image:
    """Turned by up to 10 degrees, scaled by up to a tenth and shifted by up to a twentieth."""
    side = image.size[0]
    angle, scale = np.deg2rad(rng.uniform(-10, 10)), rng.uniform(0.9, 1.12)
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    middle = side / 2
    across, down = middle + rng.uniform(-0.05, 0.05, 2) * side
    # Pillow asks where each pixel of the result comes from.
    terms = (
        cosine,
        sine,
        middle - cosine * across - sine * down,
        -sine,
        cosine,
        middle + sine * across - cosine * down,
    )
    return image.transform(
        image.size, Image.Transform.AFFINE, terms, resample=Image.Resampling.BILINEAR
    )


def _windowed(grey: NDArray[np.floating], rng: _Rng) -> NDArray[np.floating]:
    low, high = rng.uniform(-0.08, 0.12), rng.uniform(0.8, 1.1)
    return ((grey - low) / (high - low)).clip(0, 1) ** rng.uniform(0.65, 1.5)


def _compressed(made: _Grey, rng: _Rng) -> _Grey:
    file = io.BytesIO()
    Image.fromarray(made).save(file, "JPEG", quality=int(rng.integers(20, 70)))
    with Image.open(file) as image:
        return np.asarray(image)


def outliers(count: int, side: int, rng: _Rng) -> list[_Grey]:
    """Squares that show nothing: blank, noise, ramps, stripes, blots, boxes, print and bare outlines."""
    return [_KINDS[int(rng.integers(len(_KINDS)))](side, rng) for _ in range(count)]


def _blank(side: int, rng: _Rng) -> _Grey:
    return np.full((side, side), rng.integers(0, 256), dtype=np.uint8)


def _noise(side: int, rng: _Rng) -> _Grey:
    cell = int(rng.choice([1, 2, 4, 8, 16, 32]))
    small = rng.integers(0, 256, (-(-side // cell), -(-side // cell)), dtype=np.uint8)
    return np.kron(small, np.ones((cell, cell), dtype=np.uint8))[:side, :side]


def _ramp(side: int, rng: _Rng) -> _Grey:
    rows, columns = np.mgrid[:side, :side] / side
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * columns + np.sin(angle) * rows
    return ((along - along.min()) / np.ptp(along) * 255).astype(np.uint8)


def _stripes(side: int, rng: _Rng) -> _Grey:
    rows, columns = np.mgrid[:side, :side]
    angle, period = rng.uniform(0, np.pi), rng.uniform(4, 60)
    wave = np.sin((np.cos(angle) * columns + np.sin(angle) * rows) * 2 * np.pi / period)
    return ((wave + 1) * 127).astype(np.uint8)


def _blots(side: int, rng: _Rng) -> _Grey:
    cells = int(rng.integers(3, 24))
    small = Image.fromarray(rng.integers(0, 256, (cells, cells), dtype=np.uint8))
    return np.asarray(small.resize((side, side), Image.Resampling.BICUBIC))


def _boxes(side: int, rng: _Rng) -> _Grey:
    made = np.full((side, side), rng.integers(0, 256), dtype=np.uint8)
    for _ in range(int(rng.integers(2, 30))):
        top, left = rng.integers(0, side, 2)
        height, width = rng.integers(4, side // 2, 2)
        made[top : top + height, left : left + width] = rng.integers(0, 256)
    return made


def _print(side: int, rng: _Rng) -> _Grey:
    """Lines of letters, as a page or a screen has them."""
    dark = bool(rng.integers(2))
    page = Image.new("L", (side, side), 20 if dark else 245)
    pen = ImageDraw.Draw(page)
    size = float(rng.uniform(6, 22))
    for top in range(int(rng.integers(2, 20)), side - 10, int(size * 1.4) + 1):
        words = "".join(rng.choice(list(_LETTERS), int(rng.integers(8, 60))))
        pen.text((int(rng.integers(2, 20)), top), words, fill=230 if dark else 15, font_size=size)
    return np.asarray(page)


def _bodies(side: int, rng: _Rng) -> _Grey:
    """Ellipses within an ellipse: the outline of a body or a head without its insides."""
    rows, columns = np.mgrid[:side, :side] / side
    made = np.full((side, side), rng.uniform(0, 0.1))
    height, width = rng.uniform(0.25, 0.62), rng.uniform(0.2, 0.48)
    for number in range(int(rng.integers(2, 9))):
        share = 1.0 if number == 0 else rng.uniform(0.08, 0.7)
        down, across = (0.0, 0.0) if number == 0 else rng.uniform(-0.25, 0.25, 2)
        tall, wide = height * share, width * share * (1.0 if number == 0 else rng.uniform(0.4, 1.2))
        far = ((rows - 0.5 - down) / tall) ** 2 + ((columns - 0.5 - across) / wide) ** 2
        edge = np.clip((1 - far) * rng.uniform(3, 40), 0, 1)
        made = made * (1 - edge) + rng.uniform(0.1, 1) * edge
    made = made + rng.uniform(0, 0.04) * rng.standard_normal(made.shape)
    return (made.clip(0, 1) * 255).astype(np.uint8)


_LETTERS = "etaoinshrdlcumwfgypbvk ETAOINSHR 0123456789 ,.()   "
_KINDS = (_blank, _noise, _ramp, _stripes, _blots, _boxes, _print, _bodies)
