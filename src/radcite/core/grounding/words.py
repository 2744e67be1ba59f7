"""The parts of a reading: words, and the phrases and cues that stand on them."""

from dataclasses import dataclass

__all__ = ["HARD", "SOFT", "Cue", "Phrase", "Word"]

HARD = frozenset(";:；：。!?！？")
SOFT = frozenset(",，")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a Chinese character or a mark. `[start, end)` in the normalised text."""

    text: str
    key: str
    start: int
    end: int

    @property
    def is_label(self) -> bool:
        """Whether it is a capital that names something (`drug A`), not an article."""
        return len(self.key) == 1 and self.key.isascii() and self.key.isupper()

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation."""
        return self.key in HARD or self.key in SOFT or self.key in "、/()（）"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words `[first, end)` that express the named concepts."""

    first: int
    end: int
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cue:
    """Words `[first, end)` that negate, weaken, compare, … under the name of their table."""

    first: int
    end: int
    names: frozenset[str]
