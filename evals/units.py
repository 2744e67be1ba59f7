"""Which questions, documents and patients may be trained on: one rule, decided by the id alone.

A unit is drawn by the first byte of the SHA-256 of its id, so every recipe, evaluation task and
machine agrees without a list: `train` below 112, `dev` (choices, early stopping, thresholds) below
128, `held` (what is reported) from 128 on.

Sets hold the same question, or answers on the same subject, under several ids, which fall on different sides. Moving
them would change what released weights were kept from, so such a unit is not reported: `held_apart`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Literal, TypeVar
from unicodedata import normalize

__all__ = ["Part", "held_apart", "is_held", "part_of", "plain"]

Part = Literal["train", "dev", "held"]
_DEV_FROM = 112
_HELD_FROM = 128
_NO_WORD = re.compile(r"[\W_]+")
RowT = TypeVar("RowT")


def part_of(unit: str) -> Part:
    """Where a question, document or patient belongs."""
    first = sha256(unit.encode()).digest()[0]
    if first < _DEV_FROM:
        return "train"
    return "dev" if first < _HELD_FROM else "held"


def is_held(unit: str) -> bool:
    """Whether a unit is kept from every training, so that figures may be reported on it."""
    return part_of(unit) == "held"


def held_apart(
    rows: Sequence[RowT], unit: Callable[[RowT], str], words: Callable[[RowT], Iterable[str]]
) -> list[RowT]:
    """The rows of held units that share no text, as `plain` has it, with a row of another part.

    Args:
        rows: All rows of the set, so that what training may have read is among them.
        unit: The id by which a row is split.
        words: The texts of a row that must not stand in two parts: its question, answer or subject.
    """
    parts: dict[str, set[Part]] = defaultdict(set)
    for row in rows:
        for text in words(row):
            parts[plain(text)].add(part_of(unit(row)))
    parts.pop("", None)
    return [
        row
        for row in rows
        if is_held(unit(row))
        and all(parts[key] == {"held"} for text in words(row) if (key := plain(text)))
    ]


def plain(text: str) -> str:
    """The text's letters and digits alone, in one case and form."""
    return _NO_WORD.sub("", normalize("NFKC", text).casefold())
