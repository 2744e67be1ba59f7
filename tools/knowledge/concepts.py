"""The concepts of the term file that a text names, in Chinese or English."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from radcite.core.sources import Language
from radcite.core.tokens import is_stopword, stem
from radcite.tools.knowledge.terms import TermEntry, load_terms

__all__ = ["chinese_names", "concepts_in", "longest_chinese", "share_named"]

_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")
_CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]+\b")
_LONGEST_PHRASE = 6
_LONGEST_NAME = 25
_TOO_GENERAL = frozenset({"descriptor", "population"})
# How an image was taken, or of whom, is not what a question asks about.
_NO_SUBJECT = _TOO_GENERAL | {"modality", "device"}

ValueT = TypeVar("ValueT")
Phrase = tuple[str, ...]


def concepts_in(text: str, language: Language) -> tuple[TermEntry, ...]:
    """The concepts named in a text of this language, the longest names first taken, each once, in their order."""
    found = longest_chinese(text, chinese_names()) if language == "zh" else _longest_english(text)
    return tuple(dict.fromkeys(found))


def share_named(query: str, language: Language, text: str) -> float | None:
    """The share of the subjects a query names that a text names too, in either language, itself or as a kind of it.

    A `tibial fracture` is a kind of `fracture`: it names it, not the reverse.

    Args:
        query: A question, or names of terms.
        language: The query's language.
        text: A passage with its title, in any language.

    Returns:
        In [0, 1]; None when the query names no disease, finding, drug, procedure or part of the body.
    """
    subjects = [one for one in concepts_in(query, language) if one.category not in _NO_SUBJECT]
    if not subjects:
        return None
    lowered = text.lower()
    phrases = _phrases(_words(lowered))
    return sum(_names(one.term_id, lowered, phrases) for one in subjects) / len(subjects)


def longest_chinese(text: str, names: Mapping[str, ValueT]) -> Iterator[ValueT]:
    """What the longest names in a text, read from the left and without overlap, stand for."""
    lowered = text.lower()
    i = 0
    while i < len(lowered):
        step = 1
        for length in range(min(_LONGEST_NAME, len(lowered) - i), 0, -1):
            if (value := names.get(lowered[i : i + length])) is not None:
                yield value
                step = length
                break
        i += step


def _longest_english(text: str) -> Iterator[TermEntry]:
    names, short = _english()
    spelt = _WORD.findall(text.lower())
    found: Sequence[str] = () if text.isupper() else _CAPITALS.findall(text)
    capitals = {word.lower() for word in found}
    words = tuple(map(stem, spelt))
    i = 0
    while i < len(words):
        step = 1
        for length in range(min(_LONGEST_PHRASE, len(words) - i), 0, -1):
            if (entry := names.get(words[i : i + length])) is not None:
                yield entry
                step = length
                break
        else:
            if (entry := short.get(spelt[i])) is not None and (
                spelt[i] in capitals or not is_stopword(spelt[i])
            ):
                yield entry
        i += step


def _words(lowered: str) -> Phrase:
    return tuple(stem(word) for word in _WORD.findall(lowered))


def _phrases(words: Sequence[str]) -> frozenset[Phrase]:
    lengths = range(1, _LONGEST_PHRASE + 1)
    return frozenset(tuple(words[i : i + n]) for n in lengths for i in range(len(words) - n + 1))


def _names(term_id: str, lowered: str, phrases: frozenset[Phrase]) -> bool:
    chinese, english = _names_with_kinds(term_id)
    return any(name in lowered for name in chinese) or not phrases.isdisjoint(english)


@lru_cache(maxsize=4096)
def _names_with_kinds(term_id: str) -> tuple[frozenset[str], frozenset[Phrase]]:
    """Every name of a concept and of what is a kind of it."""
    by_id, kinds = _kinds()
    waiting, seen = [term_id], set[str]()
    while waiting:
        if (one := waiting.pop()) not in seen:
            seen.add(one)
            waiting += kinds.get(one, ())
    entries = [by_id[one] for one in seen]
    return (
        frozenset(n.lower() for entry in entries for n in entry.zh if not n.isascii()),
        frozenset(
            _words(n.lower())
            for entry in entries
            for n in _latin(entry)
            if not is_stopword(n.lower())
        )
        - {()},
    )


def _latin(entry: TermEntry) -> tuple[str, ...]:
    return (*entry.en, *(name for name in entry.zh if name.isascii()))


@lru_cache(maxsize=1)
def _kinds() -> tuple[Mapping[str, TermEntry], Mapping[str, Sequence[str]]]:
    kinds: dict[str, list[str]] = {}
    for entry in load_terms():
        if entry.parent is not None:
            kinds.setdefault(entry.parent, []).append(entry.term_id)
    return {entry.term_id: entry for entry in load_terms()}, kinds


@lru_cache(maxsize=1)
def chinese_names() -> Mapping[str, TermEntry]:
    """Every Chinese name, in lower case, and what it names; descriptors and groups of people are left out."""
    names: dict[str, TermEntry] = {}
    for entry in load_terms():
        for name in entry.zh if entry.category not in _TOO_GENERAL else ():
            if len(name) > 1:
                names.setdefault(name.lower(), entry)
    return names


@lru_cache(maxsize=1)
def _english() -> tuple[Mapping[Phrase, TermEntry], Mapping[str, TermEntry]]:
    """By stems; and abbreviations as they are spelt, for `DOE` is no form of `does`."""
    names: dict[Phrase, TermEntry] = {}
    short: dict[str, TermEntry] = {}
    for entry in load_terms():
        for name in entry.en if entry.category not in _TOO_GENERAL else ():
            if _is_abbreviation(name):
                short.setdefault(name.lower(), entry)
            elif len(" ".join(phrase := _words(name.lower()))) > 1:
                names.setdefault(phrase, entry)
    return names, short


def _is_abbreviation(name: str) -> bool:
    return len(name) > 1 and name.isupper() and _CAPITALS.fullmatch(name) is not None
