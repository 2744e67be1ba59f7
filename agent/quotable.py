"""Which sentences of a passage can be quoted alone."""

import re

from radcite.core.normalization import UNREADABLE, normalize
from radcite.core.sentences import split_sentences
from radcite.core.sources import Passage

__all__ = ["quotable_sentences"]

_SHORTEST = 20
_LONGEST = 700
_HEADING_WORDS = 5
_HEADING_BYTES = 48
_ENDS = tuple(".!?;:。！？；：…")
_CLOSING = " \"”’')）】」』"
_OPENING = '“"‘《'
# What surrounds an article says nothing of its subject.
_APPARATUS = re.compile(
    r"https?://|www\.|\bkeywords?\b ?:|关键词|©|copyright|all rights reserved|@\w|\bcorresponding author"
    r"|creative commons|\babbreviations?\b ?:|缩[略写]语",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"\w+")
_DEFINED = re.compile(r"\b[A-Z][A-Za-z0-9-]{1,9} ?= ?\w")
_NUMBER = re.compile(r"[\d.,%()±<>=≤≥–-]*\d[\d.,%()±<>=≤≥–-]*")
_MOST_NUMBERS = 0.4
_ROW_WORDS = 6
_MOST_DEFINED = 2


def quotable_sentences(passage: Passage) -> list[str]:
    """The sentences of a passage that can stand alone: no heading, no title, no fragment, no row of a table."""
    shortest = _SHORTEST if passage.language == "en" else _SHORTEST // 3
    title = _letters(passage.title)
    pieces = [passage.text[start:end] for start, end in split_sentences(passage.text)]
    return [
        piece
        for piece in pieces
        if shortest <= len(piece) <= _LONGEST
        and (piece[0].isalnum() or piece[0] in _OPENING)
        and not piece[0].islower()
        and not _APPARATUS.search(piece)
        and not _is_heading(piece)
        and not _is_tabular(piece)
        and UNREADABLE not in piece
        and not title.issuperset(_letters(piece))
    ]


def _is_heading(piece: str) -> bool:
    """Whether the words are few and end as no sentence does."""
    few = len(piece.split()) <= _HEADING_WORDS and len(piece.encode()) <= _HEADING_BYTES
    return few and piece.rstrip(_CLOSING)[-1:] not in _ENDS


def _is_tabular(piece: str) -> bool:
    """Whether the words are a row of a table or a list of abbreviations rather than a sentence."""
    if len(_DEFINED.findall(piece)) > _MOST_DEFINED:
        return True
    words = piece.split()
    numbers = sum(_NUMBER.fullmatch(word) is not None for word in words)
    return len(words) >= _ROW_WORDS and numbers > _MOST_NUMBERS * len(words)


def _letters(text: str) -> set[str]:
    return set(_LETTERS.findall(normalize(text).text.casefold()))
