import asyncio
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels
from radcite.ingestion.dicom.objects import is_dicom, read_dicom
from radcite.ingestion.discovery import digest_of
from radcite.ingestion.door import Door
from radcite.ingestion.pictures.burned_in import read_picture
from radcite.ingestion.pictures.images import is_image

__all__ = ["read_query_image"]


async def read_query_image(path: Path, door: Door) -> tuple[str, Pixels]:
    """The digest of an image that comes with a question, and its pixels as the gate lets them through.

    Raises:
        RadciteError: `NOT_FOUND`, `UNSUPPORTED_FILE`, or the reader's code.
    """
    digest = await asyncio.to_thread(_digest, path)
    return digest.hex(), await _pixels(path, digest, door)


def _digest(path: Path) -> bytes:
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    return digest_of(path)


async def _pixels(path: Path, digest: bytes, door: Door) -> Pixels:
    if is_image(path):
        return (await door.read(read_picture, path, digest)).pixels
    if not is_dicom(path):
        raise RadciteError("UNSUPPORTED_FILE", "an image is DICOM, PNG or JPEG")
    read = await door.read(read_dicom, path, digest)
    if read.pixels is None:
        raise RadciteError("UNSUPPORTED_FILE", f"{read.sop_class_name} shows no image")
    return read.pixels
