"""How far a statement reaches: whom it is about, how many, whether it is a result, whether it is past."""

import re

from radcite.core.grounding.equality import equal_quantities
from radcite.core.grounding.negation import misses_none
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.segments import blanked, parted, statements
from radcite.core.grounding.words import Cue

__all__ = [
    "aim_told_as_result",
    "bound_dropped",
    "condition_dropped",
    "history_told_as_present",
    "part_told_as_whole",
    "quantifier_raised",
    "restriction_differs",
]


def aim_told_as_result(pair: Pair) -> Finding | None:
    """An aim, a hypothesis or an open question told as a result."""
    for name, said in (("aim", "an aim or hypothesis"), ("unknown", "an open question")):
        quote = any(_governs(pair, cue) for cue in pair.quote.cues_of(name))
        claim = pair.claim.has("aim", "unknown")
        if quote and not claim:
            return Finding(f"the quote states {said}")
        if pair.claim.has(name) and not (pair.quote.has("aim", "unknown") or pair.quote.negations):
            return Finding("the quote leaves nothing open")
    return None


def _governs(pair: Pair, cue: Cue) -> bool:
    """Whether the claim takes words from what is left open: an `unknown` reaches to the next mark only."""
    if "unknown" in cue.names and "aim" not in cue.names:
        stretch = _stretch(pair.quote, cue)
        return any(pair.links[p] <= stretch for p in pair.content())
    clause = pair.quote.clause[cue.first]
    return any(pair.quote.clause[q] >= clause for p in pair.content() for q in pair.links[p])


def history_told_as_present(pair: Pair) -> Finding | None:
    """What the quote gives as past, the claim as present."""
    past = ("history", "historical")
    if pair.claim.has("history") and not pair.quote.has(*past):
        return Finding("the claim speaks of the past")
    if pair.claim.has(*past):
        return None
    for cue in pair.quote.cues_of("history"):
        governed = _stretch(pair.quote, cue)
        if any(pair.links[p] <= governed for p in pair.content()):
            return Finding("the quote speaks of the past")
    return None


_PEOPLE = frozenset(
    (
        "patients", "persons", "people", "individuals", "those", "participants", "subjects",
        "adults", "children", "women", "men", "infants", "smokers", "workers", "volunteers",
        "cases", "districts", "hospitals", "subgroup",
    )
)  # fmt: skip
_SAMPLE = frozenset(
    (
        "trial", "study", "series", "cohort", "registry", "sample", "samples", "set",
        "analysis", "programme", "program", "survey",
    )
)  # fmt: skip
_OPENERS = frozenset(("in", "among", "for", "under", "with", "without", "if", "when", "after"))
_CONDITIONS = frozenset(("if", "when", "unless", "provided", "once", "only"))
_CHINESE_OPENING = re.compile(
    r"^(?:对于?|在|当|若|如果?|仅?限于|只要|除非).|(?:者|时|中|患者|后|前|下|人群|医院)[,，]$"
)


def condition_dropped(pair: Pair) -> Finding | None:
    """`In patients with …,`, `if …`, `当…时`: what confines the quote and the claim leaves out."""
    block = parted(pair.quote, soft=False)
    used = {block[q] for p in pair.content() for q in pair.links[p]}
    for stretch in _conditions(pair.quote):
        if block[stretch[0]] not in used or _told(pair, stretch):
            continue
        if any(q not in pair.quote.function and q not in pair.quote.numeric for q in stretch):
            return Finding("the quote holds under a condition that the claim leaves out")
    return None


_BOUNDS = frozenset(("<", ">", "<=", ">=", "above", "reached"))
_ATTRIBUTE = re.compile(r"[^，,。；;]{0,6}(?:的[^，,。；;]|者|时|且|并)")


def bound_dropped(pair: Pair) -> Finding | None:
    """`囊肿小于5厘米的` or `below 20 kPa and platelets above 150`: a bound of a condition left out."""
    told = pair.claim.quantities
    used = {pair.quote.clause[q] for p in pair.content() for q in pair.links[p]}
    for quantity in pair.quote.quantities:
        place = pair.quote.place_at(quantity.start)
        if quantity.bound not in _BOUNDS or pair.quote.clause[place] not in used:
            continue
        if not _conditional(pair.quote, quantity.tail, place):
            continue
        if not any(equal_quantities(mine, quantity, pair) for mine in told):
            return Finding("the quote sets a bound that the claim leaves out")
    return None


def _conditional(reading: Reading, tail: int, place: int) -> bool:
    if reading.language == "zh":
        return _ATTRIBUTE.match(reading.text, tail) is not None
    return any(place in stretch for stretch in _conditions(reading))


def _told(pair: Pair, stretch: range) -> bool:
    """Whether the claim takes a word or a number from the stretch that stands nowhere else in the quote."""
    places = frozenset(stretch)
    if any(link and link <= places for link in pair.links):
        return True
    numbers = [q for q in pair.quote.quantities if pair.quote.place_at(q.start) in places]
    return any(equal_quantities(n, q, pair) for n in pair.claim.quantities for q in numbers)


def _conditions(reading: Reading) -> list[range]:
    words = [word.text.lower() for word in reading.words]
    if reading.language == "zh":
        return _chinese_conditions(reading)
    found: list[range] = []
    for place, word in enumerate(words):
        first = place == 0 and word in _OPENERS
        valued = place > 0 and place - 1 in reading.numeric
        people = (
            word in _OPENERS and not valued and not _PEOPLE.isdisjoint(words[place + 1 : place + 5])
        )
        if not (first or people or word in _CONDITIONS - {"only"}):
            continue
        stretch = range(place, _condition_end(reading, place, fronted=first))
        sample = not _SAMPLE.isdisjoint(words[place : stretch.stop])
        counted = any(p in reading.numeric and reading.words[p].text.isdigit() for p in stretch[:3])
        closed = not first or (stretch.stop < len(words) and words[stretch.stop] == ",")
        if closed and not sample and not counted:
            found.append(stretch)
    return found


def _condition_end(reading: Reading, place: int, *, fronted: bool) -> int:
    clause = reading.clause[place]
    for p in range(place + 1, len(reading.words)):
        if reading.words[p].is_mark or (reading.clause[p] != clause and not fronted):
            return p
    return len(reading.words)


def _chinese_conditions(reading: Reading) -> list[range]:
    found: list[range] = []
    for clause in sorted(set(reading.clause))[:-1]:
        places = reading.clause_words(clause)
        stretch = range(places[0], places[-1] + 1)
        text = reading.text[reading.words[stretch[0]].start : reading.words[stretch[-1]].end]
        counted = any(p in reading.numeric for p in stretch[:6])
        if _CHINESE_OPENING.search(text) and not counted and "本" not in text:
            found.append(stretch)
    return found


def _stretch(reading: Reading, cue: Cue) -> frozenset[int]:
    marks = [p for p, word in enumerate(reading.words) if word.is_mark]
    start = max((p for p in marks if p < cue.first), default=-1) + 1
    end = min((p for p in marks if p >= cue.end), default=len(reading.words))
    return frozenset(range(start, end))


_SHARE = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten) (?:out )?of (?:the |all )?(?:\d|ten|twelve|nine|eight)"
    r"|\d例[^，,。]{0,6}中[^，,。]{0,6}\d+例"
)


def part_told_as_whole(pair: Pair) -> Finding | None:
    """`three of the ten` told without a number."""
    counted = _SHARE.search(blanked(pair.quote.text)) is not None
    if counted and not pair.claim.quantities and not pair.claim.has("some", "few"):
        return Finding("the quote counts a part only")
    return None


def quantifier_raised(pair: Pair) -> Finding | None:
    """Some told as most, most as all, rarely as a plain statement."""
    claim, quote = pair.claim, pair.quote
    used, statement = pair.used, statements(quote)
    told = {statement[q] for p in pair.content() for q in pair.links[p]}

    def says(name: str) -> bool:
        return any(
            quote.clause[cue.first] in used and statement[cue.first] in told
            for cue in quote.cues_of(name)
        )

    if claim.has("superlative") and not quote.has("superlative"):
        return Finding("the claim says the most, the quote does not")
    if _universal(claim) and not (
        quote.has("all") or _whole(quote) or misses_none(quote.cues, quote.negations)
    ):
        return Finding("the claim says all, the quote does not")
    if claim.has("most") and not quote.has("most", "all") and not _majority(claim):
        return Finding("the claim says most, the quote does not")
    if says("most") and not claim.has("most") and not claim.quantities:
        return Finding("the quote says most, the claim does not", "weak")
    if says("some") and not claim.has("some"):
        return Finding("the quote speaks of a part only")
    if says("few") != claim.has("few"):
        return Finding("rare and frequent differ")
    return None


def _universal(reading: Reading) -> bool:
    if misses_none(reading.cues, reading.negations):
        return True
    cues = reading.cues_of("all")
    denied = {p for n in reading.negations if not n.adjective for p in n.reach}
    return any(denied.isdisjoint(range(cue.first, cue.end)) for cue in cues)


def _whole(reading: Reading) -> bool:
    return any(q.unit == "%" and q.value == 100 for q in reading.quantities)


def _majority(reading: Reading) -> bool:
    return any(q.unit == "%" and q.value > 50 for q in reading.quantities)


_ONLY = frozenset(
    (
        "only", "alone", "solely", "exclusively", "limited", "confined", "restricted", "unless", "until", "just",
        "merely", "except", "仅", "只", "唯", "单", "限",
    )
)  # fmt: skip


def restriction_differs(pair: Pair) -> Finding | None:
    """`only in …`, `仅用于…` left out, or put in; `only 3 %` weighs a number and confines nothing."""
    claim = not _ONLY.isdisjoint(word.text.lower() for word in pair.claim.words)
    quote = not _ONLY.isdisjoint(word.text.lower() for word in pair.quote.words)
    if any(not _weighs(pair.claim, cue) for cue in pair.claim.cues_of("only")) and not quote:
        return Finding("the claim confines more than the quote")
    if claim:
        return None
    for cue in pair.quote.cues_of("only"):
        clause = pair.quote.clause[cue.first]
        if _weighs(pair.quote, cue):
            continue
        if any(pair.quote.clause[q] == clause for p in pair.content() for q in pair.links[p]):
            return Finding("the quote says only, the claim does not")
    return None


def _weighs(reading: Reading, cue: Cue) -> bool:
    """Whether an `only` stands before a number: 只有3.9% says that it is little."""
    return not reading.numeric.isdisjoint(range(cue.end, cue.end + 2))
