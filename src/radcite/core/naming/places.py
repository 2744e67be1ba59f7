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
    taken = [Found(*match.span(), "", sure=True) for match in _PLACEHOLDER.finditer(text)]
    placeholders = len(taken)
    _take(text, known, taken)
    found = [*patterned(text), *english_names(text), *chinese_names(text)]
    _take(text, (one for one in found if one.sure), taken)
    _take(text, _again(text, taken), taken)
    _take(text, (one for one in found if not one.sure), taken)
    return sorted(taken[placeholders:])


def _take(text: str, found: Iterable[Found], taken: list[Found]) -> None:
    for one in sorted(found, key=lambda each: (each.start - each.end, each.start)):
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
            continue
        # What sticks out of a longer one goes too.
        for start, end in _rest(text, one, taken):
            taken.append(Found(start, end, one.kind, one.sure))


def _rest(text: str, one: Found, taken: Sequence[Found]) -> list[tuple[int, int]]:
    if not one.sure:
        return []
    start, end = one.start, one.end
    for other in taken:
        if other.start <= start < other.end:
            start = other.end
        if other.start < end <= other.end:
            end = other.start
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    free = start < end and all(end <= other.start or start >= other.end for other in taken)
    return [(start, end)] if free and end - start > 1 else []


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
