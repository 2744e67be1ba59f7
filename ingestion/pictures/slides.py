"""Whole slides and other microscopy in TIFF: an overview, and tiles of tissue at one resolution."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.core.sources import Box
from radcite.core.vectors import Pixels
from radcite.ingestion.dicom.attributes import refusing
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.picture_set import PictureSet, ShownPart

__all__ = ["is_slide", "read_slide"]

_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
TILE_PX = 224
TILE_UM_PER_PIXEL = 1.0
"""At about 10x, where tissue is told apart by its architecture."""

_MOST_TILES = 64
_OVERVIEW_PX = 1024
_TISSUE = 0.5
_NEIGHBOURHOOD_PX, _COLOURED, _BRIGHT, _DARK = 8, 8, 236, 200
_APERIO_MPP = re.compile(r"\bMPP\s*=\s*([\d.]+)")
_OME_SIZE = re.compile(r'PhysicalSizeX="([\d.eE+-]+)"')
_OME_UNIT = re.compile(r'PhysicalSizeXUnit="([^"]+)"')
_UM = {"µm": 1.0, "um": 1.0, "&#181;m": 1.0, "nm": 1e-3, "mm": 1e3}
_UNIT_UM = {2: 25_400.0, 3: 10_000.0}


def is_slide(path: Path) -> bool:
    """Whether a file begins as TIFF does, classic or big."""
    with path.open("rb") as file:
        return file.read(4) in _MARKS


def read_slide(path: Path, limits: Limits) -> PictureSet:
    """The overview of a slide and up to 64 of its tiles with most tissue, in reading order.

    Meant for a worker process. Of a pyramid only the levels needed are decoded; label, macro picture and
    header are left behind. A slide that is coarser than the tiles' resolution is cut at its own.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for a TIFF that tells no resolution of a microscope; `LIMIT_EXCEEDED`
            for a level of too many pixels; `IMAGE_DECODE` for a damaged file or one that is no colour or grey
            picture.
    """
    with _opened(path) as (levels, description, resolution):
        height, width = levels[0].shape[:2]
        scale = _um_per_pixel(description, resolution)
        if scale is None:
            # A scanned film or form may carry a name, and would pass no gate here.
            raise RadciteError(
                "UNSUPPORTED_FILE",
                "a TIFF without a microscope's resolution is no slide; other pictures come as PNG",
                "没有显微镜分辨率的 TIFF 不是切片；其他图片请用 PNG",
            )
        wanted = TILE_UM_PER_PIXEL / scale
        level = _level(levels, max(1.0, wanted))
        overview_level = _level(levels, max(1.0, max(width, height) / _OVERVIEW_PX))
        overview = _shrunk(_decoded(overview_level, limits), _OVERVIEW_PX)
        picture = _decoded(level, limits)
    # The level nearest above the wanted resolution, brought down to it.
    step = max(1.0, wanted) / (width / picture.shape[1])
    shrunk = _resized(picture, 1 / step) if step > 1.01 else picture
    back = width / shrunk.shape[1]
    whole = (0.0, 0.0, float(width), float(height))
    return PictureSet(
        name="slide",
        kind="Whole slide",
        modality="SM",
        parts=(
            ShownPart(overview, whole, _mm(scale, width / overview.shape[1]), "overview"),
            *_tiles(shrunk, back, _mm(scale, back)),
        ),
        spacing_mm=_mm(scale, 1.0),
    )


def _mm(um: float, shrink: float) -> tuple[float, float]:
    return (um * shrink / 1000, um * shrink / 1000)


@contextmanager
def _opened(path: Path) -> Generator[tuple[list[Any], str, tuple[float, int] | None]]:
    import tifffile

    with (
        refusing("IMAGE_DECODE", "the TIFF cannot be read", "无法读取 TIFF"),
        tifffile.TiffFile(path) as file,
    ):
        series = cast("Any", file.series[0])
        levels = [level for level in series.levels if _is_picture(level)]
        if not levels:
            raise RadciteError("IMAGE_DECODE", "no colour or grey picture", "不含彩色或灰度图像")
        page = cast("Any", file.pages[0])
        yield levels, str(page.description or "")[:200_000], _resolution(page)


def _is_picture(level: Any) -> bool:
    shape = cast("tuple[int, ...]", level.shape)
    flat = len(shape) == 2 or (len(shape) == 3 and shape[2] in {3, 4})
    return flat and str(level.dtype) == "uint8"


def _resolution(page: Any) -> tuple[float, int] | None:
    tags = page.tags
    if "XResolution" not in tags or "ResolutionUnit" not in tags:
        return None
    over, under = cast("tuple[int, int]", tags["XResolution"].value)
    return (over / under, int(tags["ResolutionUnit"].value)) if over and under else None


def _um_per_pixel(description: str, resolution: tuple[float, int] | None) -> float | None:
    """Micrometres a pixel: Aperio's MPP, OME's PhysicalSizeX, or the TIFF's own resolution if it is a microscope's."""
    if found := _APERIO_MPP.search(description):
        return _plausible(float(found[1]))
    if found := _OME_SIZE.search(description):
        unit = _OME_UNIT.search(description)
        return _plausible(float(found[1]) * _UM.get(unit[1] if unit else "µm", 1.0))
    if resolution is not None and resolution[1] in _UNIT_UM:
        return _plausible(_UNIT_UM[resolution[1]] / resolution[0])
    return None


def _plausible(um: float) -> float | None:
    return um if 0.01 <= um <= 20 else None


def _level(levels: list[Any], shrink: float) -> Any:
    """The smallest level that is still at least so fine."""
    width = levels[0].shape[1]
    fine = [level for level in levels if width / level.shape[1] <= shrink * 1.01]
    return fine[-1] if fine else levels[0]


def _decoded(level: Any, limits: Limits) -> Pixels:
    pixels = level.shape[0] * level.shape[1]
    if pixels > limits.frame_pixels:
        bound = f"{pixels} > {limits.frame_pixels} pixels"
        raise RadciteError("LIMIT_EXCEEDED", f"a level of the slide: {bound}", f"切片层级 {bound}")
    values = cast("NDArray[np.uint8]", level.asarray())
    return np.ascontiguousarray(values[..., :3] if values.ndim == 3 else values)


def _shrunk(picture: Pixels, longest: int) -> Pixels:
    return _resized(picture, min(1.0, longest / max(picture.shape[:2])))


def _resized(picture: Pixels, factor: float) -> Pixels:
    if factor >= 1:
        return picture
    from PIL import Image

    image = Image.fromarray(picture)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return np.array(image.resize(size, Image.Resampling.BOX))


def _tiles(picture: Pixels, back: float, spacing_mm: tuple[float, float]) -> Iterator[ShownPart]:
    """Tiles of which half is tissue: those with most of it, in reading order."""
    height, width = picture.shape[:2]
    side = min(TILE_PX, height, width)
    tissue = _tissue(picture)
    shares = [
        (float(tissue[y : y + side, x : x + side].mean()), y, x)
        for y in range(0, height - side + 1, side)
        for x in range(0, width - side + 1, side)
    ]
    best = sorted((one for one in shares if one[0] >= _TISSUE), key=lambda one: -one[0])
    for _, y, x in sorted(best[:_MOST_TILES], key=lambda one: one[1:]):
        box = (x * back, y * back, (x + side) * back, (y + side) * back)
        pixels = np.ascontiguousarray(picture[y : y + side, x : x + side])
        whole = cast("Box", tuple(float(round(edge)) for edge in box))
        yield ShownPart(pixels, whole, spacing_mm, "tile")


def _tissue(picture: Pixels) -> NDArray[np.bool_]:
    """Where a stain colours or darkens the neighbourhood of a pixel; the empty slide is bright and grey."""
    from PIL import Image

    image = Image.fromarray(picture)
    coarse = image.reduce(_NEIGHBOURHOOD_PX) if min(image.size) >= _NEIGHBOURHOOD_PX else image
    values = np.asarray(coarse.convert("RGB")).astype(np.int16)
    low, high = values.min(axis=2), values.max(axis=2)
    stained = ((high - low > _COLOURED) & (low < _BRIGHT)) | (high < _DARK)
    mask = Image.fromarray(stained.astype(np.uint8)).resize(image.size, Image.Resampling.NEAREST)
    return np.asarray(mask, dtype=np.bool_)
