"""`FrameStore` and `PageStore` as files named by digest."""

import asyncio
import errno
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp

from radcite.backends.state.storage import require_headroom
from radcite.core.errors import RadciteError

__all__ = ["FileFrames", "FilePages"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileFrames:
    """A folder for each image, a file for each of its frames.

    Args:
        folder: Where the folders live.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, digest: str, frames: Sequence[bytes]) -> None:
        """Keep an image's frames."""
        target = _place(self._folder, digest)
        if not target.exists():
            await asyncio.to_thread(_write_frames, target, frames)

    async def frame(self, digest: str, number: int) -> bytes:
        """One frame's zlib stream."""
        path = _place(self._folder, digest) / str(int(number))
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as exc:
            raise RadciteError("NOT_FOUND", "this frame is not kept", "未保存此帧") from exc

    async def drop(self, digest: str) -> None:
        """Remove an image's frames."""
        await asyncio.to_thread(shutil.rmtree, _place(self._folder, digest), ignore_errors=True)


class FilePages:
    """A file for each document.

    Args:
        folder: Where the files live.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, digest: str, source: Path) -> None:
        """Keep a copy of a file."""
        target = _place(self._folder, digest)
        if not target.exists():
            await asyncio.to_thread(_copy, source, target)

    async def path(self, digest: str) -> Path:
        """Where the copy lies."""
        target = _place(self._folder, digest)
        if not target.is_file():
            raise RadciteError("NOT_FOUND", "its pages are not kept", "未保存其页面")
        return target

    async def drop(self, digest: str) -> None:
        """Remove a copy."""
        await asyncio.to_thread(_place(self._folder, digest).unlink, missing_ok=True)


def _place(folder: Path, digest: str) -> Path:
    if not _DIGEST.fullmatch(digest):
        raise RadciteError("VALIDATION", "a digest is 64 hexadecimal digits")
    return folder / digest[:2] / digest


def _write_frames(target: Path, frames: Sequence[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    require_headroom(target.parent, sum(map(len, frames)))
    part = Path(mkdtemp(dir=target.parent, suffix=".part"))
    try:
        for number, content in enumerate(frames):
            (part / str(number)).write_bytes(content)
        part.rename(target)
    except OSError as exc:
        shutil.rmtree(part, ignore_errors=True)
        # Another upload of the same image was quicker.
        if not target.exists():
            raise _full(exc) from exc


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    require_headroom(target.parent, source.stat().st_size)
    with NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        try:
            with source.open("rb") as content:
                shutil.copyfileobj(content, part)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(target)
        except OSError as exc:
            Path(part.name).unlink()
            raise _full(exc) from exc


def _full(exc: OSError) -> Exception:
    if exc.errno != errno.ENOSPC:
        return exc
    return RadciteError("STORAGE_LOW", "the disk is full", "磁盘已满")
