"""What a viewer needs beyond a picture: stored values to window, and pages to draw a quote's boxes on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

__all__ = ["FrameStore", "PageStore"]


class FrameStore(Protocol):
    """Stored values of images by the digest of the file they came from, without any header."""

    async def put(self, digest: str, frames: Sequence[bytes]) -> None:
        """Keep an image's frames, each a zlib stream of its values. Repeating it changes nothing.

        Raises:
            RadciteError: `STORAGE_LOW`; nothing is half-written.
        """
        ...

    async def frame(self, digest: str, number: int) -> bytes:
        """One frame's zlib stream; frames count from 0.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def drop(self, digest: str) -> None:
        """Remove an image's frames; those of an unknown one are none."""
        ...


class PageStore(Protocol):
    """Paged documents as they came in, by the digest of their bytes."""

    async def put(self, digest: str, source: Path) -> None:
        """Keep a copy of a file. Repeating it changes nothing.

        Raises:
            RadciteError: `STORAGE_LOW`; nothing is half-written.
        """
        ...

    async def path(self, digest: str) -> Path:
        """Where the copy lies, to be sent on unread.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def drop(self, digest: str) -> None:
        """Remove a copy; that of an unknown one is none."""
        ...
