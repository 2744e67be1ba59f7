"""What a sentence denies: each negation with the words in its focus and in its reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from radcite.core.grounding.words import SOFT, Cue, Word
from radcite.core.normalization import is_cjk

__all__ = ["Negation", "negations"]

_FOCUS = 5
_CHINESE_FOCUS = 16
_AUXILIARY = frozenset(
    [
        "was",
        "were",
        "is",
        "are",
        "has",
        "have",
        "had",
        "did",
        "does",
        "do",
        "can",
        "could",
        "may",
        "might",
        "must",
        "should",
        "will",
        "would",
        "be",
        "been",
        "being",
        "wa",
    ]
)
_FINITE = frozenset(["was", "were", "is", "are", "has", "have", "had", "did", "does"])
_VERBS = frozenset(("unlikely", "causes", "caused"))


@dataclass(frozen=True, slots=True)
class Negation:
    """One negation at word `at`. `focus` holds the words denied first, `reach` all it may deny."""

    at: int
    adjective: bool
    focus: frozenset[int]
    reach: frozenset[int]


def negations(
    words: Sequence[Word], cues: Sequence[Cue], clause: Sequence[int]
) -> tuple[Negation, ...]:
    """The negations of a sentence in order."""
    verbs = [cue.first for cue in cues if cue.names & _VERBS]
    found = (_negation(cue, words, clause, verbs) for cue in cues)
    return tuple(negation for negation in found if negation is not None)


def _negation(
    cue: Cue, words: Sequence[Word], clause: Sequence[int], verbs: Sequence[int]
) -> Negation | None:
    begin, end = _bounds(cue.first, clause)
    if any(name.startswith("negative:") for name in cue.names):
        reach = range(begin, end) if _said_of_subject(words, cue) else range(cue.first, cue.end + 2)
        return Negation(cue.first, True, frozenset(range(cue.first, cue.end)), frozenset(reach))
    if "not_before" in cue.names:
        return Negation(cue.first, False, frozenset(), frozenset(range(begin, end)))
    if "not_forward" in cue.names:
        end = min([_stop(words, cue.end, end), *(verb for verb in verbs if verb >= cue.end)])
        return Negation(
            cue.first, False, _focus(words, cue.end, end), frozenset(range(cue.first, end))
        )
    if "not" not in cue.names:
        return None
    if _elliptic(words, cue, begin):
        begin, end = cue.first, _stop(words, cue.end, end)
    return Negation(cue.first, False, _focus(words, cue.end, end), frozenset(range(begin, end)))


def _bounds(place: int, clause: Sequence[int]) -> tuple[int, int]:
    number = clause[place]
    begin = next(p for p in range(len(clause)) if clause[p] == number)
    end = next((p for p in range(place, len(clause)) if clause[p] != number), len(clause))
    return begin, end


def _focus(words: Sequence[Word], start: int, end: int) -> frozenset[int]:
    """The next few words, up to a mark or, after a noun, an auxiliary verb."""
    focus: list[int] = []
    chinese = start < end and is_cjk(words[start].text[0])
    for place in range(start, min(end, start + (_CHINESE_FOCUS if chinese else _FOCUS))):
        word = words[place]
        if word.is_mark or (focus and word.text.lower() in _AUXILIARY):
            break
        focus.append(place)
    return frozenset(focus)


def _stop(words: Sequence[Word], start: int, end: int) -> int:
    """Where a phrase that denies what follows ends: at a comma or the verb of the sentence."""
    for place in range(start + 1, end):
        if words[place].key in SOFT or words[place].text.lower() in _FINITE:
            return place
    return end


def _said_of_subject(words: Sequence[Word], cue: Cue) -> bool:
    """Whether a negative adjective is said of its subject (`is unnecessary`), not before a noun."""
    if is_cjk(words[cue.first].text[0]):
        return True
    near = [word.text.lower() for word in words[max(0, cue.first - 2) : cue.end]]
    return not _AUXILIARY.isdisjoint(near)


def _elliptic(words: Sequence[Word], cue: Cue, begin: int) -> bool:
    """`but not after X`: a `not` without its verb governs what follows only."""
    word = words[cue.first].text.lower()
    if word != "not":
        return False
    before = {words[p].text.lower() for p in range(max(begin, cue.first - 2), cue.first)}
    return _AUXILIARY.isdisjoint(before)
