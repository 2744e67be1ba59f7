"""The other language's names of the terms in a question, so that it finds the other literature too."""

import re
from functools import lru_cache

from radcite.core.normalization import is_cjk
from radcite.core.sources import Language
from radcite.core.tokens import stem
from radcite.tools.knowledge.terms import general_words, load_terms

__all__ = ["english_words", "in_other_language", "named_terms"]

_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")
_LONGEST_PHRASE = 6
_TOO_GENERAL = frozenset({"descriptor", "population"})


def in_other_language(text: str, language: Language) -> str:
    """The preferred names, in the other language, of the longest terms found; empty if none is.

    Args:
        text: A question.
        language: Its language.
    """
    return " ".join(named_terms(text, language))


def named_terms(text: str, language: Language) -> list[str]:
    """The preferred names, in the other language, of the longest terms found, each once and in their order."""
    chinese = language == "zh"
    found = _from_chinese(text, _chinese_names(), 2) if chinese else _from_english(text)
    return list(dict.fromkeys(found))


def english_words(text: str) -> str:
    """English words for a Chinese question, by which it finds English texts: names of terms, and general words."""
    return " ".join(dict.fromkeys(_from_chinese(text, _chinese_words(), 1)))


def _from_chinese(text: str, table: tuple[dict[str, str], int], shortest: int) -> list[str]:
    names, longest = table
    found: list[str] = []
    i = 0
    while i < len(text):
        for length in range(min(longest, len(text) - i), shortest - 1, -1):
            if name := names.get(text[i : i + length].lower()):
                found.append(name)
                i += length - 1
                break
        i += 1
    return found


def _from_english(text: str) -> list[str]:
    names = _english_names()
    words = [stem(word) for word in _WORD.findall(text.lower())]
    found: list[str] = []
    i = 0
    while i < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - i), 0, -1):
            if name := names.get(" ".join(words[i : i + length])):
                found.append(name)
                i += length - 1
                break
        i += 1
    return found


@lru_cache(maxsize=1)
def _chinese_names() -> tuple[dict[str, str], int]:
    names: dict[str, str] = {}
    for entry in load_terms():
        for name in entry.zh if entry.category not in _TOO_GENERAL else ():
            if len(name) > 1 and is_cjk(name[0]):
                names.setdefault(name.lower(), entry.en[0])
    return names, max(map(len, names), default=0)


@lru_cache(maxsize=1)
def _chinese_words() -> tuple[dict[str, str], int]:
    names, longest = _chinese_names()
    return {**dict(general_words()), **names}, longest


@lru_cache(maxsize=1)
def _english_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in load_terms():
        for name in entry.en if entry.category not in _TOO_GENERAL else ():
            key = " ".join(stem(word) for word in _WORD.findall(name.lower()))
            if len(key) > 1:
                names.setdefault(key, entry.zh[0])
    return names
