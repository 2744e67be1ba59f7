"""Everything in a text that tells who somebody is, each place once."""

import re
from collections.abc import Iterable, Sequence

from radcite.core.naming.chinese import chinese_names
from radcite.core.naming.english import english_names
from radcite.core.naming.found import Found
from radcite.core.naming.lexicon import common_words, zh_words
from radcite.core.naming.patterns import patterned

__all__ = ["identifying"]

# What a text bears that went through here before.
_PLACEHOLDER = re.compile(r"\[(?:[A-Z]{2,10}|[\u4e00-\u9fff]{2,5})-[A-Z0-9]{1,6}\]")
_LEAST_AGAIN = 3


def identifying(text: str, known: Iterable[Found] = ()) -> list[Found]:
    """Names, numbers, places and days, in order and without overlap; what is sure goes before what is not.

    Args:
        text: Any text, in English or Chinese or both.
        known: Places that are known already; they come first.
    """
    taken = _Taken(text)
    for match in _PLACEHOLDER.finditer(text):
        taken.cover(*match.span())
    taken.add(known)
    found = [*patterned(text), *english_names(text), *chinese_names(text)]
    taken.add(one for one in found if one.sure)
    taken.add(_again(text, taken.found))
    taken.add(one for one in found if not one.sure)
    return sorted(taken.found)


class _Taken:
    """Places of a text that are spoken for, each character once."""

    def __init__(self, text: str) -> None:
        self.found: list[Found] = []
        self._text = text
        self._covered = bytearray(len(text))

    def cover(self, start: int, end: int) -> None:
        """Take characters out of the question."""
        self._covered[start:end] = b"\1" * (end - start)

    def add(self, found: Iterable[Found]) -> None:
        """Take what is free, the longest first; what sticks out of a longer place goes too."""
        for one in sorted(found, key=lambda each: (each.start - each.end, each.start)):
            start, end = one.start, one.end
            if any(self._covered[start:end]):
                if not one.sure:
                    continue
                start, end = self._rest(start, end)
                if end - start < 2:
                    continue
            self.cover(start, end)
            self.found.append(Found(start, end, one.kind, one.sure))

    def _rest(self, start: int, end: int) -> tuple[int, int]:
        """What is left free at one end, without marks at its own ends; (0, 0) for what is covered in its middle."""
        while start < end and (self._covered[start] or not self._text[start].isalnum()):
            start += 1
        while start < end and (self._covered[end - 1] or not self._text[end - 1].isalnum()):
            end -= 1
        return (0, 0) if any(self._covered[start:end]) else (start, end)


def _again(text: str, taken: Sequence[Found]) -> list[Found]:
    """Other places of the same text at which a name that was found, or a part of it, stands."""
    words: set[str] = set()
    for one in taken:
        if one.kind in {"NAME", "DOCTOR"}:
            said = text[one.start : one.end]
            words.update(filter(_tells, re.findall(r"[A-Z][\w'’-]+", said)))
            if re.fullmatch(r"[\u4e00-\u9fff·]{3,}", said) or (
                len(said) == 2 and said not in zh_words()
            ):
                words.add(said)
    if not words:
        return []
    parts = sorted(map(re.escape, words), key=lambda word: (-len(word), word))
    bounded = [
        part if "\u4e00" <= part[0] <= "\u9fff" else rf"(?<![\w-]){part}(?![\w-])" for part in parts
    ]
    return [
        Found(*match.span(), "NAME", sure=True) for match in re.finditer("|".join(bounded), text)
    ]


def _tells(word: str) -> bool:
    return len(word) >= _LEAST_AGAIN and word.lower() not in common_words()
