"""Negation, certainty and obligation of the claim are those of the quoted words they govern."""

import re
from collections.abc import Container

from radcite.core.grounding.negation import Negation
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading

__all__ = ["certainty_differs", "negation_differs", "obligation_differs"]

_GRADES = ("possible", "probable", "unlikely")
_DUTIES = ("must", "should", "option")


def negation_differs(pair: Pair) -> Finding | None:
    """A denial of the claim that the quote does not make, or one of the quote that the claim drops."""
    matched: set[Negation] = set()
    by_clause: dict[int, list[set[Negation]]] = {}
    for denial in pair.claim.negations:
        fitting = [other for other in pair.quote.negations if _same_denial(pair, denial, other)]
        if not fitting and not _denies_by_likelihood(pair):
            return Finding(f"the quote does not deny: {_said(pair.claim, denial)}")
        matched.update(fitting)
        by_clause.setdefault(pair.claim.clause[denial.at], []).append(set(fitting))
    if any(len(found) > max(1, len(set[Negation]().union(*found))) for found in by_clause.values()):
        return Finding("the claim denies more than the quote")
    for other in pair.quote.negations:
        if other not in matched and _rests_on(pair, other):
            return Finding(f"the quote denies: {_said(pair.quote, other)}")
    if affirmed := _affirmed(pair, matched):
        return Finding(f"the quote denies: {_said(pair.quote, affirmed)}")
    return _relation_differs(pair)


def _relation_differs(pair: Pair) -> Finding | None:
    if _relation_denied(pair):
        return Finding("the quote denies the relation")
    if _qualified(pair.quote) and pair.claim.negations and not _INDEPENDENT.search(pair.claim.text):
        return Finding("the quote denies only that it is independent")
    return None


def _affirmed(pair: Pair, matched: set[Negation]) -> Negation | None:
    """A denial of two things of which the claim denies one and, set against it, affirms the other."""
    if not _SET_AGAINST.search(pair.claim.text):
        return None
    denying = {pair.claim.clause[denial.at] for denial in pair.claim.negations}
    rest = frozenset(p for p, clause in enumerate(pair.claim.clause) if clause not in denying)
    for other in matched:
        if not other.adjective and any(pair.links[p] <= other.focus for p in pair.meant(rest)):
            return other
    return None


_SET_AGAINST = re.compile(
    r"\b(?:but|whereas|while|although|though)\b|但|而(?!且)|却|[，,](?:有|可见|见)", re.IGNORECASE
)
_SUBJECT = 4
_INDEPENDENT = re.compile("independent|独立", re.IGNORECASE)
_NO_RELATION = re.compile("无关|不相关|无相关性|无关联|没有关联|没有关系")


def _relation_denied(pair: Pair) -> bool:
    """`A 与 X 相关，B 与之无关` told as `B 与 X 相关`: words of the clause that denies, and no denial."""
    if pair.claim.language != "zh" or _NO_RELATION.search(pair.claim.text):
        return False
    quote = pair.quote
    for clause in set(quote.clause):
        places = quote.clause_words(clause)
        text = quote.text[quote.words[places[0]].start : quote.words[places[-1]].end]
        if _NO_RELATION.search(text) and not pair.claim.negations:
            return any(pair.links[p] <= set(places) for p in pair.content())
    return False


def _qualified(reading: Reading) -> bool:
    """Whether the sentence denies an independent relation: a plain one may well be there."""
    return any(
        _INDEPENDENT.match(reading.text, reading.words[p].start) is not None
        for denial in reading.negations
        for p in denial.focus
    )


def _same_denial(pair: Pair, claim: Negation, quote: Negation) -> bool:
    focus = _linked(pair, claim.focus) or _linked(pair, claim.reach)
    reach = _linked(pair, claim.reach | claim.focus)
    core = _meant(pair.quote, quote.focus) or _meant(pair.quote, quote.reach)
    if not focus & (quote.reach | quote.focus) or not core & reach:
        return False
    if quote.elliptic:
        return core <= reach and not _beyond(pair, claim, quote, everything=True)
    if claim.adjective and quote.adjective and _linked(pair, claim.focus) & quote.focus:
        return pair.claim.language == "en" or not _of_another(pair, claim, quote)
    if _said_outright(pair, claim, quote):
        return False
    return claim.adjective or not _beyond(pair, claim, quote)


def _of_another(pair: Pair, claim: Negation, quote: Negation) -> bool:
    """Whether the subject of a Chinese denial stands in the quote in another clause than the denial."""
    subject = [p for p in pair.content() if p in claim.reach - claim.focus and p < claim.at]
    denied = quote.reach | quote.focus
    nearest = [pair.links[p] for p in subject[-_SUBJECT:]]
    return sum(link.isdisjoint(denied) for link in nearest) > sum(
        link <= denied for link in nearest
    )


def _said_outright(pair: Pair, claim: Negation, quote: Negation) -> bool:
    """Whether the quote affirms, in another clause, what the claim denies of the same thing."""
    denied = frozenset[int]().union(*(n.reach | n.focus for n in pair.quote.negations))
    affirmed = {pair.quote.clause[q] for q in _linked(pair, claim.focus) - denied}
    others = [p for p in pair.content() if p in claim.reach and p not in claim.focus]
    apart = [p for p in others if pair.links[p].isdisjoint(quote.reach | quote.focus)]
    return any(pair.quote.clause[q] in affirmed for p in apart for q in pair.links[p])


def _beyond(pair: Pair, claim: Negation, quote: Negation, *, everything: bool = False) -> bool:
    """Whether the claim denies a word (its subject too, if `everything`) outside the quote's denial."""
    denied = [p for p in pair.content() if p in claim.reach and (everything or p > claim.at)]
    reach = quote.reach | quote.focus
    if pair.claim.language == "zh":
        reach = reach.union(*(n.focus for n in pair.quote.negations if not n.adjective))
    return any(pair.links[p].isdisjoint(reach) for p in denied)


def _rests_on(pair: Pair, denial: Negation) -> bool:
    """Whether the claim takes words from what the quote denies."""
    denied = denial.focus | {q for q in denial.reach if q > denial.at or not denial.focus}
    return any(pair.links[p] <= denied for p in pair.meant(frozenset(range(len(pair.links)))))


def _linked(pair: Pair, places: frozenset[int]) -> set[int]:
    return {q for p in pair.meant(places) for q in pair.links[p]}


def _meant(reading: Reading, places: frozenset[int]) -> set[int]:
    return {p for p in places if p not in reading.function and p not in reading.numeric}


def _denies_by_likelihood(pair: Pair) -> bool:
    return pair.quote.has("unknown") and pair.claim.has("unknown")


def _said(reading: Reading, denial: Negation) -> str:
    places = sorted(denial.focus | {denial.at})
    return reading.text[reading.words[places[0]].start : reading.words[places[-1]].end]


def certainty_differs(pair: Pair) -> Finding | None:
    """Possible told as certain, certain told as possible, or likely told as unlikely."""
    claim = _grades(pair.claim, set(pair.claim.clause))
    quote = _grades(pair.quote, pair.used)
    if pair.claim.has("certain") and not pair.quote.has("certain"):
        return Finding("the claim is surer than the quote")
    if ("unlikely" in claim) != ("unlikely" in quote):
        return Finding("likelihood differs")
    if bool(claim) != bool(quote) and not _may_for_can(pair, claim):
        surer = "claim" if quote else "quote"
        return Finding(f"the {surer} is surer than the other")
    return None


def _may_for_can(pair: Pair, claim: set[str]) -> bool:
    """`can be stopped` for `may be stopped`, and 可能 for 可."""
    if pair.claim.language == "zh":
        hedges = "".join(
            w.text for c in pair.claim.cues_of(*_GRADES) for w in pair.claim.words[c.first : c.end]
        )
        return claim == {"possible"} and hedges in ("可能", "可能会") and "可" in pair.quote.text
    hedges = {pair.quote.words[cue.first].text.lower() for cue in pair.quote.cues_of(*_GRADES)}
    return not claim and hedges == {"may"} and pair.claim.has("can")


def _grades(reading: Reading, clauses: Container[int]) -> set[str]:
    return {
        name
        for cue in reading.cues_of(*_GRADES)
        if reading.clause[cue.first] in clauses
        for name in cue.names
    }


def obligation_differs(pair: Pair) -> Finding | None:
    """Optional told as recommended, recommended told as obligatory, or the other way round."""
    claim, quote = _duties(pair.claim), _duties(pair.quote)
    if not claim or (pair.claim.has("unknown") and pair.quote.has("unknown")):
        return None
    if quote and _lists(pair.quote, "either"):
        if not _lists(pair.claim, "or") and "option" not in claim:
            return Finding("one choice of several is told as the advice")
        quote.add("option")
    if not claim & quote:
        return Finding("the strength of the recommendation differs")
    if "option" in quote and "option" not in claim and not quote & claim - {"option"}:
        return Finding("an option is told as advice")
    return None


def _lists(reading: Reading, word: str) -> bool:
    return any(w.text.lower() == word for w in reading.words)


def _duties(reading: Reading) -> set[str]:
    return {name for cue in reading.cues_of(*_DUTIES) for name in cue.names if name in _DUTIES}
