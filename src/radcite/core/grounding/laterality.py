"""Sides, levels and directions: left and right, upper and lower, rise and fall, before and after."""

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.words import Cue

__all__ = ["side_differs"]

_NEAR = 4
_LEFT_OUT = frozenset(("为", "是", "占", ":", "：", "的", "则", "者"))
_CLAUSE_COST = 8
_SIDES = frozenset(
    ("lat", "vert", "depth", "med", "prox", "core", "echo", "density", "signal", "phase", "sign")
)
_BREAK = frozenset(("and", "but", "whereas", "while", "和", "及", "而"))
_TURNABLE = frozenset(("change", "more", "quality"))


def side_differs(pair: Pair) -> Finding | None:
    """A pole of an axis that the quote lacks, or that it binds to another word."""
    for pole in pair.claim.poles:
        for name in pole.names:
            axis = name.partition(".")[0]
            same = [p for p in pair.quote.poles if name in p.names]
            opposite = [p for p in pair.quote.poles if _on_axis(p, axis) and name not in p.names]
            if opposite and not same and not (axis in _TURNABLE and _turned(pair, pole)):
                return Finding(f"the quote says the opposite of: {_words(pair.claim, pole)}")
            # A sign is said of the marker before it; what follows it says nothing.
            if axis != "sign" and any(_stands_bare(pair.quote, bare) for bare in same):
                continue
            if opposite and same and axis in _SIDES and _apart(pair, pole, same, opposite):
                return Finding(f"the quote says of another side: {_words(pair.claim, pole)}")
            if opposite and same and _bound_elsewhere(pair, pole, same, opposite):
                return Finding(f"the quote says of something else: {_words(pair.claim, pole)}")
    return None


def _apart(pair: Pair, pole: Cue, same: list[Cue], opposite: list[Cue]) -> bool:
    """Whether a word said with the pole stands in the quote only in stretches of the opposite."""
    mine = _stretches(pair.claim)
    theirs = _stretches(pair.quote)
    near = {theirs[p.first] for p in same}
    far = {theirs[p.first] for p in opposite} - near
    together = [
        p
        for p in pair.content(_said_with(pair.claim, pole))
        if mine[p] == mine[pole.first] and not _is_pole(pair.claim, p)
    ]
    return any(all(theirs[q] in far for q in pair.links[p]) for p in together)


def _said_with(reading: Reading, pole: Cue) -> range:
    """Words a pole may be said of: of a sign, the marker between `is` and it where there is one."""
    whole = range(len(reading.words))
    if not _on_axis(pole, "sign") or reading.language == "zh":
        return whole
    verbs = [p for p in range(pole.first) if reading.words[p].text.lower() in _COPULAS]
    marker = range(verbs[-1] + 1, pole.first) if verbs else whole
    return marker if any(p not in reading.free for p in marker) else whole


_COPULAS = frozenset(("is", "are", "was", "were", "be", "been"))


def _stretches(reading: Reading) -> list[int]:
    """A number for each word: new after a mark, and at `and` unless a pole follows (`left and right`)."""
    poles = {pole.first for pole in reading.poles}
    numbers: list[int] = []
    current = 0
    for place, word in enumerate(reading.words):
        joining = word.text.lower() in _BREAK and place + 1 not in poles
        current += joining or (word.is_mark and word.text not in "/()（）")
        numbers.append(current)
    return numbers


def _turned(pair: Pair, pole: Cue) -> bool:
    """A comparison told from its other side, or a denied opposite, is judged by its own rule."""
    comparing = pair.claim.has("than") and pair.quote.has("than")
    denied = {p for negation in pair.claim.negations for p in negation.reach | negation.focus}
    return comparing or not denied.isdisjoint(range(pole.first, pole.end))


def _on_axis(pole: Cue, axis: str) -> bool:
    return any(name.partition(".")[0] == axis for name in pole.names)


def _words(reading: Reading, pole: Cue) -> str:
    return reading.text[reading.words[pole.first].start : reading.words[pole.end - 1].end]


def _bound_elsewhere(pair: Pair, pole: Cue, same: list[Cue], opposite: list[Cue]) -> bool:
    """Whether the word that the pole governs is governed by the opposite in the quote."""
    governed = _governed(pair, pole)
    if governed is None or (pair.claim.language == "en" and _is_pole(pair.claim, governed)):
        return False
    return all(_nearest(pair.quote, q, same + opposite) in opposite for q in pair.links[governed])


def _stands_bare(reading: Reading, pole: Cue) -> bool:
    """`外侧为 0.86`: the word the pole governs is left out."""
    place = pole.end
    return place >= len(reading.words) or reading.words[place].text in _LEFT_OUT


def _governed(pair: Pair, pole: Cue) -> int | None:
    """The next linked content word of the clause after the pole."""
    clause = pair.claim.clause[pole.first]
    after = range(pole.end, min(pole.end + _NEAR, len(pair.links)))
    linked = (p for p in after if pair.claim.clause[p] == clause and pair.carries(p))
    found = next(linked, None)
    return found if found is not None and pair.links[found] else None


def _is_pole(reading: Reading, place: int) -> bool:
    return any(pole.first <= place < pole.end for pole in reading.poles)


def _nearest(quote: Reading, place: int, poles: list[Cue]) -> Cue:
    """The pole that governs a word: the last one before it in its clause, else the nearest."""
    before = [p for p in poles if p.first < place and quote.clause[p.first] == quote.clause[place]]
    if before:
        return max(before, key=lambda pole: pole.first)
    return min(poles, key=lambda pole: _distance(quote, place, pole))


def _distance(quote: Reading, place: int, pole: Cue) -> int:
    return abs(place - pole.first) + _CLAUSE_COST * (
        quote.clause[place] != quote.clause[pole.first]
    )
