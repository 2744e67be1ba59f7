"""A cross-encoder in ONNX behind the ports `Reranker` and `Entailment`: it reads two texts at once.

Its first score says how well the second text answers the first; the other three are the classes of a claim under a
quote: supported, refuted, not enough said.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError
from tokenizers import Tokenizer

from radcite.backends.text.onnx import OnnxSession, open_session, token_batches
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sources import Language

__all__ = ["CARD_FILE", "OnnxPairs", "PairCard"]

CARD_FILE = "radcite.json"
_TOKENS_PER_BATCH = 2048
_CLASSES = 4
_OUTPUT = "scores"
# Tokenizers read a whole text before they cut it; a passage may be a whole report.
_MOST_CHARACTERS = 4_000

Share = Annotated[float, Field(ge=0, le=1)]


class PairCard(Frozen):
    """What the model does not say of itself; `radcite.json` beside `model.onnx`.

    `shares`: by language of the question, how much the model counts beside the search's own score.
    `thresholds`: by language of the claim, from which probability it is taken for carried.
    `doubts`: below which it is not, whatever the rules found.
    A language that is not named is not ordered or not judged. `max_tokens` are of both texts together for judging,
    `ordered_tokens` for ordering.
    """

    name: str
    shares: Mapping[Language, Share] = {}
    thresholds: Mapping[Language, Share] = {}
    doubts: Mapping[Language, Share] = {}
    max_tokens: int = 160
    ordered_tokens: int = 128


class OnnxPairs:
    """How well texts answer a question, and whether quotes carry claims.

    The model is opened when it is first asked: an answer of verbatim quotes never asks it.

    Args:
        folder: Holds `model.onnx`, with four scores a pair, and `tokenizer.json`.
        card: Name, shares, thresholds and lengths.
        fingerprint: Name and digest.
        threads: Of one inference; all cores when absent.
    """

    def __init__(
        self, folder: Path, card: PairCard, fingerprint: str, threads: int | None = None
    ) -> None:
        self._folder = folder
        self._card = card
        self._fingerprint = fingerprint
        self._threads = threads

    @classmethod
    def from_folder(cls, folder: Path, *, threads: int | None = None) -> Self:
        """The model in a folder of `model.onnx`, `tokenizer.json` and `radcite.json`.

        Raises:
            RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for an unusable one; of `model.onnx` when it
                is first asked.
        """
        card = _card(folder)
        with (folder / "model.onnx").open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
        return cls(folder, card, f"{card.name}:{digest[:12]}", threads)

    @cached_property
    def _session(self) -> OnnxSession:
        session = open_session(self._folder / "model.onnx", self._threads)
        if session.get_outputs()[0].shape[-1] != _CLASSES:
            raise RadciteError(
                "CONFIG_INVALID",
                f"model.onnx does not give {_CLASSES} scores a pair",
                f"model.onnx 不是每对文本给出 {_CLASSES} 个分数的模型",
            )
        return session

    @cached_property
    def _judging(self) -> Tokenizer:
        return _cut_at(self._folder / "tokenizer.json", self._card.max_tokens)

    @cached_property
    def _ordering(self) -> Tokenizer:
        return _cut_at(self._folder / "tokenizer.json", self._card.ordered_tokens)

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        return self._fingerprint

    @property
    def shares(self) -> Mapping[Language, float]:
        """By language, how much the model counts beside the search's own score, in [0, 1]."""
        return self._card.shares

    @property
    def thresholds(self) -> Mapping[Language, float]:
        """From which probability a claim is taken for carried, by language."""
        return self._card.thresholds

    @property
    def doubts(self) -> Mapping[Language, float]:
        """Below which probability a claim is not shown as supported, by language."""
        return self._card.doubts

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query, in the order given: higher is better."""
        return await asyncio.to_thread(self.scores, [(query, text) for text in texts])

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """How well the second text of each pair answers the first; blocks."""
        return [float(value) for value in self._read(self._ordering, pairs)[0][:, 0]]

    async def carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The probability, in [0, 1], that the first text of each pair carries the second.

        A pair that is longer than the model reads is given 0: what was cut off might contradict.
        """
        return await asyncio.to_thread(self.probabilities, pairs)

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """As `carried`; blocks."""
        scores, was_cut = self._read(self._judging, pairs)
        raised = np.exp(scores[:, 1:] - scores[:, 1:].max(axis=1, keepdims=True, initial=-np.inf))
        found = raised[:, 0] / raised.sum(axis=1)
        return [0.0 if cut else float(one) for cut, one in zip(was_cut, found, strict=True)]

    def _read(
        self, tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]
    ) -> tuple[NDArray[np.float32], list[bool]]:
        """Scores, (pairs, 4), in the order given, and which pairs were longer than is read."""
        cut = [(one[:_MOST_CHARACTERS], other[:_MOST_CHARACTERS]) for one, other in pairs]
        encodings = tokenizer.encode_batch(cut)
        found = np.zeros((len(pairs), _CLASSES), dtype=np.float32)
        lengths = [len(encoding.ids) for encoding in encodings]
        for batch in token_batches(lengths, _TOKENS_PER_BATCH):
            shape = (len(batch), max(lengths[place] for place in batch))
            ids, mask, segments = (np.zeros(shape, dtype=np.int64) for _ in range(3))
            for row, place in enumerate(batch):
                each = encodings[place]
                ids[row, : len(each.ids)] = each.ids
                mask[row, : len(each.ids)] = 1
                segments[row, : len(each.ids)] = each.type_ids
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
            found[batch] = self._session.run([_OUTPUT], feed)[0]
        longer = [max(map(len, pair)) > _MOST_CHARACTERS for pair in pairs]
        return found, [
            bool(each.overflowing) or cut for each, cut in zip(encodings, longer, strict=True)
        ]


def _cut_at(file: Path, most: int) -> Tokenizer:
    try:
        made = Tokenizer.from_file(str(file))
    except Exception as exc:  # tokenizers raises bare `Exception`
        raise RadciteError(
            "CONFIG_INVALID", f"{file.name} is no tokenizer", f"{file.name} 不是分词器"
        ) from exc
    made.no_padding()
    made.enable_truncation(most, strategy="longest_first")
    return made


def _card(folder: Path) -> PairCard:
    for name in ("model.onnx", "tokenizer.json", CARD_FILE):
        if not (folder / name).is_file():
            raise RadciteError(
                "NOT_FOUND", f"{name} is missing in the model's folder", f"模型目录中缺少 {name}"
            )
    try:
        return PairCard.model_validate_json((folder / CARD_FILE).read_bytes())
    except ValidationError as exc:
        where = ".".join(map(str, exc.errors()[0]["loc"])) or "JSON"
        raise RadciteError(
            "CONFIG_INVALID", f"{CARD_FILE}: {where}", f"{CARD_FILE} 有误：{where}"
        ) from exc
