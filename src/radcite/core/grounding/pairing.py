"""A claim's sentence laid beside a quote's: which words of the one stand for which of the other."""

from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from radcite.core.grounding.reading import Reading
from radcite.core.normalization import is_cjk

__all__ = ["Finding", "Pair", "Rule", "lay"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a quote does not carry a claim; `weak` when it is merely not fully covered.

    A `veto` stands against any model of wording. A finding of `wording` says only that the claim is worded otherwise:
    a model may know better.
    """

    reason: str
    support: Literal["weak", "unsupported"] = "unsupported"
    kind: Literal["veto", "wording"] = "veto"


@dataclass(frozen=True)
class Pair:
    """`links[p]` are the places of the quote that word p of the claim may stand for.

    `topic` holds the concepts that the quote's source says of all its sentences.
    """

    claim: Reading
    quote: Reading
    links: tuple[frozenset[int], ...]
    topic: frozenset[str] = frozenset()

    @cached_property
    def _content(self) -> tuple[int, ...]:
        return tuple(p for p in range(len(self.links)) if self.links[p] and self.carries(p))

    def content(self, places: Container[int] | None = None) -> list[int]:
        """Linked words of the claim that carry content."""
        return [p for p in self._content if places is None or p in places]

    def carries(self, place: int) -> bool:
        """Whether a word of the claim is content: neither free, nor a number, nor a mark."""
        return place not in self.claim.free and place not in self.claim.numeric

    def rests_on(self, places: Container[int]) -> bool:
        """Whether more of the claim's content stands only in these words of the quote than only outside them."""
        inside = sum(all(q in places for q in self.links[p]) for p in self._content)
        outside = sum(not any(q in places for q in self.links[p]) for p in self._content)
        return inside > outside

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

    @cached_property
    def used(self) -> frozenset[int]:
        """Clauses of the quote that the claim's clauses, or a word found nowhere else, rest on."""
        clauses: set[int] = set()
        for clause in set(self.claim.clause):
            clauses |= self.clause_of(self.content(self.claim.clause_words(clause)))
        for place in self.content():
            only = {self.quote.clause[q] for q in self.links[place]}
            clauses |= only if len(only) == 1 else set[int]()
        return frozenset(clauses)


Rule = Callable[[Pair], Finding | None]


def lay(claim: Reading, quote: Reading, topic: frozenset[str] = frozenset()) -> Pair:
    """Links by shared concepts, word families and, in Chinese, common runs of two characters or more."""
    links: list[set[int]] = [set() for _ in claim.words]
    poles = {p for pole in claim.poles for p in range(pole.first, pole.end)}
    for place, word in enumerate(claim.words):
        if place in poles or not is_cjk(word.text[0]) or word.key != word.text:
            links[place] |= quote.concepts.get(word.key, frozenset())
    for phrase in claim.phrases:
        names = [name for name in phrase.names if not name.startswith(">")]
        shared = frozenset[int]().union(*(quote.concepts.get(name, ()) for name in names))
        for place in range(phrase.first, phrase.end):
            links[place] |= shared
    if claim.language == "zh":
        _link_runs(claim, quote, links)
    return Pair(claim, quote, tuple(frozenset(link) for link in links), topic)


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
