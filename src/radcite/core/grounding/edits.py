"""Where claim and quote run word for word, a changed word must mean the word it stands for."""

import re
from difflib import SequenceMatcher
from functools import lru_cache

from radcite.core.grounding.equality import equal_quantities, matching
from radcite.core.grounding.negation import Negation
from radcite.core.grounding.numbers import bound_together
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.roles import comparing_words

__all__ = ["word_exchanged"]

_NEAR_VERBATIM = 0.55
_GUARDED = frozenset(
    (
        "not",
        "not_forward",
        "not_before",
        "possible",
        "probable",
        "unlikely",
        "few",
        "some",
        "most",
        "aim",
        "unknown",
        "must",
        "should",
        "option",
        "history",
    )
)
_SHORT = 4
_ADVISED = re.compile("[需应须宜]|(?<![主重必])要")
_Edits = tuple[tuple[int, int, int, int], ...]
_CLASS = {
    "not_forward": "not",
    "not_before": "not",
    "negative": "not",
    "historical": "history",
}


def word_exchanged(pair: Pair) -> Finding | None:
    """A word put in that nothing taken out stands for, or a denial or hedge taken out of a near-copy.

    That a content word was put in says only that the claim is worded otherwise; all else is a veto.
    """
    edits = _edits(_keys(pair.claim), _keys(pair.quote))
    if edits is None:
        return None
    added = {p for first, end, _, _ in edits for p in range(first, end)}
    dropped = {q for _, _, first, end in edits for q in range(first, end)}
    inserted = {p for first, end, start, stop in edits if start == stop for p in range(first, end)}
    kept = {word.key for p, word in enumerate(pair.claim.words) if p not in added}
    put_in = [
        _put_in(pair, place)
        for place in sorted(added)
        if not (place in inserted and pair.claim.words[place].key in kept and pair.carries(place))
        and _alters(pair, place, added, dropped)
        and not _told_again(pair, pair.claim, place)
    ]
    return (
        next((finding for finding in put_in if finding.kind == "veto"), None)
        or _hedge_dropped(pair, added, edits)
        or _number_exchanged(pair, edits)
        or _places_exchanged(pair, edits)
        or next(iter(put_in), None)
    )


def _put_in(pair: Pair, place: int) -> Finding:
    """A denial, a hedge, a duty, a side or a number put in is no matter of wording."""
    weighed = _classes(pair.claim, place) & _GUARDED or _axes(pair.claim, place)
    told = weighed or pair.claim.words[place].text.lower() == "one"
    return Finding(
        f"put in, not in the quote's place: {pair.claim.words[place].text}",
        kind="veto" if told else "wording",
    )


def _keys(reading: Reading) -> tuple[str, ...]:
    return tuple("" if word.is_mark else word.key for word in reading.words)


@lru_cache(maxsize=1024)
def _edits(claim: tuple[str, ...], quote: tuple[str, ...]) -> _Edits | None:
    """Stretches of the claim that replace stretches of the quote; None unless the claim is near a copy."""
    matcher = SequenceMatcher(None, claim, quote, autojunk=False)
    blocks = matcher.get_opcodes()
    same = sum(end - first for tag, first, end, _, _ in blocks if tag == "equal")
    if same < _NEAR_VERBATIM * len(claim):
        return None
    return tuple((a, b, c, d) for tag, a, b, c, d in blocks if tag != "equal")


def _alters(pair: Pair, place: int, added: set[int], dropped: set[int]) -> bool:
    word = pair.claim.words[place]
    counted = place in pair.claim.numeric
    if word.text.lower() == "one" and not counted and not pair.quote.numeric.isdisjoint(dropped):
        return True
    if place in pair.claim.function or place in pair.claim.numeric or word.is_mark:
        return False
    if pair.links[place] & dropped or _within_kept_phrase(pair, place, added):
        return False
    classes = _classes(pair.claim, place)
    if classes & _GUARDED:
        return not any(_alike(classes, _classes(pair.quote, q)) for q in dropped)
    if axes := _axes(pair.claim, place):
        rivals = any(axes & _axes(pair.quote, q) for q in dropped)
        return (rivals or bool(pair.links[place])) and place not in comparing_words(pair.claim)
    return bool(pair.links[place]) and place not in pair.claim.free


def _within_kept_phrase(pair: Pair, place: int, added: set[int]) -> bool:
    """`保持稳定` for `稳定`: part of a phrase of which the rest stayed and says the same alone."""
    kept = [
        phrase for phrase in pair.claim.phrases if added.isdisjoint(range(phrase.first, phrase.end))
    ]
    return any(
        whole.first <= place < whole.end
        and any(
            whole.first <= part.first and part.end <= whole.end and part.names & whole.names
            for part in kept
        )
        for whole in pair.claim.phrases
    )


def _told_again(pair: Pair, reading: Reading, place: int) -> bool:
    """`既无A，也无B` beside `无A及B`: one denial of several things told as several, or the other way round."""
    denial = next(
        (
            n
            for n in reading.negations
            if n.at <= place and not n.adjective and place in _cue(reading, n)
        ),
        None,
    )
    if denial is None or pair.claim.language != "zh":
        return False
    other = pair.quote if reading is pair.claim else pair.claim
    denied = frozenset[int]().union(*(n.focus for n in other.negations if not n.adjective))
    if reading is pair.claim:
        words = [pair.links[p] for p in denial.focus if pair.links[p]]
    else:
        words = [
            frozenset(p for p in range(len(pair.links)) if q in pair.links[p])
            for q in denial.focus
            if q not in reading.free
        ]
    return bool(words) and all(link and link <= denied for link in words)


def _cue(reading: Reading, denial: Negation) -> range:
    return next((range(c.first, c.end) for c in reading.cues if c.first == denial.at), range(0))


def _classes(reading: Reading, place: int) -> frozenset[str]:
    names = {name for cue in reading.cues if cue.first <= place < cue.end for name in cue.names}
    return frozenset(_CLASS.get(name.partition(":")[0], name) for name in names)


def _alike(claim: frozenset[str], quote: frozenset[str]) -> bool:
    return not claim.isdisjoint(quote)


def _axes(reading: Reading, place: int) -> set[str]:
    names = {n for pole in reading.poles if pole.first <= place < pole.end for n in pole.names}
    return {name.partition(".")[0] for name in names} - {"other"}


def _hedge_dropped(pair: Pair, added: set[int], edits: _Edits) -> Finding | None:
    """A guarded word taken out in a short stretch; a whole clause left out is no change."""
    put_in = [_classes(pair.claim, p) for p in added]
    worded = {q for p in added for q in pair.links[p]}
    advised = pair.claim.language == "zh" and _ADVISED.search(pair.claim.text) is not None
    used = pair.used
    for _, _, start, stop in edits:
        if stop - start > _SHORT:
            continue
        for q in range(start, stop):
            classes = _classes(pair.quote, q) & (_GUARDED | {"+whole"})
            if (
                classes
                and q not in pair.quote.numeric
                and q not in worded
                and not (advised and classes <= {"should"})
                and pair.quote.clause[q] in used
                and not any(_alike(classes, other) for other in put_in)
                and not _told_again(pair, pair.quote, q)
            ):
                return Finding(f"taken out of the quote: {pair.quote.words[q].text}")
    return None


def _number_exchanged(pair: Pair, edits: _Edits) -> Finding | None:
    matches = matching(pair)
    for first, end, start, stop in edits:
        mine = [q for q in pair.claim.quantities if first <= pair.claim.place_at(q.start) < end]
        theirs = [q for q in pair.quote.quantities if start <= pair.quote.place_at(q.start) < stop]
        for number in mine:
            kept = any(equal_quantities(number, other, pair) for other in theirs)
            kept = kept or bound_together(pair, pair.claim.quantities.index(number), matches)
            kept = kept or (number.part != "whole" and all(q.part == "whole" for q in theirs))
            rivals = [q for q in pair.quote.quantities if q.unit == number.unit]
            if theirs and not kept and (len(rivals) > 1 or not number.unit):
                return Finding("a number stands in another's place")
    return None


def _places_exchanged(pair: Pair, edits: _Edits) -> Finding | None:
    """Two words that stand in each other's place; a comparison is judged by its own rule."""
    if pair.claim.has("than", "than_before") and pair.quote.has("than", "than_before"):
        return None
    replaced = [edit for edit in edits if edit[0] < edit[1] and edit[2] < edit[3]]
    for n, one in enumerate(replaced):
        for other in replaced[n + 1 :]:
            if _stands_for(pair, one, other) and _stands_for(pair, other, one):
                return Finding("two words have changed places")
    return None


def _stands_for(
    pair: Pair, one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> bool:
    """Whether a word put in at one stretch was taken out at the other, and stands for nothing at its own."""
    own, away = set(range(one[2], one[3])), set(range(other[2], other[3]))
    return any(
        pair.links[p] & away and not pair.links[p] & own
        for p in range(one[0], one[1])
        if pair.carries(p)
    )
