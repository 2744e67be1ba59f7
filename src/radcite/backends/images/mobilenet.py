"""A MobileNet from its TensorFlow Lite file as it is, behind the `ImageEncoder` port: what ours is measured against."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from radcite.backends.images.convolutional_graph import SIDE, image_graph
from radcite.backends.images.square import letterboxed, network_input
from radcite.backends.images.tflite_weights import read_layers
from radcite.backends.text.onnx import open_model
from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels, Vectors, unit_rows

__all__ = ["MobileNetImageEncoder"]


class MobileNetImageEncoder:
    """The pooled features of an ImageNet network.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for what is no such network.
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        layers = read_layers(path)
        self._dim = next(
            layer.kernel.shape[0] for layer in reversed(layers) if layer.kernel is not None
        )
        self._session = open_model(image_graph(layers).SerializeToString(), threads)
        self._fingerprint = f"{path.stem}:{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"

    @property
    def fingerprint(self) -> str:
        """Name and digest of the file."""
        return self._fingerprint

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def reads_text(self) -> bool:
        """False: there is no text tower."""
        return False

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        """Vectors in the order given: (len(images), dim), float32, unit length.

        Raises:
            RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels.
        """
        return await asyncio.to_thread(self._encode, images)

    async def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Always raises `VALIDATION`: there is no text tower."""
        raise RadciteError("VALIDATION", "a MobileNet reads no texts", "MobileNet 不读取文字")

    def _encode(self, images: Sequence[Pixels]) -> Vectors:
        rows = np.empty((len(images), self._dim), dtype=np.float32)
        for row, image in zip(rows, images, strict=True):
            feed = {"pixels": network_input([letterboxed(image, SIDE)])}
            row[:] = self._session.run(["features"], feed)[0][0]  # pyright: ignore[reportArgumentType] - the session's protocol speaks of token numbers
        return unit_rows(rows)
