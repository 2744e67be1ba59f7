"""An image encoder that does not encode again what one turn looks up several times."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from weakref import WeakKeyDictionary

import numpy as np

from radcite.core.ports import ImageEncoder
from radcite.core.vectors import Pixels, Vectors

__all__ = ["RememberingEncoder"]

_MOST = 64


class RememberingEncoder:
    """`ImageEncoder` that keeps the vectors of the last images in memory, by a digest of their pixels.

    Args:
        encoder: What encodes the others.
    """

    def __init__(self, encoder: ImageEncoder) -> None:
        self._encoder = encoder
        self._known: dict[bytes, Vectors] = {}
        self._turns = WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]()

    @property
    def fingerprint(self) -> str:
        """Of the encoder."""
        return self._encoder.fingerprint

    @property
    def dim(self) -> int:
        """Of the encoder."""
        return self._encoder.dim

    @property
    def reads_text(self) -> bool:
        """Whether the encoder does."""
        return self._encoder.reads_text

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        """The encoder's vectors, each image encoded once while it is remembered."""
        keys = [await asyncio.to_thread(_digest, image) for image in images]
        # What is being encoded is waited for: the searches of a turn run at once.
        async with self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            shown = dict(zip(keys, images, strict=True))
            known = {key: self._known[key] for key in shown if key in self._known}
            if unknown := [key for key in shown if key not in known]:
                made = await self._encoder.encode([shown[key] for key in unknown])
                known |= dict(zip(unknown, made, strict=True))
            others = {key: vector for key, vector in self._known.items() if key not in known}
            self._known = dict([*others.items(), *known.items()][-_MOST:])
        found = [known[key] for key in keys]
        return np.stack(found) if found else np.empty((0, self.dim), np.float32)

    async def encode_text(self, texts: Sequence[str]) -> Vectors:
        """The encoder's vectors of texts."""
        return await self._encoder.encode_text(texts)


def _digest(image: Pixels) -> bytes:
    told = f"{image.shape} {image.dtype}".encode()
    return sha256(told + np.ascontiguousarray(image).tobytes()).digest()
