"""Who stands on which side of a comparison, and what is cause of what."""

from typing import NamedTuple

from radcite.core.grounding.lexicon import key_of
from radcite.core.grounding.ownership import owners
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.words import Cue

__all__ = ["cause_differs", "comparing_words", "comparison_differs"]


_FREQUENCY = frozenset(key_of(word) for word in ("common", "often", "frequent", "frequently"))
_CONCLUSIONS = ("must", "should", "unable", "only")
_GROUNDS = frozenset(("because", "since", "as", "for", "so", "因", "由"))


class _Comparison(NamedTuple):
    """Word places on both sides of `than`, and the word that says which way it points."""

    left: frozenset[int]
    right: frozenset[int]
    pole: Cue | None

    @property
    def way(self) -> str:
        """`up`, `down`, or empty when no word says it."""
        return _way(self.pole) if self.pole else ""


def comparison_differs(pair: Pair) -> Finding | None:
    """The arms of a comparison swapped, or a comparison that the quote does not make."""
    claim, quote = _comparison(pair.claim), _comparison(pair.quote)
    if claim is None:
        return _other_arm(pair, quote) if quote else None
    if quote is None and claim.pole is None and pair.claim.language == "zh":
        return (
            None
            if len(pair.claim.quantities) > 1
            else Finding("the quote does not compare the two")
        )
    if quote is None:
        return None if _borne_out(pair.claim, claim) else _told_by_numbers(pair, claim)
    if _kept(pair, claim, quote):
        return None if claim.way == quote.way else Finding("the comparison points the other way")
    if _turned(pair, claim, quote) and {claim.way, quote.way} == {"up", "down"}:
        return None
    return Finding("the sides of the comparison differ")


def comparing_words(reading: Reading) -> set[int]:
    """`higher`, `more common` of a sentence that compares: the comparison's own rule checks them."""
    comparison = _comparison(reading)
    if comparison is None:
        return _told_by_two(reading)
    if comparison.pole is None:
        return set()
    end = comparison.pole.end
    frequency = end < len(reading.words) and reading.words[end].key in _FREQUENCY
    return set(range(comparison.pole.first, end + frequency))


def _told_by_two(reading: Reading) -> set[int]:
    """`lower` beside two numbers of one unit, of which the one it stands with is the lower."""
    if len(reading.measures) != 2 or len({q.unit for q in reading.measures}) != 1:
        return set()
    first, second = reading.measures
    told: set[int] = set()
    for pole in reading.poles:
        start = reading.words[pole.first].start
        mine, other = (first, second) if start < first.start else (second, first)
        if mine.value != other.value and _way(pole) == (
            "up" if mine.value > other.value else "down"
        ):
            told.update(range(pole.first, pole.end))
    return told


def _borne_out(reading: Reading, claim: _Comparison) -> bool:
    """Whether the claim gives a number for each side, each checked by its own rule, that agree with it."""
    places = [(reading.place_at(q.start), q) for q in reading.quantities]
    left = [q for place, q in places if place in claim.left]
    right = [q for place, q in places if place in claim.right]
    for mine in reversed(left):
        for theirs in right:
            if mine.unit == theirs.unit and mine.value != theirs.value:
                return claim.way == ("up" if mine.value > theirs.value else "down")
    return False


def _comparison(reading: Reading) -> _Comparison | None:
    for cue in reading.cues_of("than", "than_before"):
        numeric_bound = cue.end in reading.numeric
        pole = next((p for p in reversed(reading.poles) if p.first < cue.end and _way(p)), None)
        if numeric_bound:
            continue
        start = 0
        end = next(
            (p for p in range(cue.end, len(reading.words)) if reading.words[p].is_mark),
            len(reading.words),
        )
        pole = pole or next((p for p in reading.poles if p.first > cue.first and _way(p)), None)
        if "than_before" in cue.names:
            pole = pole or next((p for p in reading.poles if _way(p)), None)
            right = frozenset(reading.clause_words(reading.clause[cue.first]))
            left = frozenset(range(len(reading.words))) - right
            return _Comparison(left, right, pole)
        left = frozenset(range(start, cue.first)) | frozenset(range(end, len(reading.words)))
        return _Comparison(left, frozenset(range(cue.end, end)), pole)
    return None


def _way(pole: Cue) -> str:
    for name in pole.names:
        axis, _, side = name.partition(".")
        if axis in ("more", "quality", "change"):
            return "up" if side == "0" else "down"
    return ""


def _kept(pair: Pair, claim: _Comparison, quote: _Comparison) -> bool:
    """Each side's own words lie on the quote's side of the same name."""
    if {_denied_side(pair.claim, claim), _denied_side(pair.quote, quote)} == {"left", "right"}:
        return False
    own = _own_right(pair, claim)
    left = [p for p in pair.content() if p in claim.left]
    on_right = bool(own) and all(pair.links[p] & quote.right for p in own)
    return on_right and not any(pair.links[p] <= quote.right for p in left)


def _denied_side(reading: Reading, comparison: _Comparison) -> str:
    """The side of `those with` and `those without` that is denied, when only one is."""
    sides = {"left" if n.at in comparison.left else "right" for n in reading.negations}
    return sides.pop() if len(sides) == 1 else ""


def _turned(pair: Pair, claim: _Comparison, quote: _Comparison) -> bool:
    """The claim's right side is the quote's left, and what is only on the quote's right is on its left."""
    own = _own_right(pair, claim)
    crossed = any(pair.links[p] <= quote.right for p in pair.content() if p in claim.left)
    return bool(own) and crossed and all(pair.links[p] & quote.left for p in own)


def _own_right(pair: Pair, claim: _Comparison) -> list[int]:
    """Content on the right of `than` that does not also stand on its left."""
    shared = {pair.claim.words[p].key for p in pair.content() if p in claim.left}
    poles = {p for pole in pair.claim.poles if _way(pole) for p in range(pole.first, pole.end)}
    right = [p for p in pair.content() if p in claim.right and p not in poles]
    named = [p for p in claim.right if pair.links[p] and not pair.claim.words[p].is_mark]
    return [p for p in right if pair.claim.words[p].key not in shared] or right or named


def _other_arm(pair: Pair, quote: _Comparison) -> Finding | None:
    """A claim without `than` may speak of the quote's left arm only."""
    near = [p for p in pair.content() if pair.links[p] <= quote.left]
    away = [p for p in pair.content() if pair.links[p] <= quote.right]
    if any(pair.claim.clause[p] != pair.claim.clause[q] for p in near for q in away):
        return None
    poles = [p for p in pair.claim.poles if _way(p)]
    if away and poles and any(_way(p) == quote.way for p in poles):
        return Finding("the claim tells of the other side of the comparison")
    return None


def _told_by_numbers(pair: Pair, claim: _Comparison) -> Finding | None:
    """Two arms with a number each carry `A more than B` when the numbers do."""
    for unit in {q.unit for q in pair.quote.quantities}:
        numbers = [n for n, q in enumerate(pair.quote.quantities) if q.unit == unit]
        owned = owners(pair.quote, numbers) if len(numbers) == 2 else {}
        arms = [_arm(pair, side, owned) for side in (claim.left, claim.right)]
        if all(len(arm) == 1 for arm in arms) and arms[0] != arms[1]:
            left, right = (pair.quote.quantities[arm.pop()].value for arm in arms)
            if left != right and claim.way == ("up" if left > right else "down"):
                return None
    return Finding("the quote does not compare the two")


def _arm(pair: Pair, side: frozenset[int], owned: dict[int, frozenset[int]]) -> set[int]:
    """The number of a side: that of the last stretch which the side's words reach."""
    found = {
        n
        for p in pair.content()
        if p in side
        for q in pair.links[p]
        for n in owned.get(q, ())
        if len({owned.get(other) for other in pair.links[p]}) == 1
    }
    return {max(found)} if found else set()


def cause_differs(pair: Pair) -> Finding | None:
    """A cause where the quote names none, or cause and effect swapped."""
    if not pair.claim.has("causes", "caused", "reason"):
        return _share_of_cause(pair)
    if not pair.quote.has("causes", "caused", "reason"):
        if pair.claim.has("causes", "caused"):
            told = _admitted_for(pair) or _effect_of_arm(pair)
            return None if told else Finding("the quote names no cause")
        grounds = {word.text.lower() for word in pair.quote.words} & _GROUNDS
        if not grounds and not pair.quote.has(*_CONCLUSIONS):
            return Finding("the quote gives no reason")
    claim, quote = _effect(pair.claim), _effect(pair.quote)
    if claim is None or quote is None:
        return None
    return _swapped_cause(pair, claim, quote)


def _share_of_cause(pair: Pair) -> Finding | None:
    """`A led to B in 8 %` told as `A in 8 %`: the share is that of the effect."""
    sides = _effect(pair.quote)
    if sides is None:
        return None
    shares = {q.value for q in pair.quote.quantities if pair.quote.place_at(q.start) in sides[1]}
    told = any(q.value in shares for q in pair.claim.quantities)
    content = [p for p in pair.content() if pair.links[p] & (sides[0] | sides[1])]
    if told and content and all(pair.links[p] <= sides[0] for p in content):
        return Finding("the quote counts the effect, not the cause")
    return None


def _admitted_for(pair: Pair) -> bool:
    """`admitted because of pneumonia` of a quote that says `for pneumonia`."""
    words = [word.text.lower() for word in pair.quote.words]
    cues = pair.claim.cues_of("causes", "caused")
    after = [next((p for p in pair.content() if p >= cue.end), None) for cue in cues]
    return all(
        "caused" in cue.names
        and place is not None
        and any("for" in words[max(0, q - 2) : q] for q in pair.links[place])
        for cue, place in zip(cues, after, strict=True)
    )


def _effect_of_arm(pair: Pair) -> bool:
    """`A led to fewer B` of a quote that compares the arms of a trial."""
    verbs = {
        pair.claim.words[cue.first].text.lower() for cue in pair.claim.cues_of("causes", "caused")
    }
    arms = any(word.text.lower() in ("arm", "arms") for word in pair.quote.words)
    return verbs <= {"led", "resulted"} and arms and any(map(_way, pair.quote.poles))


def _swapped_cause(
    pair: Pair,
    claim: tuple[frozenset[int], frozenset[int]],
    quote: tuple[frozenset[int], frozenset[int]],
) -> Finding | None:
    for side, other in ((0, 1), (1, 0)):
        words = [p for p in pair.content() if p in claim[side]]
        if any(pair.links[p] <= quote[other] for p in words):
            return Finding("cause and effect are swapped")
    return None


def _effect(reading: Reading) -> tuple[frozenset[int], frozenset[int]] | None:
    """Places of the cause and of the effect around the first causal cue."""
    if reading.language == "zh":
        return _chinese_effect(reading)
    cue = next(iter(reading.cues_of("causes", "caused")), None)
    if cue is None:
        return None
    before = frozenset(range(cue.first))
    after = frozenset(range(cue.end, len(reading.words)))
    return (after, before) if "caused" in cue.names else (before, after)


def _chinese_effect(reading: Reading) -> tuple[frozenset[int], frozenset[int]] | None:
    """The clause that opens with `由于` or `因为`, and the rest."""
    for cue in reading.cues_of("reason"):
        if "".join(w.text for w in reading.words[cue.first : cue.end]) in ("由于", "因为"):
            cause = frozenset(reading.clause_words(reading.clause[cue.first]))
            return cause, frozenset(range(len(reading.words))) - cause
    return None
