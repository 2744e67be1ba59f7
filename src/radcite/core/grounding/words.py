"""The parts of a reading: words, the phrases and cues that stand on them, and quantities."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["HARD", "SOFT", "Bound", "Cue", "Part", "Phrase", "Quantity", "Word"]

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


Part = Literal["", "spread", "limit", "end", "change", "whole"]
Bound = Literal["", "<", "<=", ">", ">=", "reached", "above"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written at `[start, end)` of the sentence.

    `value` is in the base unit of its dimension; `unit` names the dimension (`length`, `%`, …) or
    is the unit as written. `about` marks a rounded one; `[lead, tail)`
    takes in the words of the bound, and `apart` is where the rest of it stands that a verb parts
    from it (`每周注射一次`). `part` says what it is of another: the spread of a mean, a limit of an interval,
    the end of any other range or of a change, the whole out of which is counted.
    """

    value: float
    unit: str
    bound: Bound
    about: bool
    start: int
    end: int
    lead: int
    tail: int
    part: Part = ""
    apart: tuple[int, int] = (0, 0)
