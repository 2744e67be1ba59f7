"""Kept images, and those of questions that nothing is kept of."""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from radcite.core.ports import ImageStore
from radcite.core.vectors import Pixels

__all__ = ["AskedImages"]


class AskedImages:
    """`ImageStore` that also shows, in memory alone, the images of questions that are under way.

    Args:
        kept: Where images are kept.
    """

    def __init__(self, kept: ImageStore) -> None:
        self._kept = kept
        self._asked: dict[str, Pixels] = {}
        self._askers: Counter[str] = Counter()

    @contextmanager
    def showing(self, images: Mapping[str, Pixels]) -> Generator[None]:
        """Show images by their digests, as their only frame, for as long as the block runs."""
        self._asked |= images
        self._askers.update(images.keys())
        try:
            yield
        finally:
            self._askers.subtract(images.keys())
            for digest in images:
                if not self._askers[digest]:
                    del self._askers[digest]
                    del self._asked[digest]

    async def put(self, digest: str, pixels: Pixels, frame: int = 0) -> str:
        """Keep an image; its address."""
        return await self._kept.put(digest, pixels, frame)

    async def pixels(self, digest: str, frame: int = 0) -> Pixels:
        """The image, asked about or kept."""
        asked = self._asked.get(digest) if frame == 0 else None
        return await self._kept.pixels(digest, frame) if asked is None else asked

    async def drop(self, digest: str) -> None:
        """Remove every kept frame of an image."""
        await self._kept.drop(digest)
