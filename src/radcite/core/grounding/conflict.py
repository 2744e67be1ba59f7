"""Whether two sentences of different sources disagree on the same thing."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Literal, NamedTuple

from radcite.core.grounding.negation import Negation
from radcite.core.grounding.pairing import Pair, lay
from radcite.core.grounding.rates import INTERVAL, overlaps
from radcite.core.grounding.reading import Reading, read
from radcite.core.grounding.roles import comparison_differs
from radcite.core.grounding.words import Quantity
from radcite.core.language import detect_language
from radcite.core.normalization import normalize
from radcite.core.sentences import split_sentences
from radcite.core.sources import Language

__all__ = ["Conflict", "conflict"]

_LONGEST = 600
_FEWEST = {"en": 3, "zh": 6}
_SAME_SUBJECT = 0.7
_SAME_MEASURE = 0.8
_APART = 0.1
_ALIKE = 0.5
_AXES = ("change.", "more.", "quality.")
# What is asked, aimed at, guessed or left open disagrees with nothing.
_OPEN = ("aim", "unknown", "possible", "probable", "unlikely", "some", "few")
# Where it was seen, before what was seen, and figures in brackets: two studies differ in both, whatever they agree on.
_FRAME = {
    "en": re.compile(
        r"^(?:in|among|across|from) (?:this|these|our|the present|an?|\d)\b[^,;]{0,120}"
        r"\b(?:trials?|stud(?:y|ies)|cohorts?|analys[ei]s|meta-analys[ei]s|reviews?|registr(?:y|ies)|series|patients)\b"
        r"[^,;]{0,80}, ?",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^在?(?:这|该|本|一)[^，,；。]{0,40}(?:试验|研究|队列|分析|综述|登记|患者)[^，,；。]{0,20}[，,]"
    ),
}
_BRACKETS = re.compile(r" ?[(（\[][^()（）\[\]]*[)）\]]")


class Conflict(NamedTuple):
    """Two sentences that cannot both hold; `denied` is the one of them (0 or 1) that says less of it, or no."""

    kind: Literal["denial", "direction", "number"]
    denied: Literal[0, 1]


def conflict(one: str, other: str) -> Conflict | None:
    """How two texts of one language disagree on the same thing; None where they do not, or it cannot be told.

    The same thing: nearly all words of content stand in both, no word of the one stands where the other has a word
    of its own, and whom they speak of is the same. They disagree where one denies what the other says of it, where
    it goes up in the one and down in the other, or where its only number of a unit is another.
    """
    language = detect_language(one)
    if language != detect_language(other):
        return None
    for first, second in product(_sentences(one, language), _sentences(other, language)):
        claim, quote = read(first, language), read(second, language)
        if not _may_share(claim, quote):
            continue
        pair = lay(claim, quote)
        if found := _between(pair, lay(pair.quote, pair.claim)):
            return found
    return None


def _sentences(text: str, language: Language) -> Iterator[str]:
    whole = normalize(text).text
    for start, end in split_sentences(whole) or [(0, len(whole))]:
        if end - start <= _LONGEST and not whole[start:end].rstrip().endswith(("?", "？")):
            yield _FRAME[language].sub("", _BRACKETS.sub("", whole[start:end]))


def _may_share(one: Reading, other: Reading) -> bool:
    """Whether enough concepts stand in both for more to be asked: most pairs speak of two things."""
    shared = len(one.concepts.keys() & other.concepts.keys())
    return shared >= _ALIKE * min(len(one.concepts), len(other.concepts))


def _between(pair: Pair, back: Pair) -> Conflict | None:
    if any(each.claim.has(*_OPEN) for each in (pair, back)) or _population(pair) != _population(
        back
    ):
        return None
    shared = min(_share(pair), _share(back))
    if shared < _SAME_SUBJECT or _exchanged(pair, back):
        return None
    if (denied := _denied(pair, back)) is not None:
        return Conflict("denial", denied)
    if (down := _turned(pair, back)) is not None:
        return Conflict("direction", down)
    if shared >= _SAME_MEASURE and (less := _measured(pair, back)) is not None:
        return Conflict("number", less)
    return None


def _population(pair: Pair) -> frozenset[str]:
    reading = pair.claim
    return frozenset(
        word.key
        for cue in reading.cues_of("+population")
        for word in reading.words[cue.first : cue.end]
    )


def _subject(reading: Reading) -> list[int]:
    """Words of content that say neither which way it goes nor that it does not."""
    weighed = {
        place
        for item in (*reading.poles, *reading.cues_of("not", "not_forward", "not_before", "than"))
        if item not in reading.poles or _way(reading)
        for place in range(item.first, item.end)
    }
    return [
        place
        for place, word in enumerate(reading.words)
        if place not in reading.free
        and (place not in reading.numeric or _tells_how_often(reading, place))
        and place not in weighed
        and not word.is_mark
    ]


def _tells_how_often(reading: Reading, place: int) -> bool:
    word = reading.words[place]
    often = (quantity for quantity in reading.quantities if quantity.unit == INTERVAL)
    return any(overlaps(quantity, word.start, word.end) for quantity in often)


def _share(pair: Pair) -> float:
    """Of the words of content of a sentence, those that stand in the other; 0 where there are too few to tell."""
    content = _subject(pair.claim)
    if len(content) < _FEWEST[pair.claim.language]:
        return 0.0
    return sum(bool(pair.links[place]) for place in content) / len(content)


def _own(pair: Pair) -> list[int]:
    return [place for place in _subject(pair.claim) if not pair.links[place]]


def _exchanged(pair: Pair, back: Pair) -> bool:
    """Whether each has a word of its own between the same two neighbours: another drug, organ or group."""
    return any(
        _beside(pair, mine, -1) == theirs[0] or _beside(pair, mine, 1) == theirs[1]
        for mine in _own(pair)
        for theirs in ((_beside(back, place, -1), _beside(back, place, 1)) for place in _own(back))
    )


def _beside(pair: Pair, place: int, step: int) -> str:
    """The key of the next word that both sentences share, on one side."""
    place += step
    shared = set(_subject(pair.claim))
    while 0 <= place < len(pair.links) and not (place in shared and pair.links[place]):
        place += step
    return pair.claim.words[place].key if 0 <= place < len(pair.links) else ""


def _denied(pair: Pair, back: Pair) -> Literal[0, 1] | None:
    if _denies(pair, back):
        return 0
    return 1 if _denies(back, pair) else None


def _denies(pair: Pair, back: Pair) -> bool:
    """Whether the first sentence denies, once, what the second says and nowhere denies."""
    denials = [denial for denial in pair.claim.negations if not denial.adjective]
    if len(denials) != 1 or len(pair.claim.negations) != 1 or back.claim.negations:
        return False
    focus = _first(pair, denials[0])
    return focus is not None and bool(pair.links[focus])


def _first(pair: Pair, denial: Negation) -> int | None:
    return next(iter(pair.meant(denial.focus)), None) if denial.focus else None


def _turned(pair: Pair, back: Pair) -> Literal[0, 1] | None:
    """The sentence in which it goes down, where it goes up in the other and neither denies anything."""
    if pair.claim.negations or back.claim.negations:
        return None
    if pair.claim.has("than") or back.claim.has("than"):
        both = pair.claim.has("than") and back.claim.has("than")
        turned = both and comparison_differs(pair) and comparison_differs(back)
        return 1 if turned else None
    ways = _way(pair.claim), _way(back.claim)
    if set(ways) != {"up", "down"}:
        return None
    return 0 if ways[0] == "down" else 1


def _way(reading: Reading) -> str:
    """`up` or `down` where every word that says a way says the same one, else empty."""
    ways = {
        name.endswith(".0")
        for pole in reading.poles
        for name in pole.names
        if name.startswith(_AXES)
    }
    return ("up" if ways.pop() else "down") if len(ways) == 1 else ""


def _measured(pair: Pair, back: Pair) -> Literal[0, 1] | None:
    """The sentence with the smaller number, where each has one of a unit and the two are clearly apart."""
    if _way(pair.claim) != _way(back.claim) or len(pair.claim.negations) != len(
        back.claim.negations
    ):
        return None
    # Of a sentence of two clauses it cannot be told which of them is counted.
    if any(each.claim.clause[-1] != each.claim.clause[0] for each in (pair, back)):
        return None
    if _rates(pair.claim) != _rates(back.claim):
        return None
    mine, theirs = pair.claim.measures, back.claim.measures
    if len(mine) != 1 or len(theirs) != 1 or not _comparable(mine[0], theirs[0]):
        return None
    least, most = sorted((mine[0].value, theirs[0].value))
    if most - least <= _APART * most:
        return None
    return 0 if mine[0].value < theirs[0].value else 1


def _rates(reading: Reading) -> set[float]:
    return {quantity.value for quantity in reading.quantities if quantity.unit == INTERVAL}


def _comparable(one: Quantity, other: Quantity) -> bool:
    return one.unit == other.unit not in {"", "date", "age"} and not (one.bound or other.bound)
