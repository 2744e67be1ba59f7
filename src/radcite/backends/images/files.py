import asyncio
import errno
import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from radcite.backends.state.storage import require_headroom
from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels

__all__ = ["FileImages"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileImages:
    """`ImageStore` as PNG files without metadata, named by digest and frame.

    Args:
        folder: Where the files live.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, digest: str, pixels: Pixels, frame: int = 0) -> str:
        """Keep an image; its address."""
        path = self._path(digest, frame)
        if not path.exists():
            await asyncio.to_thread(_write, path, pixels)
        return f"radcite-image:{digest}/{frame}"

    async def pixels(self, digest: str, frame: int = 0) -> Pixels:
        """The stored image."""
        path = self._path(digest, frame)
        if not path.exists():
            raise RadciteError("NOT_FOUND", f"image {digest[:12]}", f"图像 {digest[:12]}")
        return await asyncio.to_thread(_read, path)

    async def drop(self, digest: str) -> None:
        """Remove every frame of an image."""
        await asyncio.to_thread(_remove, self._path(digest, 0).parent, digest)

    def _path(self, digest: str, frame: int) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise RadciteError("VALIDATION", "an image digest is 64 hexadecimal digits")
        return self._folder / digest[:2] / f"{digest}.{frame}.png"


def _write(path: Path, pixels: Pixels) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    require_headroom(path.parent, pixels.nbytes)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        try:
            Image.fromarray(pixels).save(part, format="PNG", compress_level=1)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        except OSError as exc:
            Path(part.name).unlink()
            if exc.errno != errno.ENOSPC:
                raise
            raise RadciteError("STORAGE_LOW", "the disk is full", "磁盘已满") from exc


def _remove(folder: Path, digest: str) -> None:
    for path in folder.glob(f"{digest}.*.png"):
        path.unlink(missing_ok=True)


def _read(path: Path) -> Pixels:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # what is stored was within our own limit
    with Image.open(path) as image:
        return np.asarray(image, dtype=np.uint8)
