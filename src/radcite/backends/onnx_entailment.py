"""A cross-encoder in ONNX behind the `Entailment` port."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from radcite.backends.onnx_pairs import PairCard, PairModel, read_pair_model
from radcite.core.sources import Language

__all__ = ["JudgeCard", "OnnxEntailment"]


class JudgeCard(PairCard):
    """What the model does not say of itself; `radcite.json` beside `model.onnx`.

    `thresholds` are probabilities by language; a language that is not named is not judged.
    """

    thresholds: Mapping[Language, float]


class OnnxEntailment:
    """The probability that a quote carries a claim.

    Args:
        model: Scores of three classes, of which the first is that the quote supports the claim.
        card: Name, thresholds and length.
        fingerprint: Name and digest.
    """

    def __init__(self, model: PairModel, card: JudgeCard, fingerprint: str) -> None:
        self._model = model
        self._card = card
        self._fingerprint = fingerprint

    @classmethod
    def from_folder(cls, folder: Path, *, threads: int | None = None) -> Self:
        """The model in a folder of `model.onnx`, `tokenizer.json` and `radcite.json`.

        Raises:
            RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for an unusable one.
        """
        return cls(*read_pair_model(folder, JudgeCard, threads))

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        return self._fingerprint

    @property
    def thresholds(self) -> Mapping[Language, float]:
        """From which probability a claim is taken for carried, by language."""
        return self._card.thresholds

    async def carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The probability, in [0, 1], that the first text of each pair carries the second.

        A pair that is longer than the model reads is given 0: what was cut off might contradict.
        """
        return await asyncio.to_thread(self._carried, pairs)

    def _carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        read = self._model(pairs)
        found = _softmax(read.scores)[:, 0]
        return [
            0.0 if was_cut else float(value)
            for was_cut, value in zip(read.was_cut, found, strict=True)
        ]


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
