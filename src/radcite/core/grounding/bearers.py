"""Whom a statement is about: the patient or a relative, people or animals, everyone or a group."""

import re

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.segments import parted, statements
from radcite.core.grounding.words import Cue

__all__ = ["bearer_differs", "population_dropped"]

_TELLING = frozenset(
    (
        "report", "reports", "reported", "notice", "noticed", "noted", "said", "described", "refused", "consented",
        "rated", "completed", "answered", "asked", "interviewed", "gave", "signed",
    )
)  # fmt: skip
_NEAR = 3


def bearer_differs(pair: Pair) -> Finding | None:
    """What the quote says of a relative, of animals or of cells, told as if it were the patient's or anyone's."""
    linked = {q for link in pair.links for q in link}
    for cue in pair.quote.cues_of("+kin", "+animal"):
        places = set(range(cue.first, cue.end))
        if linked & places or _tells(pair.quote, cue):
            continue
        if pair.rests_on(_said_of(pair.quote, cue, linked)):
            whom = "a relative" if "+kin" in cue.names else "animals or cells"
            return Finding(f"the quote says it of {whom}")
    return None


def _tells(reading: Reading, cue: Cue) -> bool:
    """`Parents reported fever in …`: they tell of it, and do not bear it."""
    after = {word.text.lower() for word in reading.words[cue.end : cue.end + _NEAR]}
    return not _TELLING.isdisjoint(after)


def _said_of(reading: Reading, cue: Cue, linked: set[int]) -> frozenset[int]:
    """The statement that a word stands in, and the Chinese clause after one that only says in whom it was."""
    before = [word.text.lower() for word in reading.words[max(0, cue.first - 2) : cue.first]]
    aside = reading.language == "en" and "whose" in before
    statement = parted(reading) if aside else statements(reading, leaning=True)
    mine = statement[cue.first]
    own = {p for p, number in enumerate(statement) if number == mine}
    follows = reading.language == "zh" and "+animal" in cue.names and linked.isdisjoint(own)
    return frozenset(p for p, n in enumerate(statement) if n == mine or (follows and n == mine + 1))


def population_dropped(pair: Pair) -> Finding | None:
    """A group of people to whom the quote confines its statement, and the claim does not."""
    linked = {q for link in pair.links for q in link}
    statement = statements(pair.quote)
    used = {
        statement[q] for p in pair.content() for q in pair.links[p] if len(pair.links[p]) == 1
    } or {statement[q] for q in linked}
    told = pair.used or {pair.quote.clause[q] for q in linked}
    for cue in pair.quote.cues_of("+population"):
        if statement[cue.first] not in used or pair.quote.clause[cue.first] not in told:
            continue
        group = _group(pair.quote, cue)
        if group and linked.isdisjoint(group):
            return Finding("the quote speaks of a narrower group")
    return _group_put_in(pair)


def _group_put_in(pair: Pair) -> Finding | None:
    """`女性中位年龄61岁` of `患者三分之二为女性，中位年龄61岁`: a group that the quote only counts."""
    if pair.claim.language == "en":
        return None
    counted = [cue for cue in pair.quote.cues_of("+population") if not _group(pair.quote, cue)]
    confining = [cue for cue in pair.quote.cues_of("+population") if _group(pair.quote, cue)]
    for cue in pair.claim.cues_of("+population"):
        linked = {q for p in range(cue.first, cue.end) for q in pair.links[p]}
        told = any(linked & set(range(one.first, one.end)) for one in counted)
        led = any(linked & set(range(one.first, one.end)) for one in confining)
        if told and not led and _group(pair.claim, cue) and pair.claim.quantities:
            return Finding("the quote does not say it of that group")
    return None


_LED = frozenset(("in", "among", "for", "of"))
_ENDS = frozenset(
    (
        "was", "were", "is", "are", "had", "has", "have", "did", "does", "can", "could", "may", "should", "must",
        "than", "by", "at", "from", "after", "during", "before",
    )
)  # fmt: skip
_ARTICLES = frozenset(("the", "a", "an"))
_TOLD_AS = re.compile(r"[为是含占例有均算]$|属于$|包括$|纳入$|多为$")
_HEAD = re.compile(r"(?:患者|病人|人群|者|人|中(?![位度期央等心国])|组|亚组|的)*")


def _group(reading: Reading, cue: Cue) -> range:
    """The phrase that names a group and confines what is said; empty where it is what is said."""
    if reading.language == "zh":
        return _chinese_group(reading, cue)
    words = [word.text.lower() for word in reading.words]
    if any(cause.end <= cue.first for cause in reading.cues_of("caused")):
        return range(0)
    for lead in range(cue.first - 1, max(-1, cue.first - 5), -1):
        if reading.words[lead].is_mark or words[lead] in _ENDS:
            return range(0)
        if words[lead] in _LED:
            ends = (
                p
                for p in range(cue.end, len(words))
                if reading.words[p].is_mark or words[p] in _ENDS or words[p] in _ARTICLES
            )
            return range(lead, next(ends, len(words)))
    return range(0)


def _chinese_group(reading: Reading, cue: Cue) -> range:
    text = reading.text
    start, end = reading.words[cue.first].start, reading.words[cue.end - 1].end
    if _TOLD_AS.search(text[:start]) or re.match(r"(?:占|共|有|为)?\s?\d", text[end:]):
        return range(0)
    head = _HEAD.match(text, end)
    return range(cue.first, reading.place_at(max(end, head.end() if head else end) - 1) + 1)
