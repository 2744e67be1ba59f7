"""What a finding in a question is: present, negated, past, or the subject of the literature."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from radcite.core.frozen import Frozen

__all__ = ["Reading", "Scope", "compile_words", "read"]

_CLAUSE = re.compile(r"[,，;；:：。!?！？\n()（）]|\.(?=\s|$)| [-–—] ")
_SENTENCE = re.compile(r"[。!?！？\n;；]|\.(?=\s|$)")
_GAP = r"(?:[^.?!;。？！；\n]{0,30}?)"
_LIST_ITEM = 28
_SHORT = {
    r"[\w-]": "[a-z-]",
    r"[\w.-]": "[a-z.-]",
    r"\w*": "[a-z]{0,16}",
    r"\w+": "[a-z]{1,16}",
    r"\w": "[a-z]",
    r"\d+": r"\d{1,4}",
}
_CHINESE = re.compile(r"[^\x00-\x7f]")


class Scope(Frozen):
    """The words that tell scope, as patterns."""

    negated_after: tuple[str, ...]
    negated_before: tuple[str, ...]
    past_after: tuple[str, ...]
    past_before: tuple[str, ...]
    turn: tuple[str, ...]
    literature: tuple[str, ...]
    asked_of_books: tuple[str, ...]
    teaching: tuple[str, ...]
    described: tuple[str, ...]
    present: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A question with its void stretches: where a finding does not count.

    `denied` are negated or past; `framed` and `framed_names` are about the literature, the second for
    an emergency's bare name only. Both are empty when a present person is spoken of.
    """

    text: str
    denied: tuple[tuple[int, int], ...]
    framed: tuple[tuple[int, int], ...]
    framed_names: tuple[tuple[int, int], ...]


def compile_words(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern for many: English words matched whole, every repetition bounded.

    `~` is a short gap inside a sentence.
    """
    english: list[str] = []
    chinese: list[str] = []
    for pattern in patterns:
        bounded = pattern.replace("~", _GAP)
        for open_ended, short in _SHORT.items():
            bounded = bounded.replace(open_ended, short)
        (chinese if _CHINESE.search(pattern) else english).append(f"(?:{bounded})")
    branches = [rf"(?=[a-z0-9])(?<![a-z])(?:{'|'.join(english)})"] if english else []
    branches += [rf"(?<![a-z])(?:{'|'.join(chinese)})"] if chinese else []
    return re.compile(rf"(?:{'|'.join(branches)})(?![a-z])")


def read(text: str, words: dict[str, re.Pattern[str]]) -> Reading:
    """Mark what is negated, past or about the literature in a normalised text."""
    person = bool(words["present"].search(text)) or (
        bool(words["described"].search(text)) and not words["teaching"].search(text)
    )
    denied = tuple(sorted(_denied(text, words)))
    if person:
        return Reading(text, denied, (), ())
    sentences = _stretches(text, _SENTENCE)
    taught = bool(words["teaching"].search(text))
    framed = [s for s in sentences if taught or words["literature"].search(text, *s)]
    about_books = [s for s in sentences if framed or words["asked_of_books"].search(text, *s)]
    return Reading(text, denied, tuple(framed), tuple(about_books))


def _denied(text: str, words: dict[str, re.Pattern[str]]) -> Iterable[tuple[int, int]]:
    clauses = _stretches(text, _CLAUSE)
    starts = [start for start, _ in clauses]
    turns = [match.start() for match in words["turn"].finditer(text)]
    for kind in ("negated_after", "past_after"):
        for match in words[kind].finditer(text):
            clause = bisect_right(starts, match.start()) - 1
            end = clauses[clause][1]
            if kind == "negated_after":
                end = _list_end(text, clauses, clause)
            turn = bisect_right(turns, match.end() - 1)
            yield match.end(), min(end, turns[turn] if turn < len(turns) else end)
    for kind in ("negated_before", "past_before"):
        for match in words[kind].finditer(text):
            clause = bisect_right(starts, match.start()) - 1
            turn = bisect_right(turns, match.start() - 1)
            since = turns[turn - 1] if turn else 0
            yield max(clauses[clause][0], since), match.start()


def _list_end(text: str, clauses: list[tuple[int, int]], clause: int) -> int:
    """The end of `no a, b or c`: a list of short items reaches as far as its `or`."""
    for after in range(clause + 1, min(clause + 7, len(clauses))):
        start, end = clauses[after]
        if text[start - 1] not in ",，" or end - start > _LIST_ITEM:
            break
        if re.search(r"\b(or|nor)\b|或", text[start:end]):
            return end
    return clauses[clause][1]


def _stretches(text: str, boundary: re.Pattern[str]) -> list[tuple[int, int]]:
    cuts = [match.span() for match in boundary.finditer(text)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    return list(zip(starts, ends, strict=True))
