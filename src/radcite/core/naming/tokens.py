"""The words and initials of a text in Latin letters."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from radcite.core.naming.english_cues import LARGE, LETTER, SMALL

__all__ = ["Token", "tokens_of"]

_WORD = re.compile(rf"(?:[{LETTER}]['’])?[{LETTER}]+(?:['’-][{LETTER}]+)*")
_INITIALS = re.compile(rf"(?:[{LARGE}]\.[ ]?){{1,3}}|[{LARGE}](?=[ ][{LARGE}][{SMALL}'’])")


class Token(NamedTuple):
    """A word with its place."""

    start: int
    end: int
    text: str

    @property
    def low(self) -> str:
        """As the lists of words have it."""
        return self.text.lower().replace("’", "'").rstrip(".")


def tokens_of(text: str) -> Iterator[Token]:
    """The words of a text and its groups of initials, without the mark of a possessive."""
    at = 0
    while at < len(text):
        match = _INITIALS.match(text, at) if _at_edge(text, at) else None
        match = match or (_WORD.match(text, at) if _at_edge(text, at) else None)
        if match is None:
            at += 1
            continue
        said = match[0].rstrip()
        possessive = re.search(r"['’][sS]$", said)
        if possessive and len(said) > 3:
            said = said[: possessive.start()]
        yield Token(match.start(), match.start() + len(said), said)
        at = match.end()


def _at_edge(text: str, at: int) -> bool:
    return at == 0 or not re.match(rf"[{LETTER}0-9_@/\[]", text[at - 1])
