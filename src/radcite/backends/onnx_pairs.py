"""Cross-encoders in ONNX: scores of pairs of texts, in batches of like length."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from tokenizers import Tokenizer

from radcite.backends.onnx_text import OnnxSession, open_session, token_batches
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["CARD_FILE", "PairCard", "PairModel", "PairScores", "read_pair_model"]

CARD_FILE = "radcite.json"
_TOKENS_PER_BATCH = 2048


class PairCard(Frozen):
    """What every cross-encoder's `radcite.json` says beside what its use asks for."""

    name: str
    max_tokens: int = 192


CardT = TypeVar("CardT", bound=PairCard)


@dataclass(frozen=True, slots=True)
class PairScores:
    """Scores before any softmax, (pairs, classes), and which pairs were longer than the model reads."""

    scores: NDArray[np.float32]
    was_cut: tuple[bool, ...]


class PairModel:
    """A session over `input_ids`, `attention_mask` and `token_type_ids`, with its tokenizer.

    Args:
        session: The model.
        tokenizer: Its tokenizer; padding and truncation are set here.
        max_tokens: Of both texts together; the longer one is cut first.
    """

    def __init__(self, session: OnnxSession, tokenizer: Tokenizer, max_tokens: int) -> None:
        self._session = session
        output = session.get_outputs()[0]
        self._output = output.name
        self._classes = output.shape[-1] if isinstance(output.shape[-1], int) else 1
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_tokens, strategy="longest_first")
        self._tokenizer = tokenizer

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> PairScores:
        """The scores of pairs in the order given."""
        encodings = self._tokenizer.encode_batch(list(pairs))
        found = np.zeros((len(pairs), self._classes), dtype=np.float32)
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
            found[batch] = self._session.run([self._output], feed)[0]
        return PairScores(found, tuple(bool(encoding.overflowing) for encoding in encodings))


def read_pair_model(
    folder: Path, kind: type[CardT], threads: int | None
) -> tuple[PairModel, CardT, str]:
    """A cross-encoder's model, card and fingerprint, from `model.onnx`, `tokenizer.json` and `radcite.json`.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for an unusable one.
    """
    for name in ("model.onnx", "tokenizer.json", CARD_FILE):
        if not (folder / name).is_file():
            raise RadciteError(
                "NOT_FOUND", f"{name} is missing in the model's folder", f"模型目录中缺少 {name}"
            )
    try:
        card = kind.model_validate_json((folder / CARD_FILE).read_bytes())
    except ValidationError as exc:
        where = ".".join(map(str, exc.errors()[0]["loc"])) or "JSON"
        raise RadciteError(
            "CONFIG_INVALID", f"{CARD_FILE}: {where}", f"{CARD_FILE} 有误：{where}"
        ) from exc
    with (folder / "model.onnx").open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    session = open_session(folder / "model.onnx", threads)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = PairModel(session, tokenizer, card.max_tokens)
    return model, card, f"{card.name}:{digest[:12]}"
