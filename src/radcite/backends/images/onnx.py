"""radcite's image tower in ONNX: images and texts to one space, and what an image shows."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from radcite.backends.images.square import letterboxed, network_input
from radcite.backends.text.onnx import OnnxSession, open_session
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ports import ImageLabel, ImageReading, TextEncoder
from radcite.core.vectors import Pixels, Vectors, unit_rows

__all__ = [
    "ImageHead",
    "ImageModel",
    "ImageModelCard",
    "OnnxImageEncoder",
    "OnnxImageLabeler",
    "of_heads",
]

_COLOURED, _MOST_COLOUR = 40, 0.1
_CARD_FILE, _TEXT_FILE = "radcite.json", "text.npy"
_Scores = NDArray[np.float32]


class ImageHead(Frozen):
    """Some values of a kind of label, what their scores are multiplied by, and the probability from which one is said.

    `within` names, by value, the labels of other kinds that must have been said before it.
    """

    kind: str
    values: tuple[str, ...]
    sharpness: float
    least: float
    within: Mapping[str, Mapping[str, str]] = {}


class ImageModelCard(Frozen):
    """What the model does not say of itself; `radcite.json` beside `model.onnx`.

    `text_encoder` is the fingerprint of the encoder whose vectors `text.npy` maps into the image space. An image
    whose domain score is below `least_domain` is of another domain.
    """

    name: str
    side: int
    heads: Mapping[str, ImageHead]
    text_encoder: str
    least_domain: float


@dataclass(frozen=True, slots=True)
class ImageModel:
    """The network, loaded; `text` is (text dim + 1, dim), its last row the offset."""

    session: OnnxSession
    card: ImageModelCard
    text: NDArray[np.float32]
    digest: str

    @classmethod
    def from_folder(cls, folder: Path, *, threads: int | None = None) -> Self:
        """The model in a folder of `model.onnx`, `text.npy` and `radcite.json`.

        Raises:
            RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for an unusable one.
        """
        digest = hashlib.sha256()
        for name in ("model.onnx", _TEXT_FILE, _CARD_FILE):
            if not (folder / name).is_file():
                raise RadciteError(
                    "NOT_FOUND",
                    f"{name} is missing in the image encoder's folder",
                    f"图像编码器目录中缺少 {name}",
                )
            # The card's thresholds move no vector.
            if name != _CARD_FILE:
                digest.update((folder / name).read_bytes())
        try:
            card = ImageModelCard.model_validate_json((folder / _CARD_FILE).read_bytes())
        except ValidationError as exc:
            where = ".".join(map(str, exc.errors()[0]["loc"])) or "JSON"
            raise RadciteError(
                "CONFIG_INVALID", f"{_CARD_FILE}: {where}", f"{_CARD_FILE} 有误：{where}"
            ) from exc
        text = np.load(folder / _TEXT_FILE, allow_pickle=False).astype(np.float32)
        session = open_session(folder / "model.onnx", threads)
        return cls(session, card, text, digest.hexdigest())

    @property
    def fingerprint(self) -> str:
        """Name and digest of the weights."""
        return f"{self.card.name}:{self.digest[:12]}"

    def run(self, outputs: Sequence[str], images: Sequence[Pixels]) -> list[_Scores]:
        """Outputs of the network, of `embedding`, `labels` and `domain`, each (images, its width)."""
        made = [
            self.session.run(
                list(outputs),
                # An image a run: what it gets does not depend on its neighbours.
                {"pixels": network_input([letterboxed(image, self.card.side)])},  # pyright: ignore[reportArgumentType] - the session's protocol speaks of token numbers
            )
            for image in images
        ]
        width = self.text.shape[1]
        return [
            np.concatenate([row[place] for row in made])
            if made
            else np.empty((0, width), dtype=np.float32)
            for place in range(len(outputs))
        ]


class OnnxImageEncoder:
    """Unit vectors of images and, through a text encoder's vectors, of texts.

    Args:
        model: The network.
        text: Gives the text encoder that the card names, when a text is first read; with another one, or none, texts
            are not read.
    """

    def __init__(self, model: ImageModel, text: Callable[[], TextEncoder | None]) -> None:
        self._model = model
        self._load_text = text

    @cached_property
    def _text(self) -> TextEncoder | None:
        text = self._load_text()
        fits = text is not None and text.fingerprint == self._model.card.text_encoder
        return text if fits else None

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        return self._model.fingerprint

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._model.text.shape[1]

    @property
    def reads_text(self) -> bool:
        """Whether the text encoder is at hand whose vectors the text tower was taught on."""
        return self._text is not None

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        """Vectors in the order given: (len(images), dim), float32, unit length.

        Colour is read as luminance; the image is fitted into a square on black.

        Raises:
            RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels.
        """
        return await asyncio.to_thread(lambda: unit_rows(self._model.run(["embedding"], images)[0]))

    async def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts in the image space: (len(texts), dim), float32, unit length.

        Raises:
            RadciteError: `VALIDATION` when `reads_text` is false.
        """
        if self._text is None:
            raise RadciteError(
                "VALIDATION",
                "the image encoder reads texts with radcite's own text encoder, which is not at hand",
                "图像编码器依靠内置文本编码器读取文字，但后者不可用",
            )
        vectors = await self._text.encode(texts)
        return unit_rows(vectors @ self._model.text[:-1] + self._model.text[-1])


class OnnxImageLabeler:
    """Modality, body part, view and finding, each where the calibrated probability is high enough to say it."""

    def __init__(self, model: ImageModel) -> None:
        self._model = model

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        return self._model.fingerprint

    async def read(self, images: Sequence[Pixels]) -> list[ImageReading]:
        """What the model makes of each image."""
        scores, domains = await asyncio.to_thread(self._model.run, ["labels", "domain"], images)
        card = self._model.card
        calibrated, bare = of_heads(card, scores), of_heads(card, scores, calibrated=False)
        return [
            ImageReading(
                probabilities=_named(card, calibrated, place),
                uncalibrated=_named(card, bare, place),
                is_foreign=float(domain) < card.least_domain or _is_coloured(images[place]),
            )
            for place, domain in enumerate(domains.ravel())
        ]

    async def label(self, images: Sequence[Pixels]) -> list[tuple[ImageLabel, ...]]:
        """The labels that each image gets, at most one a kind; none for an image of another domain.

        Raises:
            RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels.
        """
        return [_said(self._model.card, reading) for reading in await self.read(images)]


def of_heads(card: ImageModelCard, scores: _Scores, *, calibrated: bool = True) -> list[_Scores]:
    """Probabilities by head, each (images, values), from scores in the order of the card's heads."""
    found: list[_Scores] = []
    start = 0
    for head in card.heads.values():
        sharpness = head.sharpness if calibrated else 1.0
        own = scores[:, start : start + len(head.values)] * sharpness
        raised = np.exp(own - own.max(axis=1, keepdims=True))
        found.append(raised / raised.sum(axis=1, keepdims=True))
        start += len(head.values)
    return found


def _is_coloured(image: Pixels) -> bool:
    """Whether a tenth of the image is plainly coloured: radiology is grey but for marks on it."""
    if image.ndim == 2:
        return False
    spread = image.max(axis=2).astype(np.int16) - image.min(axis=2)
    return bool((spread > _COLOURED).mean() > _MOST_COLOUR)


def _named(
    card: ImageModelCard, heads: Sequence[_Scores], place: int
) -> dict[str, dict[str, float]]:
    return {
        name: {value: float(p) for value, p in zip(head.values, own[place], strict=True)}
        for (name, head), own in zip(card.heads.items(), heads, strict=True)
    }


def _said(card: ImageModelCard, reading: ImageReading) -> tuple[ImageLabel, ...]:
    if reading.is_foreign:
        return ()
    labels: dict[str, ImageLabel] = {}
    for name, head in card.heads.items():
        own = reading.probabilities[name]
        value = max(own, key=lambda one: own[one])
        needed = head.within.get(value, {})
        there = all(kind in labels and labels[kind].value == of for kind, of in needed.items())
        if there and own[value] >= head.least:
            labels[head.kind] = ImageLabel(
                kind=head.kind, value=value, probability=round(min(own[value], 1.0), 4)
            )
    return tuple(labels.values())
