"""A cross-encoder in ONNX behind the `Reranker` port."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field

from radcite.backends.onnx_pairs import PairCard, PairModel, read_pair_model
from radcite.core.sources import Language

__all__ = ["OnnxReranker", "RerankerCard"]

# Tokenizers read a whole text before they cut it; a passage may be a whole report.
_MOST_CHARACTERS = 4_000


class RerankerCard(PairCard):
    """`shares`: by language, how much the model counts beside the search's own score."""

    shares: Mapping[Language, Annotated[float, Field(ge=0, le=1)]]
    max_tokens: int = 128


class OnnxReranker:
    """How well each text answers a question.

    Args:
        model: Scores of pairs; the first class is the score.
        card: Name, shares and length.
        fingerprint: Name and digest.
    """

    def __init__(self, model: PairModel, card: RerankerCard, fingerprint: str) -> None:
        self._model = model
        self._card = card
        self._fingerprint = fingerprint

    @classmethod
    def from_folder(cls, folder: Path, *, threads: int | None = None) -> Self:
        """The model in a folder of `model.onnx`, `tokenizer.json` and `radcite.json`.

        Raises:
            RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for an unusable one.
        """
        return cls(*read_pair_model(folder, RerankerCard, threads))

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        return self._fingerprint

    @property
    def shares(self) -> Mapping[Language, float]:
        """By language, how much the model counts beside the search's own score, in [0, 1]."""
        return self._card.shares

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query, in the order given: higher is better."""
        return await asyncio.to_thread(self.scores, [(query, text) for text in texts])

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Scores of pairs of query and text, of whatever queries; blocks."""
        cut = [(query[:_MOST_CHARACTERS], text[:_MOST_CHARACTERS]) for query, text in pairs]
        return [float(value) for value in self._model(cut).scores[:, 0]]
