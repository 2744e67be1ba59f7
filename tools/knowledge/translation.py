"""The other language's names of the terms in a question, so that it finds the other literature too."""

from collections.abc import Mapping
from functools import lru_cache

from radcite.core.sources import Language
from radcite.tools.knowledge.concepts import chinese_names, concepts_in, longest_chinese
from radcite.tools.knowledge.terms import general_words

__all__ = ["english_words", "in_other_language"]


def in_other_language(text: str, language: Language) -> str:
    """The preferred names, in the other language, of the longest terms found; empty if none is.

    Args:
        text: A question.
        language: Its language.
    """
    found = concepts_in(text, language)
    names = (one.en[0] if language == "zh" else one.zh[0] for one in found)
    return " ".join(dict.fromkeys(names))


def english_words(text: str) -> str:
    """English words for a Chinese question, by which it finds English texts: names of terms, and general words."""
    return " ".join(dict.fromkeys(longest_chinese(text, _chinese_words())))


@lru_cache(maxsize=1)
def _chinese_words() -> Mapping[str, str]:
    names = {name: entry.en[0] for name, entry in chinese_names().items()}
    return {**dict(general_words()), **names}
