"""One statement made of two: a subject from one clause of the quote, its predicate or place from another."""

from radcite.core.grounding.equality import equal_quantities
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.segments import parted, turning_points
from radcite.core.grounding.words import HARD, SOFT

__all__ = ["clauses_stitched", "places_crossed"]


def clauses_stitched(pair: Pair) -> Finding | None:
    """A claim of one clause that takes words from two clauses which each have their own subject."""
    if pair.claim.language == "zh" or len({pair.claim.clause[p] for p in pair.content()}) > 1:
        return None
    shared = frozenset(pair.quote.opening)
    taken = [pair.links[p] for p in pair.content()] + _numbers(pair)
    taken = [places for places in taken if places.isdisjoint(shared)]
    for cut in turning_points(pair.quote):
        sides = {min(places) > cut for places in taken if not _straddles(places, cut)}
        if len(sides) > 1:
            return Finding("the claim joins two statements of the quote into one")
    return None


def _numbers(pair: Pair) -> list[frozenset[int]]:
    """Where the claim's numbers stand in the quote."""
    found = [
        frozenset(
            pair.quote.place_at(other.start)
            for other in pair.quote.quantities
            if equal_quantities(number, other, pair)
        )
        for number in pair.claim.quantities
    ]
    return [places for places in found if places]


def _straddles(places: frozenset[int], cut: int) -> bool:
    return min(places) < cut < max(places)


_BINDS = frozenset(
    (
        "in", "of", "at", "on", "within", "near", "along", "for", "with", "after", "under", "among", "during",
        "见", "有", "为", "呈", "示", "伴", "内", "处",
    )
)  # fmt: skip
_PARTS = frozenset(("and", "but", "while", "whereas", "和", "及", "而"))


def places_crossed(pair: Pair) -> Finding | None:
    """`cysts in the liver` of `lesions in the liver and cysts in the kidney`: each has its own place."""
    parts = parted(pair.quote, _PARTS)
    seams = {q for q, word in enumerate(pair.quote.words) if word.text.lower() in _BINDS}
    held = {
        q for q in range(len(parts)) if q not in pair.quote.free and q not in pair.quote.numeric
    }
    for before, after in _bindings(pair):
        first, second = _home(pair, before, parts), _home(pair, after, parts)
        if first is None or second is None or first == second:
            continue
        ends = max(min(q for q in pair.links[p] if parts[q] == first) for p in before)
        begins = min(max(q for q in pair.links[p] if parts[q] == second) for p in after)
        own = any(
            ends < seam and any(parts[q] == first and q > seam for q in held)
            for seam in seams
            if parts[seam] == first
        )
        other = any(
            seam < begins and any(parts[q] == second and q < seam for q in held)
            for seam in seams
            if parts[seam] == second
        )
        if own and other:
            return Finding("the quote says it of another place")
    return None


def _bindings(pair: Pair) -> list[tuple[list[int], list[int]]]:
    """Linked content nearest before and after each word of the claim that binds a thing to its place."""
    words, content = pair.claim.words, set(pair.content())
    marked = [word.key in HARD | SOFT or word.text.lower() in _BINDS | _PARTS for word in words]
    cuts = [p for p in range(len(words)) if marked[p] and not any(marked[p + 1 : p + 2])]
    edges = [-1, *cuts, len(words)]
    return [
        (
            [p for p in range(left + 1, at) if p in content][-1:],
            [p for p in range(at + 1, right) if p in content][:1],
        )
        for left, at, right in zip(edges, edges[1:], edges[2:], strict=False)
        if words[at].text.lower() in _BINDS
    ]


def _home(pair: Pair, places: list[int], parts: list[int]) -> int | None:
    """The one part of the quote in which all these words of the claim stand."""
    homes = [{parts[q] for q in pair.links[p]} for p in places]
    shared = homes[0].intersection(*homes[1:]) if homes else set[int]()
    return shared.pop() if len(shared) == 1 else None
