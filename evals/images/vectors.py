"""Vectors of image files by several encoders, kept between tasks, and what is nearest among them."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radcite.core.ports import ImageEncoder
from radcite.core.vectors import Pixels, Vectors
from radcite.evals.images.baselines import pixel_rows
from radcite.evals.task import Context

__all__ = ["OURS", "PIXELS", "nearest_of", "rows_by_system", "shown", "vectors_of"]

OURS, PIXELS = "image encoder", "raw 32x32 pixels"
_AT_ONCE = 16
_Rows = NDArray[np.floating]


def shown(path: Path) -> Pixels:
    """An image file in grey values."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


async def vectors_of(
    context: Context,
    encoder: ImageEncoder,
    name: str,
    paths: Sequence[Path],
    changed: Callable[[Pixels], Pixels] | None = None,
) -> Vectors:
    """Vectors of files, (n, dim); read again from the work folder where the same encoder has seen them.

    Args:
        context: Of the run.
        encoder: What encodes.
        name: Of this list of files and of what `changed` does to them.
        paths: The files.
        changed: Applied to each image first.
    """
    told = "|".join([encoder.fingerprint, name, *(path.name for path in paths)])
    kept = context.work / "image-vectors" / f"{sha256(told.encode()).hexdigest()[:24]}.npy"
    if kept.is_file():
        return np.load(kept, allow_pickle=False)
    found: list[Vectors] = []
    for start in range(0, len(paths), _AT_ONCE):
        context.tell(f"encode {name}", start, len(paths))
        images = [shown(path) for path in paths[start : start + _AT_ONCE]]
        found.append(await encoder.encode([changed(one) for one in images] if changed else images))
    rows = np.concatenate(found)
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.save(kept, rows)
    return rows


async def rows_by_system(
    context: Context, name: str, paths: Sequence[Path], *, baselines: bool = True
) -> dict[str, _Rows]:
    """Unit rows of the files by our encoder and, after it, by each baseline and as raw pixels."""
    encoders: dict[str, ImageEncoder] = {}
    if context.subject.image is not None:
        encoders[OURS] = context.subject.image
    if baselines:
        encoders |= context.subject.image_baselines(context.data)
    found: dict[str, _Rows] = {
        system: await vectors_of(context, encoder, name, paths)
        for system, encoder in encoders.items()
    }
    return {**found, PIXELS: pixel_rows(paths)}


def nearest_of(
    rows: _Rows, asked: Sequence[int], among: Sequence[int], groups: Sequence[str]
) -> list[int]:
    """For each place asked, the place in `among` of another group whose row is most alike."""
    likeness = rows[list(asked)] @ rows[list(among)].T
    own = np.array([[groups[i] == groups[j] for j in among] for i in asked])
    likeness = np.where(own, -np.inf, likeness)
    return [among[int(place)] for place in likeness.argmax(axis=1)]
