"""Where sentences begin and end, in Chinese and English."""

import re

from radcite.core.normalization import is_cjk

__all__ = ["split_sentences"]

_END = re.compile(
    r"[。！？；…]+[”’」』）)]*|[.!?]+[\"'”’)\]]*(?=\s|$)|\n\s*\n|[\n](?=\s*(?:[-*•#]|\d+[.)]\s))"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:al|approx|ca|cf|dr|e\.g|eq|etc|ed|eds|fig|figs|i\.e|inc|jr|ltd|mr|mrs|ms|no|nos|op|p|pp|prof|ref|refs"
    r"|resp|sp|spp|sr|st|tab|viz|vol|vs|u\.s|u\.k)|\b[A-Za-z])$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\b(?:hepatitis|vitamin|influenza|haemophilia|hospital|centre|center|site|group|arm|cohort|drug|type|grade|class"
    r"|stage|level|phase|category|model|panel)\s[A-Z]$",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"\s+(?:The|This|These|Those|That|It|They|We|In|On|At|Of|For|From|With|No|Both|All|After|Among|When|If|Although"
    r"|However|There|Patients)\b"
)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans `[start, end)` of the sentences in order, without surrounding white space.

    A full stop after an abbreviation or initial, inside a number, or before a lower-case word does
    not end a sentence; blank lines and list items do, and so does the letter that labels a thing
    (`hepatitis B.`).
    """
    spans: list[tuple[int, int]] = []
    begin = 0
    for match in _END.finditer(text):
        if _is_end(text, match):
            _append(spans, text, begin, match.end())
            begin = match.end()
    _append(spans, text, begin, len(text))
    return spans


def _is_end(text: str, match: re.Match[str]) -> bool:
    mark = match.group()
    if not mark.startswith("."):
        return True
    before = text[max(0, match.start() - 16) : match.start()]
    after = text[match.end() :].lstrip()[:1]
    if after.islower() and not is_cjk(after):
        return False
    if mark == "." and (found := _ABBREVIATION.search(before)):
        labelled = _LABELLED.search(before) or _OPENER.match(text, match.end())
        initial = len(found.group()) == 1 and bool(labelled or not found.group().isupper())
        return initial and after.isupper()
    return True


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start < end and any(char.isalnum() for char in text[start:end]):
        spans.append((start, end))
