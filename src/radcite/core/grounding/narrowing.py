"""What narrows a rule: the attributes of the people it is for, the stage, the bound, the moment it holds at."""

import re
from itertools import pairwise

from radcite.core.grounding.equality import equal_quantities
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.segments import blanked, parted, statements

__all__ = ["attribute_dropped", "moment_dropped", "rule_widened"]

_PEOPLE = frozenset(
    (
        "patients", "persons", "people", "individuals", "those", "participants", "subjects", "adults", "children",
        "women", "men", "infants", "adolescents", "neonates",
    )
)  # fmt: skip
_CLAUSES = frozenset(("who", "whose", "taking", "receiving", "undergoing"))
_ATTRIBUTES = _CLAUSES | {"with", "without", "aged"}
_ENDS = frozenset(
    (
        "was", "were", "is", "are", "had", "has", "have", "did", "does", "can", "should", "must", "before", "after",
        "than",
    )
)  # fmt: skip
_CHINESE_PEOPLE = re.compile(r"(?P<whose>[^，,。；;：:、]{2,30}?)(?P<head>患者|病人)")
_CHINESE_ATTRIBUTE = re.compile(r"[^的且并]+")
_LEAD = re.compile(r"^.*(?:推荐用于|适用于|用于|对于|对|在|推荐|建议|禁用于)")
_MOMENT = re.compile(
    r"(?<![^，,。；;：:])(?P<when>[^，,。；;：:本]{2,24}?(?:(?<![同及有小随暂平临实当此届])时|情况下"
    r"|(?<![患或研作受后前阅愿学医笔读])者))(?![间候期段，,。；;：:]|$)."
)


def attribute_dropped(pair: Pair) -> Finding | None:
    """`adults with diabetes aged 40 to 75` told of adults, 合并休克的肺栓塞患者 of all with the disease."""
    linked = {q for link in pair.links for q in link}
    told = _numbers_told(pair)
    found = _chinese_attributes if pair.quote.language == "zh" else _attributes
    for people, attribute in found(pair.quote):
        content = {q for q in attribute if q not in pair.quote.free and q not in pair.quote.numeric}
        numbers = {q for q in attribute if q in pair.quote.numeric}
        dropped = linked.isdisjoint(content) and told.isdisjoint(numbers)
        taken = not linked.isdisjoint(people) and pair.rests_on(_around(pair.quote, people.start))
        if (content or numbers) and dropped and taken:
            return Finding("the quote speaks of a narrower group")
    return None


def _around(reading: Reading, place: int) -> frozenset[int]:
    """Places of the statement that a word stands in."""
    statement = statements(reading)
    return frozenset(p for p, number in enumerate(statement) if number == statement[place])


def _numbers_told(pair: Pair) -> set[int]:
    """Places of the quote's numbers that the claim tells."""
    return {
        place
        for quantity in pair.quote.quantities
        if any(equal_quantities(mine, quantity, pair) for mine in pair.claim.quantities)
        for place in _span(pair.quote, quantity.start, quantity.end)
    }


def _attributes(reading: Reading) -> list[tuple[range, range]]:
    """Places of people, and of each attribute after them; a clause that opens with `who` is one to its end."""
    words = [word.text.lower() for word in reading.words]
    found: list[tuple[range, range]] = []
    for place, word in enumerate(words):
        if word not in _PEOPLE:
            continue
        ends = (
            p
            for p in range(place, len(words))
            if reading.words[p].is_mark or (words[p] in _ENDS and words[p - 1] not in _CLAUSES)
        )
        end = next(ends, len(words))
        starts = [p for p in range(place + 1, end) if words[p] in _ATTRIBUTES]
        if not starts or starts[0] != place + 1:
            continue
        clause = next((n for n, p in enumerate(starts) if words[p] in _CLAUSES), len(starts))
        edges = [*starts[: clause + 1], end]
        found += [(range(place, place + 1), range(a, b)) for a, b in pairwise(edges)]
    return found


def _chinese_attributes(reading: Reading) -> list[tuple[range, range]]:
    found: list[tuple[range, range]] = []
    for match in _CHINESE_PEOPLE.finditer(reading.text):
        head = _span(reading, *match.span("head"))
        lead = _LEAD.match(match["whose"])
        start = match.start("whose") + (lead.end() if lead else 0)
        parts = _CHINESE_ATTRIBUTE.finditer(reading.text, start, match.end("whose"))
        found += [(head, _span(reading, *part.span())) for part in parts]
    return found


def _span(reading: Reading, start: int, end: int) -> range:
    return (
        range(reading.place_at(start), reading.place_at(end - 1) + 1) if end > start else range(0)
    )


def moment_dropped(pair: Pair) -> Finding | None:
    """`D-二聚体阴性时无需行CT` told without the moment: a Chinese condition that no comma closes."""
    if pair.quote.language != "zh":
        return None
    linked = {q for link in pair.links for q in link}
    for match in _MOMENT.finditer(blanked(pair.quote.text)):
        when = _span(pair.quote, *match.span("when"))
        content = {q for q in when if q not in pair.quote.free and q not in pair.quote.numeric}
        rests = pair.rests_on(_around(pair.quote, when.start))
        if content and rests and linked.isdisjoint(content):
            return Finding("the quote holds under a condition that the claim leaves out")
    return None


_RULE = re.compile(
    r"\b(?:contra)?indicated\b|\bavoid(?:ed)?\b|\brequired?\b|\bneed(?:ed|s)?\b|\bnecessary\b|\bprohibited\b"
    r"|\bof choice\b|\bfirst[- ]line\b|禁用|慎用|禁忌|首选|适用|无需|不必|需要?|应[当该]?|宜|避免|停用",
    re.IGNORECASE,
)
_NARROWING = frozenset(("stage", "acute", "grade", "tumour"))
_PART_OF = frozenset(
    ("trimester", "week", "weeks", "month", "months", "day", "days", "half", "phase", "stage")
)
_REACH = 2


def rule_widened(pair: Pair) -> Finding | None:
    """A rule without the stage, the part of time or the bound for which the quote gives it."""
    quote = pair.quote
    if not (_RULE.search(quote.text) or quote.has("must", "should", "option")):
        return None
    linked = {q for link in pair.links for q in link}
    if _stage_dropped(pair, linked) or _part_dropped(quote, linked) or _bound_dropped(pair):
        return Finding("the quote gives a narrower rule")
    return None


def _stage_dropped(pair: Pair, linked: set[int]) -> bool:
    told = {name for pole in pair.claim.poles for name in pole.names}
    for pole in pair.quote.poles:
        narrowing = {n for n in pole.names if n.partition(".")[0] in _NARROWING}
        beside = {*range(pole.first - _REACH, pole.first), *range(pole.end, pole.end + _REACH)}
        dropped = not narrowing & told and not linked.issuperset(range(pole.first, pole.end))
        if narrowing and dropped and linked & beside:
            return True
    return False


def _part_dropped(reading: Reading, linked: set[int]) -> bool:
    words = [word.text.lower() for word in reading.words]
    return any(
        word in _PART_OF
        and words[place + 1 : place + 2] == ["of"]
        and place not in linked
        and not linked.isdisjoint(range(place + 2, place + 4))
        for place, word in enumerate(words)
    )


def _bound_dropped(pair: Pair) -> bool:
    stretch, told = parted(pair.quote), _numbers_told(pair)
    return any(
        quantity.bound in ("<", ">", "<=", ">=", "above", "reached")
        and place not in told
        and pair.rests_on(frozenset(q for q, n in enumerate(stretch) if n == stretch[place]))
        for quantity in pair.quote.quantities
        for place in (pair.quote.place_at(quantity.start),)
    )
