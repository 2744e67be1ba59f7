import asyncio
from functools import partial
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.core.ports import ImageStore
from radcite.core.vectors import Pixels
from radcite.ingestion.dicom import is_dicom, read_dicom
from radcite.ingestion.discovery import digest_of
from radcite.ingestion.gate import Gate
from radcite.ingestion.images import is_image, read_image
from radcite.ingestion.worker import ParserPool

__all__ = ["take_query_image"]


async def take_query_image(path: Path, pool: ParserPool, images: ImageStore, gate: Gate) -> str:
    """Read an image that comes with a question; only its pixels are kept, under the digest returned.

    Raises:
        RadciteError: `NOT_FOUND`, `UNSUPPORTED_FILE`, or the reader's code.
    """
    digest = (await asyncio.to_thread(_digest, path)).hex()
    await images.put(digest, await _pixels(path, pool, gate))
    return digest


def _digest(path: Path) -> bytes:
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    return digest_of(path)


async def _pixels(path: Path, pool: ParserPool, gate: Gate) -> Pixels:
    if is_image(path):
        return await pool.run(read_image, path)
    if not is_dicom(path):
        raise RadciteError("UNSUPPORTED_FILE", "an image is DICOM, PNG or JPEG")
    read = await pool.run(partial(read_dicom, gate=gate), path)
    if read.pixels is None:
        raise RadciteError("UNSUPPORTED_FILE", f"{read.sop_class_name} shows no image")
    return read.pixels
