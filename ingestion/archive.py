"""Zip archives, unpacked without believing anything they say about names or sizes."""

import asyncio
import zipfile
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits
from radcite.ingestion.scratch import scratch_folder

__all__ = ["extract_archive", "is_archive", "open_archive"]

_CHUNK = 1 << 20


def is_archive(path: Path) -> bool:
    """Whether a file begins as a zip archive does."""
    with path.open("rb") as file:
        return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


@asynccontextmanager
async def open_archive(path: Path, limits: Limits) -> AsyncGenerator[AsyncIterator[Path]]:
    """The files of an archive one by one in a temporary folder, gone when the context ends.

    Each is unpacked outside the event loop when it is asked for.

    Raises:
        RadciteError: As `extract_archive`, while iterating.
    """
    async with scratch_folder() as folder:
        yield _one_by_one(extract_archive(path, limits, into=folder))


async def _one_by_one(members: Iterator[Path]) -> AsyncIterator[Path]:
    while True:
        unpacking = asyncio.ensure_future(asyncio.to_thread(next, members, None))
        try:
            member = await asyncio.shield(unpacking)
        except asyncio.CancelledError:
            # A thread cannot be stopped, and would write on while its folder is removed.
            await asyncio.gather(unpacking, return_exceptions=True)
            raise
        if member is None:
            return
        yield member


def extract_archive(path: Path, limits: Limits, *, into: Path) -> Iterator[Path]:
    """Write the files of an archive under numbers of our own: no name in it reaches the disk.

    Folders are passed over; archives within are files like others and are not opened.

    Raises:
        RadciteError: `LIMIT_EXCEEDED` for too many files, too many bytes or too high a compression,
            counted on what is really written; `UNSUPPORTED_FILE` for one damaged or encrypted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _members(archive, limits, into, path.stat().st_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as exc:
        raise RadciteError(
            "UNSUPPORTED_FILE", "the archive is damaged or encrypted", "压缩包已损坏或加密"
        ) from exc


def _members(
    archive: zipfile.ZipFile, limits: Limits, into: Path, stored_bytes: int
) -> Iterator[Path]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > limits.archive_files:
        raise _exceeded(f"{len(members)} > {limits.archive_files} files", "文件数")
    room = limits.room(stored_bytes, limits.archive_bytes)
    for number, member in enumerate(members):
        target = into / f"{number:06}"
        with archive.open(member) as source, target.open("xb") as sink:
            room -= _copy(source, sink, min(room, limits.file_bytes))
        yield target


def _copy(source: IO[bytes], sink: IO[bytes], room: int) -> int:
    written = 0
    while chunk := source.read(_CHUNK):
        written += len(chunk)
        if written > room:
            raise _exceeded("unpacks to more bytes than allowed", "解压后大小")
        sink.write(chunk)
    return written


def _exceeded(detail: str, subject_zh: str) -> RadciteError:
    return RadciteError("LIMIT_EXCEEDED", f"archive: {detail}", f"压缩包{subject_zh}超出限制")
