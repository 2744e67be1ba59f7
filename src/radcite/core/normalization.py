"""The one documented normalisation under which a quote is verbatim.

NFKC, words broken by a hyphen at a line end joined, soft hyphens, zero-width characters and marks of
writing direction dropped, white space
runs to one space, and white space between two Chinese characters dropped. The claim gate, the boxes
of a PDF and the evals share it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["UNREADABLE", "Normalized", "is_cjk", "locate", "normalize"]

UNREADABLE = "\ufffd"
"""What stands for a sign that a font or an encoding hid: perhaps a `<`, a `±` or a minus."""
_DROPPED = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_HYPHENS = frozenset("-\u2010")
# What normalising changes beside NFKC; most passages hold none of it.
_UNSETTLED = re.compile(
    r"[^\S ]|  |^ | $|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u3400-\u9fff\uf900-\ufaff] "
)
_REMEMBERED = 8_000
_LINE_BREAK = re.compile(r"[ \t]*\r?\n\s*")


def is_cjk(char: str) -> bool:
    """Whether a character is a Chinese character (unified ideographs, extension A, compatibility)."""
    return (
        "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or "\uf900" <= char <= "\ufaff"
    )


@dataclass(frozen=True, slots=True)
class Normalized:
    """Normalised text; `origin[i]` is the code point of the source that character i came from."""

    text: str
    origin: tuple[int, ...]
    source: str

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The source's `[start, end)` of the normalised `[start, end)`, which must not be empty.

        A last character goes with the combining marks that stand on it.
        """
        last = self.origin[end - 1] + 1
        return self.origin[start], _after_marks(self.source, last)


def normalize(text: str) -> Normalized:
    """The normalised text with a map back to the code points it came from."""
    # A claim's checks ask again and again for the same few passages; whole documents are asked for once.
    return _remembered(text) if len(text) <= _REMEMBERED else _normalized(text)


@lru_cache(maxsize=64)
def _remembered(text: str) -> Normalized:
    return _normalized(text)


def _normalized(text: str) -> Normalized:
    if not _UNSETTLED.search(text) and unicodedata.is_normalized("NFKC", text):
        return Normalized(text, tuple(range(len(text))), text)
    chars: list[str] = []
    origin: list[int] = []
    i, n = 0, len(text)
    while i < n:
        char = text[i]
        if char in _DROPPED:
            i += 1
        elif char.isspace():
            i = _append_space(chars, origin, text, i)
        elif char in _HYPHENS and (after := _line_break(text, i)) is not None:
            i = after
        else:
            i = _append_character(chars, origin, text, i)
    while chars and chars[-1] == " ":
        chars.pop()
        origin.pop()
    return Normalized("".join(chars), tuple(origin), text)


def _append_character(chars: list[str], origin: list[int], text: str, start: int) -> int:
    """Append a character with its combining marks; where the next one begins."""
    end = _after_marks(text, start + 1)
    for made in unicodedata.normalize("NFKC", text[start:end]):
        if made != " " or (chars and chars[-1] != " "):
            chars.append(made)
            origin.append(start)
    return end


def _after_marks(text: str, at: int) -> int:
    """The next place that holds no combining mark."""
    while at < len(text) and unicodedata.combining(text[at]):
        at += 1
    return at


def _append_space(chars: list[str], origin: list[int], text: str, start: int) -> int:
    """Append one space for a run of white space, if one is due; where the run ends."""
    end = start
    while end < len(text) and (text[end].isspace() or text[end] in _DROPPED):
        end += 1
    between_cjk = bool(chars) and is_cjk(chars[-1]) and end < len(text) and is_cjk(text[end])
    if chars and chars[-1] != " " and not between_cjk:
        chars.append(" ")
        origin.append(start)
    return end


def _line_break(text: str, hyphen: int) -> int | None:
    """Where a word broken at this hyphen goes on in the next line, if it does."""
    match = _LINE_BREAK.match(text, hyphen + 1)
    if match is None or hyphen == 0 or match.end() >= len(text):
        return None
    joined = text[hyphen - 1].isalpha() and text[match.end()].islower()
    return match.end() if joined else None


def locate(quote: str, text: str, start: int = 0) -> tuple[int, int] | None:
    """The `[start, end)` of the quote in the text, in code points of the text.

    Both are compared after `normalize`, in the same case. A quote must begin and end at a word's
    boundary: a piece of a longer word or number is not a quote.

    Args:
        quote: Words to find; None comes back for a quote without words.
        text: The stored text.
        start: Only places at or after this code point count.
    """
    needle = normalize(quote).text
    if not any(char.isalnum() for char in needle):
        return None
    hay = normalize(text)
    at = hay.text.find(needle)
    while at >= 0:
        end = at + len(needle)
        if hay.origin[at] >= start and not _cuts(hay.text, at) and not _cuts(hay.text, end):
            return hay.source_span(at, end)
        at = hay.text.find(needle, at + 1)
    return None


def _cuts(text: str, at: int) -> bool:
    """Whether a place lies inside a Latin word or a number (`1.5` and `1,500` are one number)."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _wordy(before) and _wordy(after):
        return True
    decimal = after in ".," and at + 1 < len(text) and before.isdigit() and text[at + 1].isdigit()
    inner = before in ".," and at >= 2 and after.isdigit() and text[at - 2].isdigit()
    return decimal or inner


def _wordy(char: str) -> bool:
    return char.isalnum() and not is_cjk(char)
