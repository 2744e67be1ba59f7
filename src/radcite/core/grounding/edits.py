"""Where claim and quote run word for word, a changed word must mean the word it stands for."""

from difflib import SequenceMatcher
from functools import lru_cache

from radcite.core.grounding.numbers import equal_quantities
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading

__all__ = ["word_exchanged"]

_NEAR_VERBATIM = 0.6
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
_DENIALS = frozenset(("not", "not_forward", "not_before"))


def word_exchanged(pair: Pair) -> Finding | None:
    """A word put in that nothing taken out stands for, or a denial or hedge taken out of a near-copy."""
    edits = _edits(_keys(pair.claim), _keys(pair.quote))
    if edits is None:
        return None
    added = [p for first, end, _, _ in edits for p in range(first, end)]
    dropped = {q for _, _, first, end in edits for q in range(first, end)}
    for place in added:
        if _alters(pair, place, dropped):
            return Finding(f"put in, not in the quote's place: {pair.claim.words[place].text}")
    return _hedge_dropped(pair, set(added), dropped) or _number_exchanged(pair, edits)


def _keys(reading: Reading) -> tuple[str, ...]:
    return tuple("" if word.is_mark else word.key for word in reading.words)


@lru_cache(maxsize=1024)
def _edits(
    claim: tuple[str, ...], quote: tuple[str, ...]
) -> tuple[tuple[int, int, int, int], ...] | None:
    """Stretches of the claim that replace stretches of the quote; None unless the claim is near a copy."""
    matcher = SequenceMatcher(None, claim, quote, autojunk=False)
    blocks = matcher.get_opcodes()
    same = sum(end - first for tag, first, end, _, _ in blocks if tag == "equal")
    if same < _NEAR_VERBATIM * len(claim):
        return None
    return tuple((a, b, c, d) for tag, a, b, c, d in blocks if tag != "equal")


def _alters(pair: Pair, place: int, dropped: set[int]) -> bool:
    word = pair.claim.words[place]
    if place in pair.claim.function or place in pair.claim.numeric or word.is_mark:
        return False
    if pair.links[place] & dropped:
        return False
    classes = _classes(pair.claim, place)
    if classes & _GUARDED:
        return not any(_alike(classes, _classes(pair.quote, q)) for q in dropped)
    if pair.links[place]:
        return place not in pair.claim.free or _is_pole(pair.claim, place)
    return _is_pole(pair.claim, place)


def _classes(reading: Reading, place: int) -> frozenset[str]:
    names = {name for cue in reading.cues if cue.first <= place < cue.end for name in cue.names}
    return frozenset(
        "not" if name in _DENIALS or name.startswith("negative:") else name for name in names
    )


def _alike(claim: frozenset[str], quote: frozenset[str]) -> bool:
    return not claim.isdisjoint(quote)


def _is_pole(reading: Reading, place: int) -> bool:
    return any(pole.first <= place < pole.end for pole in reading.poles)


def _hedge_dropped(pair: Pair, added: set[int], dropped: set[int]) -> Finding | None:
    """A guarded word gone from between words that stayed."""
    put_in = [_classes(pair.claim, p) for p in added]
    last = max((q for links in pair.links for q in links), default=-1)
    for q in sorted(dropped):
        classes = _classes(pair.quote, q) & _GUARDED
        inside = 0 < q < last and q - 1 not in dropped and q + 1 not in dropped
        if classes and inside and not any(_alike(classes, other) for other in put_in):
            return Finding(f"taken out of the quote: {pair.quote.words[q].text}")
    return None


def _number_exchanged(pair: Pair, edits: tuple[tuple[int, int, int, int], ...]) -> Finding | None:
    for first, end, start, stop in edits:
        mine = [q for q in pair.claim.quantities if first <= pair.claim.place_at(q.start) < end]
        theirs = [q for q in pair.quote.quantities if start <= pair.quote.place_at(q.start) < stop]
        if theirs and not all(any(equal_quantities(m, t, pair) for t in theirs) for m in mine):
            return Finding("a number stands in another's place")
    return None
