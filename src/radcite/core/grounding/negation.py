"""What a sentence denies: each negation with the words in its focus and in its reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from radcite.core.grounding.words import HARD, SOFT, Cue, Word
from radcite.core.normalization import is_cjk

__all__ = ["Negation", "misses_none", "negations", "paired_nor"]

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
_OVERLOOKED = frozenset(
    f"negative:{word}"
    for word in ("missed", "misses", "miss", "overlooked", "overlook", "overlooks", "undetected", "unnoticed")
)  # fmt: skip
_DENIES_VERB = frozenset(("not", "n't", "never", "不", "非", "未", "并非", "绝非"))


@dataclass(frozen=True, slots=True)
class Negation:
    """One negation at word `at`. `focus` holds the words denied first, `reach` all it may deny.

    `elliptic` when its predicate stands in the clause before: there the focus is the subject.
    """

    at: int
    adjective: bool
    focus: frozenset[int]
    reach: frozenset[int]
    elliptic: bool = False


def negations(
    words: Sequence[Word], cues: Sequence[Cue], clause: Sequence[int]
) -> tuple[Negation, ...]:
    """The negations of a sentence in order."""
    verbs = [cue.first for cue in cues if cue.names & _VERBS]
    found = [_negation(cue, words, clause, verbs) for cue in cues]
    single = [negation for negation in found if negation is not None]
    undone = _cancelled(single, cues, words, clause) | set(paired_nor(words))
    return tuple(negation for negation in single if negation.at not in undone)


def paired_nor(words: Sequence[Word]) -> list[int]:
    """Places of the `nor` of `neither A nor B`, which goes on with one denial and opens no clause."""
    found: list[int] = []
    open_ = False
    for place, word in enumerate(words):
        text = word.text.lower()
        open_ = (open_ or text == "neither") and word.key not in HARD
        if open_ and text == "nor":
            found.append(place)
    return found


def misses_none(cues: Sequence[Cue], found: Sequence[Negation]) -> bool:
    """Whether the sentence says that none was missed, so that all were found."""
    left = {negation.at for negation in found}
    return any(cue.names & _OVERLOOKED and cue.first not in left for cue in cues)


def _cancelled(
    found: Sequence[Negation], cues: Sequence[Cue], words: Sequence[Word], clause: Sequence[int]
) -> set[int]:
    """Places of two negations that undo each other: `not unusual`, `missed none`, `none was missed`."""
    overlooked = {cue.first for cue in cues if cue.names & _OVERLOOKED}
    undone: set[int] = set()
    for one in (negation for negation in found if negation.adjective):
        for other in found:
            between = words[min(one.at, other.at) : max(one.at, other.at)]
            if other.adjective or clause[one.at] != clause[other.at]:
                continue
            near = 0 < one.at - other.at <= 2 and words[other.at].text.lower() in _DENIES_VERB
            if (near or one.at in overlooked) and not any(word.is_mark for word in between):
                undone |= {one.at, other.at}
    return undone


def _negation(
    cue: Cue, words: Sequence[Word], clause: Sequence[int], verbs: Sequence[int]
) -> Negation | None:
    begin, end = _bounds(cue.first, clause)
    if any(name.startswith("negative:") for name in cue.names):
        end = next((p for p in range(cue.end, end) if words[p].is_mark), end)
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
    if (predicate := _predicate_before(words, cue, clause)) is not None:
        subject = range(begin, end)
        return Negation(
            cue.first, False, frozenset(subject), frozenset({*subject, *predicate}), elliptic=True
        )
    if _elliptic(words, cue, begin):
        begin, end = cue.first, _stop(words, cue.end, end)
    end = _relative_end(words, cue, begin, end)
    return Negation(cue.first, False, _focus(words, cue.end, end), frozenset(range(begin, end)))


def _relative_end(words: Sequence[Word], cue: Cue, begin: int, end: int) -> int:
    """`who were not treated | died`: where the main verb follows the clause that denies."""
    if words[begin].text.lower() not in ("who", "which", "whom"):
        return end
    verbs = [p for p in range(cue.end, end) if words[p].text.lower().endswith("ed")]
    joined = {p for p in verbs if words[p - 1].text.lower() in {"and", "or", ",", *_AUXILIARY}}
    return next((p for p in verbs[1:] if p not in joined), end)


def _predicate_before(words: Sequence[Word], cue: Cue, clause: Sequence[int]) -> range | None:
    """The predicate that `whereas X was not` and `nor could X` leave out: that of the clause before."""
    at, (begin, end) = cue.first, _bounds(cue.first, clause)
    text = [word.text.lower() for word in words]
    rest = [p for p in range(cue.end, end) if not words[p].is_mark]
    ends = text[at] in ("not", "n't") and not rest and text[at - 1] in _AUXILIARY
    inverted = text[at] == "nor" and bool(rest) and text[at + 1] in _AUXILIARY
    if not (ends or inverted) or begin == 0:
        return None
    first, _ = _bounds(begin - 1, clause)
    verb = next((p for p in range(begin - 1, first, -1) if text[p] in _AUXILIARY), first - 1)
    return range(verb + 1, begin)


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
