"""The parts of a document as one text, and the place of each of its words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from radcite.core.normalization import is_cjk
from radcite.ingestion.pdf.layout import Part
from radcite.ingestion.pdf.text import Line, stands_alone

__all__ = ["Composed", "compose"]

_Placed: TypeAlias = tuple[int, int, int, int, float, float, float, float]
"""A `PlacedWord` as a plain tuple, which is made in a third of the time."""

_HYPHENS = ("-", "\u2010", "\u00ad")
_WHOLE_WORD = 4
# Compounds that are seldom written as one word: of the pieces at a line's end both are whole.
_PARTICLED = re.compile(
    r"(?:follow|check|work|scale|warm|clean|start|set|catch)-ups?|(?:cut|drop|trade|sign|knock|stand|one|take|set)-offs?"
    r"|(?:wash|drop|knock|read|print)-outs?|(?:add|hands|log|sign|head|follow|try)-ons?|(?:built|plug|drop|sign|lead)-ins?"
)
_BROKEN = re.compile(r"(\w[\w\-\u2010]*)[\-\u2010\u00ad]$")
_NUMBER_GOES_ON = re.compile(r"\d[\d.]*[%％]|[.．]\d|[%％]|\d+(?=[年月日岁例个次天周])")
_WORD = re.compile(r"\w[\w\-\u2010]*\w")
_FOLDED = {
    chr(point): folded
    for point, folded in zip(
        range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True
    )
}


@dataclass(slots=True)
class Composed:
    """Text under construction: its pieces, its words' places and each part's span."""

    pieces: list[str] = field(default_factory=list[str])
    words: list[_Placed] = field(default_factory=list[_Placed])
    spans: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    length: int = 0
    line: int = 0

    @property
    def text(self) -> str:
        """All that was added."""
        return "".join(self.pieces)

    def add(self, text: str) -> None:
        """Append text that has no place on a page."""
        self.pieces.append(text)
        self.length += len(text)


def compose(parts: Sequence[Part]) -> Composed:
    """Parts parted by blank lines; rows of a table by line breaks, its cells by tabs.

    Within a part, lines are joined by a space, Chinese ones directly, and words broken at a line's
    end are made whole. `spans[i]` is the `[start, end)` of part i.
    """
    words = _Vocabulary(parts)
    made = Composed()
    for part in parts:
        if made.length:
            made.add("\n\n")
        start = made.length
        if part.rows:
            _add_table(made, part, words)
        else:
            _add_lines(made, part.lines, words)
        made.spans.append((start, made.length))
    return made


class _Vocabulary:
    """The words of a document, by which a hyphen at a line's end is told from one of the word's own."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._lines = [line for part in parts for line in part.lines]

    @cached_property
    def _written(self) -> frozenset[str]:
        """Words written with a hyphen inside a line."""
        words = (word.text for line in self._lines for word in line.words[:-1])
        return frozenset(
            found.group().lower()
            for word in words
            if "-" in word or "\u2010" in word
            for found in _WORD.finditer(word)
        )

    @cached_property
    def _plain(self) -> frozenset[str]:
        """Words inside a line: the first one of a line may be what is left of a broken one."""
        words = [word.text for line in self._lines for word in line.words[1:]]
        return frozenset(" ".join(words).lower().split())

    def keeps_hyphen(self, head: str, tail: str) -> bool:
        """Whether two pieces parted by a hyphen are a compound: so written elsewhere, or two words but never one.

        Both pieces in small letters.
        """
        if f"{head}-{tail}" in self._written:
            return True
        if (
            len(head) == 1 or _PARTICLED.fullmatch(f"{head}-{tail}")
        ) and head + tail not in self._plain:
            return True
        both = min(len(head), len(tail)) >= _WHOLE_WORD
        return (
            both and head in self._plain and tail in self._plain and head + tail not in self._plain
        )


def _add_table(made: Composed, part: Part, words: _Vocabulary) -> None:
    for i, row in enumerate(part.rows):
        for j, cell in enumerate(row):
            if i or j:
                made.add("\t" if j else "\n")
            _add_lines(made, cell, words)


def _add_lines(made: Composed, lines: Sequence[Line], words: _Vocabulary) -> None:
    pieces, placed = made.pieces, made.words
    at = made.length
    for i, line in enumerate(lines):
        gap = bool(i) and not _runs_on(lines[i - 1], line)
        made.line += 1
        following = lines[i + 1].words[0].text if i + 1 < len(lines) else ""
        last, page, number = line.words[-1], line.page, made.line
        for word in line.words:
            if gap and not word.glued:
                pieces.append(" ")
                at += 1
            text = word.text if word.text.isascii() else _folded(word.text)
            if word is last:
                text = _ending(text, following, words)
            if text:
                end = at + len(text)
                pieces.append(text)
                placed.append((at, end, page, number, *word.box))
                at = end
            gap = True
    made.length = at


def _ending(word: str, following: str, words: _Vocabulary) -> str:
    """The last word of a line, less the hyphen that only the line's end gave it."""
    return word[:-1] if _loses_hyphen(word, following, words) else word


def _folded(text: str) -> str:
    """Ligatures and compatibility ideographs as plain letters.

    Full compatibility folding would turn 10⁵ into 105: that is left to whoever compares.
    """
    if text.isascii():
        return text
    return "".join(_FOLDED.get(char) or _ideograph(char) for char in text)


def _ideograph(char: str) -> str:
    import unicodedata

    radical = "\u2e80" <= char <= "\u2fdf" or "\uf900" <= char <= "\ufaff"
    return unicodedata.normalize("NFKC", char) if radical else char


def _loses_hyphen(word: str, following: str, words: _Vocabulary) -> bool:
    if word[-1:] not in _HYPHENS or not following[:1].isalpha():
        return False
    broken = _BROKEN.search(word)
    if broken is None:
        return False
    if word.endswith("\u00ad"):
        return True
    head, tail = broken.group(1).lower(), _WORD.match(following.lower())
    rest = tail.group() if tail else following[0]
    return following[0].islower() and head[-1].isalpha() and not words.keeps_hyphen(head, rest)


def _runs_on(before: Line, line: Line) -> bool:
    """Whether no space stands between two lines: after a hyphen, and between Chinese characters."""
    end, start = before.words[-1].text[-1], line.words[0].text[0]
    if end in _HYPHENS:
        word = before.words[-1].text
        return len(word) > 1 and word[-2].isalnum()
    if end.isdigit() and _NUMBER_GOES_ON.match(line.text):
        # In Chinese, sentences and lists part their numbers by signs: two that meet are one.
        return any(is_cjk(char) for char in before.text) and any(is_cjk(char) for char in line.text)
    return stands_alone(end) and stands_alone(start)
