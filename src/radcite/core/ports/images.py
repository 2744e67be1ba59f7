"""Images to vectors and labels, and where they are kept."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import Field

from radcite.core.frozen import Frozen
from radcite.core.vectors import Pixels, Vectors

__all__ = ["ImageEncoder", "ImageLabel", "ImageLabeler", "ImageReading", "ImageStore"]


class ImageEncoder(Protocol):
    """Images, and where the model has a text tower also texts, to unit vectors of one space."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def reads_text(self) -> bool:
        """Whether `encode_text` works."""
        ...

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        """Vectors of display-ready images in the order given: (len(images), dim), unit length.

        Raises:
            RadciteError: `EMBEDDING_INVALID` when the model returns zero or non-finite vectors.
        """
        ...

    async def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts in the image space: (len(texts), dim), unit length.

        Raises:
            RadciteError: `VALIDATION` when the model has no text tower (`reads_text` is false).
        """
        ...


class ImageLabel(Frozen):
    """What an image shows, of one kind (`modality`, `body_part`, `view`, `finding`), with a calibrated probability."""

    kind: str
    value: str
    probability: float = Field(ge=0, le=1)


class ImageReading(Frozen):
    """All that a model makes of an image: probabilities by head and value, whether or not they are high enough to say.

    `uncalibrated` are those before calibration; `is_foreign`: the image is of another domain.
    """

    probabilities: Mapping[str, Mapping[str, float]]
    uncalibrated: Mapping[str, Mapping[str, float]]
    is_foreign: bool


class ImageLabeler(Protocol):
    """A trained model of what an image shows; it abstains by leaving a kind out."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    async def read(self, images: Sequence[Pixels]) -> list[ImageReading]:
        """What the model makes of each image."""
        ...

    async def label(self, images: Sequence[Pixels]) -> list[tuple[ImageLabel, ...]]:
        """The labels that each image gets, at most one a kind; none for an image of another domain.

        Raises:
            RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels.
        """
        ...


class ImageStore(Protocol):
    """De-identified pixels by the digest of the file they came from."""

    async def put(self, digest: str, pixels: Pixels, frame: int = 0) -> str:
        """Keep an image; its address (`radcite-image:<digest>/<frame>`). Repeating it changes nothing.

        Raises:
            RadciteError: `STORAGE_LOW`; nothing is half-written.
        """
        ...

    async def pixels(self, digest: str, frame: int = 0) -> Pixels:
        """The stored image.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def drop(self, digest: str) -> None:
        """Remove every frame of an image; those of an unknown one are none."""
        ...
