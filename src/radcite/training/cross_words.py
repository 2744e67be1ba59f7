"""The words of a cross-encoder: MiniLM's English pieces, and Chinese characters or runs of them.

A new word's row starts where a linear map from the static encoder's space puts it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, processors

__all__ = ["Widened", "frequent_chinese", "widened_words"]

_SPREAD = 0.7
_CHINESE_FROM = 0x2E7F


@dataclass(frozen=True, slots=True)
class Widened:
    """A tokenizer over English pieces and Chinese words, and its tokens' first rows."""

    tokenizer: str
    rows: NDArray[np.float32]


def frequent_chinese(tokenizer: Path, texts: Iterable[str], least: int) -> set[str]:
    """Chinese characters of the texts, and the runs that the static encoder's tokenizer cuts from them often enough."""
    cut = Tokenizer.from_file(str(tokenizer))
    counts: Counter[str] = Counter()
    chars: set[str] = set()
    for text in texts:
        chars.update(char for char in text if ord(char) > _CHINESE_FROM)
        tokens: list[str] = cut.encode(text, add_special_tokens=False).tokens
        counts.update(token.removeprefix("##") for token in tokens)
    runs = {token for token, n in counts.items() if n >= least and ord(token[0]) > _CHINESE_FROM}
    return chars | runs


def widened_words(
    tokenizer: Path,
    words: NDArray[np.float32],
    chinese: Iterable[str],
    static: Mapping[str, NDArray[np.float32]],
    spread: float = _SPREAD,
) -> Widened:
    """MiniLM's vocabulary without what neither language writes, with Chinese characters and runs.

    Args:
        tokenizer: MiniLM's `tokenizer.json`.
        words: Its rows, (tokens, 384).
        chinese: Characters, and runs of them, to have rows of their own.
        static: The static encoder's rows of tokens in both languages; the map between the two spaces is
            fitted on the English tokens that both have.
        spread: How much chance, in MiniLM's own spread, is added to a new row.
    """
    content = json.loads(tokenizer.read_text("utf-8"))
    theirs: dict[str, int] = content["model"]["vocab"]
    kept = [token for token in theirs if token.isascii() and not token.startswith("[unused")]
    added = sorted(set(chinese) - set(kept))
    shared = [token for token in kept if token in static]
    inner = np.stack([static[token] for token in shared])
    outer = words[[theirs[token] for token in shared]]
    scale = np.linalg.norm(inner, axis=1, keepdims=True) + 1e-6
    solved = cast("tuple[NDArray[np.float64], ...]", np.linalg.lstsq(inner / scale, outer))
    mapped = solved[0]
    rng = np.random.default_rng(0)
    width = int(words.shape[1])
    rows = [words[theirs[token]] for token in kept]
    for token in added:
        row: NDArray[np.float64] = spread * float(outer.std()) * rng.standard_normal(width)
        if (found := static.get(token)) is not None:
            row = row + (found / (np.linalg.norm(found) + 1e-6)) @ mapped
        rows.append(row.astype(np.float32))
    numbers = {token: n for n, token in enumerate([*kept, *added])}
    return Widened(_file(content, numbers, added), np.stack(rows).astype(np.float32))


def _file(content: dict[str, Any], numbers: dict[str, int], added: list[str]) -> str:
    """`tokenizer.json`; with runs among the words, Chinese is cut by the longest match instead of by character."""
    content = {
        **content,
        "padding": None,
        "truncation": None,
        "post_processor": None,
        "model": {**content["model"], "vocab": numbers},
        "added_tokens": [
            {**each, "id": numbers[each["content"]]}
            for each in content["added_tokens"]
            if each["content"] in numbers
        ],
    }
    made = Tokenizer.from_str(json.dumps(content))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, numbers[name]) for name in ("[CLS]", "[SEP]")],
    )
    told = json.loads(made.to_str())
    if any(len(token) > 1 for token in added):
        # A Chinese token has one number whether it opens a run or goes on in it.
        numbers = numbers | {f"##{token}": numbers[token] for token in added}
        bounded = {
            "type": "Split",
            "pattern": {"Regex": "[㐀-䶿一-鿿]{1,24}"},
            "behavior": "Isolated",
            "invert": False,
        }
        told["normalizer"] = {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFKC"},
                {**told["normalizer"], "handle_chinese_chars": False, "strip_accents": True},
            ],
        }
        told["pre_tokenizer"] = {
            "type": "Sequence",
            "pretokenizers": [told["pre_tokenizer"], bounded],
        }
    told["model"]["vocab"] = numbers
    return json.dumps(told, ensure_ascii=False)
