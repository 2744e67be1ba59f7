"""A cross-encoder in ONNX behind the `Entailment` port."""

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from tokenizers import Tokenizer

from radcite.backends.onnx_text import OnnxSession, open_session, token_batches
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sources import Language

__all__ = ["JudgeCard", "OnnxEntailment"]

_TOKENS_PER_BATCH = 2048
_CARD_FILE = "radcite.json"


class JudgeCard(Frozen):
    """What the model does not say of itself; `radcite.json` beside `model.onnx`.

    `thresholds` are probabilities by language; a language that is not named is not judged.
    """

    name: str
    thresholds: Mapping[Language, float]
    max_tokens: int = 192


class OnnxEntailment:
    """The probability that a quote carries a claim.

    Args:
        session: The model: `input_ids`, `attention_mask` and `token_type_ids` to scores of three classes,
            of which the first is that the quote supports the claim.
        tokenizer: Its tokenizer; padding and truncation are set here.
        card: Name, thresholds and length.
        fingerprint: Name and digest.
    """

    def __init__(
        self, session: OnnxSession, tokenizer: Tokenizer, card: JudgeCard, fingerprint: str
    ) -> None:
        self._session = session
        self._output = session.get_outputs()[0].name
        tokenizer.no_padding()
        tokenizer.enable_truncation(card.max_tokens, strategy="longest_first")
        self._tokenizer = tokenizer
        self._card = card
        self._fingerprint = fingerprint

    @classmethod
    def from_folder(cls, folder: Path, *, threads: int | None = None) -> Self:
        """The model in a folder of `model.onnx`, `tokenizer.json` and `radcite.json`.

        Raises:
            RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for an unusable one.
        """
        for name in ("model.onnx", "tokenizer.json", _CARD_FILE):
            if not (folder / name).is_file():
                raise RadciteError(
                    "NOT_FOUND",
                    f"{name} is missing in the judge's folder",
                    f"判定模型目录中缺少 {name}",
                )
        try:
            card = JudgeCard.model_validate_json((folder / _CARD_FILE).read_bytes())
        except ValidationError as exc:
            where = ".".join(map(str, exc.errors()[0]["loc"])) or "JSON"
            raise RadciteError(
                "CONFIG_INVALID", f"{_CARD_FILE}: {where}", f"{_CARD_FILE} 有误：{where}"
            ) from exc
        with (folder / "model.onnx").open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
        session = open_session(folder / "model.onnx", threads)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return cls(session, tokenizer, card, f"{card.name}:{digest[:12]}")

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
        encodings = self._tokenizer.encode_batch(list(pairs))
        found = np.zeros(len(pairs))
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
            found[batch] = _softmax(self._session.run([self._output], feed)[0])[:, 0]
        return [
            0.0 if encoding.overflowing else float(value)
            for encoding, value in zip(encodings, found, strict=True)
        ]


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
