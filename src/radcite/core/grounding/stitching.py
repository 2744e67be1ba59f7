"""One statement made of two: a subject from one clause of the quote, its predicate from another."""

from radcite.core.grounding.numbers import equal_quantities
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading

__all__ = ["clauses_stitched"]

_CONTRAST = frozenset(("but", "whereas", "while", ";", "and"))
_VERBS = frozenset(
    (
        "was", "were", "is", "are", "had", "has", "have", "did", "does", "do", "can",
        "could", "may", "might", "will",
    )
)  # fmt: skip
_LEAN = frozenset(
    (
        "it", "its", "they", "them", "their", "this", "these", "those", "one", "ones", "so",
        "who", "which", "that", "he", "she", "not", "neither",
    )
)  # fmt: skip


def clauses_stitched(pair: Pair) -> Finding | None:
    """A claim of one clause that takes words from two clauses which each have their own subject."""
    if pair.claim.language == "zh" or len({pair.claim.clause[p] for p in pair.content()}) > 1:
        return None
    taken = [pair.links[p] for p in pair.content()] + _numbers(pair)
    for cut in _independent(pair.quote):
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


def _independent(reading: Reading) -> list[int]:
    """Places of the words that part two clauses, the second with a subject and a verb of its own."""
    words = [word.text.lower() for word in reading.words]
    cuts: list[int] = []
    for place, word in enumerate(words):
        parting = word in _CONTRAST and (word != "and" or (place > 0 and words[place - 1] == ","))
        rest = words[place + 1 :]
        following = rest[: next((n for n, w in enumerate(rest) if w in _CONTRAST), len(rest))]
        leans = not _LEAN.isdisjoint(following) or (bool(following) and following[0] in _VERBS)
        if parting and not leans and not _VERBS.isdisjoint(following[1:]):
            cuts.append(place)
    return cuts
