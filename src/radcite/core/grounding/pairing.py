"""A claim's sentence laid beside a quote's: which words of the one stand for which of the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from radcite.core.grounding.reading import Reading
from radcite.core.normalization import is_cjk

__all__ = ["Finding", "Pair", "Rule", "lay"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a quote does not carry a claim; `weak` when it is merely not fully covered."""

    reason: str
    support: Literal["weak", "unsupported"] = "unsupported"


@dataclass(frozen=True, slots=True)
class Pair:
    """`links[p]` are the places of the quote that word p of the claim may stand for."""

    claim: Reading
    quote: Reading
    links: tuple[frozenset[int], ...]

    def content(self, places: list[int] | range | None = None) -> list[int]:
        """Linked words of the claim that carry content."""
        chosen = range(len(self.links)) if places is None else places
        return [p for p in chosen if self.links[p] and self.carries(p)]

    def carries(self, place: int) -> bool:
        """Whether a word of the claim is content: neither free, nor a number, nor a mark."""
        return place not in self.claim.free and place not in self.claim.numeric

    def clause_of(self, places: list[int]) -> set[int]:
        """The quote's clauses that hold most of the claim's linked words."""
        counts: dict[int, int] = {}
        for place in places:
            for clause in {self.quote.clause[q] for q in self.links[place]}:
                counts[clause] = counts.get(clause, 0) + 1
        best = max(counts.values(), default=0)
        return {clause for clause, count in counts.items() if count == best}

    def meant(self, places: frozenset[int]) -> list[int]:
        """Linked words that are more than function words: what a negation may deny."""
        reading = self.claim
        return [
            p
            for p in sorted(places)
            if p < len(self.links)
            and self.links[p]
            and p not in reading.function
            and p not in reading.numeric
        ]

    def used(self) -> set[int]:
        """Clauses of the quote that the claim's clauses rest on."""
        clauses: set[int] = set()
        for clause in set(self.claim.clause):
            clauses |= self.clause_of(self.content(self.claim.clause_words(clause)))
        return clauses


Rule = Callable[[Pair], Finding | None]


def lay(claim: Reading, quote: Reading) -> Pair:
    """Links by shared concepts, word families and, in Chinese, common runs of two characters or more."""
    links: list[set[int]] = [set() for _ in claim.words]
    for place, word in enumerate(claim.words):
        if not is_cjk(word.text[0]) or word.key != word.text:
            links[place] |= quote.concepts.get(word.key, frozenset())
    for phrase in claim.phrases:
        shared: set[int] = set()
        for name in phrase.names:
            if not name.startswith(">"):
                shared |= quote.concepts.get(name, frozenset())
        for place in range(phrase.first, phrase.end):
            links[place] |= shared
    for pole in claim.poles:
        for place in range(pole.first, pole.end):
            links[place] |= quote.concepts.get(claim.words[place].key, frozenset())
    if claim.language == "zh":
        _link_runs(claim, quote, links)
    return Pair(claim, quote, tuple(frozenset(link) for link in links))


def _link_runs(claim: Reading, quote: Reading, links: list[set[int]]) -> None:
    pairs: dict[tuple[str, str], list[int]] = {}
    keys = [word.key for word in quote.words]
    for place in range(len(keys) - 1):
        pairs.setdefault((keys[place], keys[place + 1]), []).append(place)
    for place in range(len(claim.words) - 1):
        two = (claim.words[place].key, claim.words[place + 1].key)
        if not (is_cjk(two[0][0]) or is_cjk(two[1][0])):
            continue
        for start in pairs.get(two, ()):
            links[place].add(start)
            links[place + 1].add(start + 1)
