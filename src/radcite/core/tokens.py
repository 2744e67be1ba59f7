"""Words for sparse search: English stems; Chinese characters, bigrams and the longest known terms."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import cast
from zlib import crc32

import snowballstemmer

from radcite.core.normalization import is_cjk

__all__ = ["TERM_NUMBERS", "Tokenizer", "is_stopword", "stem", "term_number"]

TERM_NUMBERS = 2**32
_RUN = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[^\W_㐀-䶿一-鿿豈-﫿]+")
_STOPWORD_LIST = """
a about after all also am an and any are as at be because been before being between both but by
can could did do does doing during each few for from further had has have having he her here
hers him his how i if in into is it its itself just me more most my no nor not of off on once
only or other our out over own s same she should so some such t than that the their them then
there these they this those through to too under until up very was we were what when where which
while who whom why will with would you your
"""
_STOPWORDS = frozenset(_STOPWORD_LIST.split())
_STOP_CHARS = frozenset("的了是在和与及或吗呢吧啊呀么个有我你他她它们这那哪什请问为")


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    return cast("Callable[[str], str]", snowballstemmer.stemmer("english").stemWord)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Snowball English stem of a lower-case word; words with digits stay as they are."""
    return word if any(char.isdigit() for char in word) else _stemmer()(word)


def is_stopword(word: str) -> bool:
    """Whether a lower-case English word or a Chinese character carries no content."""
    return word in _STOPWORDS or word in _STOP_CHARS


def term_number(term: str) -> int:
    """The number of a term in a sparse vector: CRC-32 of its UTF-8, in [0, 2^32)."""
    return crc32(term.encode())


class Tokenizer:
    """Splits a text into search terms.

    Args:
        terms: Known Chinese terms; where one stands in a text, its longest match is a term too.
    """

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._terms = frozenset(term for term in terms if len(term) > 2)
        self._longest = max(map(len, self._terms), default=0)

    def __call__(self, text: str) -> list[str]:
        """Terms in order of appearance, with repetitions; empty for a text without words."""
        folded = unicodedata.normalize("NFKC", text).lower()
        return [term for run in _RUN.findall(folded) for term in self._of_run(run)]

    def _of_run(self, run: str) -> Iterator[str]:
        if not is_cjk(run[0]):
            if run not in _STOPWORDS:
                yield stem(run)
            return
        yield from (char for char in run if char not in _STOP_CHARS)
        for i in range(len(run) - 1):
            if run[i] not in _STOP_CHARS and run[i + 1] not in _STOP_CHARS:
                yield run[i : i + 2]
        yield from self._known(run)

    def _known(self, run: str) -> Iterator[str]:
        i = 0
        while i < len(run):
            for length in range(min(self._longest, len(run) - i), 2, -1):
                if run[i : i + length] in self._terms:
                    yield run[i : i + length]
                    i += length - 1
                    break
            i += 1
