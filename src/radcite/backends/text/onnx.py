"""Any sentence encoder in ONNX behind the `TextEncoder` port."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, Self, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from radcite.backends.text.model_card import TextModelCard, read_card
from radcite.core.errors import RadciteError
from radcite.core.sources import Language
from radcite.core.vectors import Vectors, unit_rows

__all__ = [
    "OnnxSession",
    "OnnxTextEncoder",
    "open_model",
    "open_session",
    "token_batches",
]

_TOKENS_PER_BATCH = 1024
_TEXTS_AT_ONCE = 1024
# Tokenizers read a whole text before they cut it. Words are far shorter than this many characters a
# token, so cutting first bounds the work on a huge text and changes no vector of prose.
_CHARACTERS_PER_TOKEN = 32


class _Tensor(Protocol):
    name: str
    shape: Sequence[int | str]


class _ModelMeta(Protocol):
    custom_metadata_map: Mapping[str, str]


class OnnxSession(Protocol):
    """The part of an ONNX Runtime session that is used here; the library itself is not typed."""

    def get_inputs(self) -> Sequence[_Tensor]:
        """Declared inputs."""
        ...

    def get_outputs(self) -> Sequence[_Tensor]:
        """Declared outputs."""
        ...

    def get_modelmeta(self) -> _ModelMeta:
        """What the file says of itself."""
        ...

    def run(
        self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[np.int64]]
    ) -> Sequence[NDArray[np.float32]]:
        """The named outputs for these inputs."""
        ...


class OnnxTextEncoder:
    """Sentence vectors from an ONNX model; batches of like length, work off the event loop.

    Args:
        session: The model, from `open_session`.
        tokenizer: Its tokenizer; padding and truncation are set here.
        card: Languages, pooling, length and prefixes.
        fingerprint: Name and digest; equal fingerprints mean comparable vectors.
    """

    def __init__(
        self,
        session: OnnxSession,
        tokenizer: Tokenizer,
        card: TextModelCard,
        fingerprint: str,
    ) -> None:
        self._session = session
        self._card = card
        self._fingerprint = fingerprint
        self._inputs = frozenset(each.name for each in session.get_inputs())
        self._output = session.get_outputs()[0].name
        padding = cast("Mapping[str, int] | None", tokenizer.padding)
        self._pad_id = padding["pad_id"] if padding else 0
        # A tokenizer file may fix padding to a length: short texts would cost as much as long ones.
        tokenizer.no_padding()
        tokenizer.enable_truncation(card.max_tokens)
        self._tokenizer = tokenizer
        self._dim = self._measure_dim()

    @classmethod
    def from_folder(cls, folder: Path, *, threads: int | None = None) -> Self:
        """The model in a folder of `model.onnx` and `tokenizer.json`, with its card.

        The card is `radcite.json`; without one it is read from the files of sentence-transformers.

        Args:
            folder: Where the files lie; weights beside the model belong to it as well.
            threads: Threads of one inference; all cores when absent.

        Raises:
            RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for an unusable one.
        """
        nested = folder / "onnx" / "model.onnx"
        model = nested if nested.is_file() else folder / "model.onnx"
        for path in (model, folder / "tokenizer.json"):
            if not path.is_file():
                raise RadciteError(
                    "NOT_FOUND",
                    f"{path.name} is missing in the text encoder's folder",
                    f"文本编码器目录中缺少 {path.name}",
                )
        card = read_card(folder)
        session = open_session(model, threads)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return cls(session, tokenizer, card, f"{card.name}:{_digest(model, card)[:12]}")

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        return self._fingerprint

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def languages(self) -> frozenset[Language]:
        """Languages the model reads, as its card says."""
        return self._card.languages

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of documents in the order given: (len(texts), dim), float32, unit length.

        Texts are cut at the card's `max_tokens`.

        Raises:
            RadciteError: `EMBEDDING_INVALID` when the model returns zero or non-finite vectors.
        """
        return await asyncio.to_thread(self._encode, self._card.document_prefix, texts)

    async def encode_query(self, text: str) -> Vectors:
        """The vector of a question: (1, dim), float32, unit length. Raises as `encode`."""
        return await asyncio.to_thread(self._encode, self._card.query_prefix, [text])

    def _encode(self, prefix: str, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._dim), dtype=np.float32)
        # A window at a time, so that only the vectors grow with the number of texts.
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            window = self._tokenize(prefix, texts[start : start + _TEXTS_AT_ONCE])
            lengths = [len(encoding.ids) for encoding in window]
            for batch in token_batches(lengths, _TOKENS_PER_BATCH):
                rows = self._infer([window[place] for place in batch])
                vectors[[start + place for place in batch]] = unit_rows(rows)
        return vectors

    def _tokenize(self, prefix: str, texts: Sequence[str]) -> list[Encoding]:
        characters = self._card.max_tokens * _CHARACTERS_PER_TOKEN
        return self._tokenizer.encode_batch_fast([(prefix + text)[:characters] for text in texts])

    def _infer(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
        ids = np.full(shape, self._pad_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        used = {name: value for name, value in feed.items() if name in self._inputs}
        output = self._session.run([self._output], used)[0]
        return _pool(output, mask, self._card.pooling)

    def _measure_dim(self) -> int:
        dim = self._session.get_outputs()[0].shape[-1]
        return dim if isinstance(dim, int) else self._infer(self._tokenize("", ["a"])).shape[1]


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Places grouped by like length, longest first, so that little is padded.

    Args:
        lengths: Tokens of each text.
        budget: Most tokens of a batch, padding counted; a longer text is a batch of its own.
    """
    batch: list[int] = []
    # Longest first: the engine's memory is sized once, by the first batch.
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def open_session(model: Path, threads: int | None = None) -> OnnxSession:
    """An inference session on the CPU.

    Args:
        model: The ONNX file.
        threads: Threads of one inference; all cores when absent.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for one that is no model.
    """
    if not model.is_file():
        raise RadciteError(
            "NOT_FOUND", f"the model {model.name} is missing", f"缺少模型 {model.name}"
        )
    return _open(str(model), model.name, threads)


def open_model(content: bytes, threads: int | None = None) -> OnnxSession:
    """As `open_session`, of a model that is made in memory."""
    return _open(content, "model", threads)


def _open(model: str | bytes, name: str, threads: int | None) -> OnnxSession:
    options = cast("Any", onnxruntime.SessionOptions())
    options.intra_op_num_threads = threads or 0
    options.log_severity_level = 3
    # Idle threads that spin would take the cores from the readers and the index.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # the engine's exceptions have no base of their own
        raise RadciteError(
            "CONFIG_INVALID",
            f"{name} is not a model that ONNX Runtime can load",
            f"ONNX Runtime 无法加载 {name}",
        ) from exc
    return cast("OnnxSession", session)


def _digest(model: Path, card: TextModelCard) -> str:
    """Digest of all that shapes a vector: weights, tokenizer, card."""
    # A set has another order in every process: it is sorted, or the same model would have many names.
    told = {**card.model_dump(mode="json"), "languages": sorted(card.languages)}
    digest = hashlib.sha256(json.dumps(told, separators=(",", ":")).encode())
    tokenizer = model.parent / "tokenizer.json"
    beside = tokenizer if tokenizer.is_file() else model.parent.parent / "tokenizer.json"
    for path in [*sorted(model.parent.glob("model.onnx*")), beside]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _pool(
    output: NDArray[np.float32],
    mask: NDArray[np.int64],
    pooling: Literal["in_graph", "mean", "cls", "last"],
) -> NDArray[np.float32]:
    match pooling:
        case "in_graph":
            return output
        case "cls":
            return output[:, 0]
        case "last":
            return output[np.arange(len(output)), mask.sum(axis=1) - 1]
        case "mean":
            weights = mask[:, :, None].astype(np.float32)
            return (output * weights).sum(axis=1) / weights.sum(axis=1)
