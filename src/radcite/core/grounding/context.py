"""What a quote leaves unsaid because its source's title, or its case's record, has said it already."""

import re
from functools import lru_cache

from radcite.core.grounding.pairing import Pair
from radcite.core.grounding.reading import Reading, read
from radcite.core.sources import Case, Language, Passage, Source

__all__ = ["supplied", "topic"]

_CONTRAST = re.compile(
    r"\b(?:versus|vs|and|or|against|compared)\b|[与和及、]|对比|比较",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?:for|in|of|among|on|during)\b|治疗|诊断|用于|筛查|评价|评估", re.IGNORECASE
)
_ARM = re.compile(
    r"\b(?:ct|mri|mr|pet|us|ultrasound|ultrasonography|mammography|tomosynthesis|radiographs?|radiography|scintigraphy"
    r"|[a-z]+(?:mab|nib|statin|pril|sartan|olol|mycin|cillin|floxacin|azole|oxaban|glutide|gliflozin|dronate))\b"
    r"|(?:zoledronic|acetylsalicylic) acid|CT|MRI|PET|超声|造影|[㐀-䶿一-鿿]{1,3}(?:单抗|替尼|他汀|沙班|列净|膦酸)",
    re.IGNORECASE,
)
_MOST = {"en": 2, "zh": 4}


@lru_cache(maxsize=1024)
def _concepts(text: str, language: Language) -> frozenset[str]:
    reading = read(text, language)
    barred = reading.free | reading.numeric | _guarded(reading)
    return frozenset(name for name, places in reading.concepts.items() if not places & barred)


def _guarded(reading: Reading) -> set[int]:
    """Words that other rules weigh: sides, denials, hedges, comparisons."""
    cues = [cue for cue in reading.cues if cue.names - {"+population"}]
    return {place for item in (*reading.poles, *cues) for place in range(item.first, item.end)}


def topic(source: Source, language: Language) -> frozenset[str]:
    """Concepts that hold for all a source says: the subject of its title, or a case's modality and body part.

    Of a title that sets two things side by side only what both are about counts; a method or a drug
    that it names may be one arm of several, so it never does.
    """
    if isinstance(source, Case):
        return _concepts(" ".join(filter(None, (source.modality, source.body_part))), language)
    if not isinstance(source, Passage) or not source.title:
        return frozenset()
    title = source.title
    for contrast in _CONTRAST.finditer(source.title):
        about = _TOPIC.search(source.title, contrast.end())
        title = source.title[about.end() :] if about else ""
    return _concepts(_ARM.sub(" ", title), language)


def supplied(pair: Pair, missing: list[int]) -> bool:
    """Whether the topic supplies the claim's words that the quote lacks, and none replaces one of its own.

    A word of the claim next to the missing one must stand in the quote, and there beside no content
    that the claim has dropped: `prostate cancer` is not told of `breast cancer`.
    """
    if len(missing) > _MOST[pair.claim.language] or not all(_on_topic(pair, p) for p in missing):
        return False
    told = {q for link in pair.links for q in link}
    return all(_fits(pair, place, missing, told) for place in missing)


def _on_topic(pair: Pair, place: int) -> bool:
    reading = pair.claim
    over = (phrase.names for phrase in reading.phrases if phrase.first <= place < phrase.end)
    known = {reading.words[place].key}.union(*over) & pair.topic
    return bool(known) and place not in _guarded(reading) | reading.numeric


def _fits(pair: Pair, place: int, missing: list[int], told: set[int]) -> bool:
    beside = [n for step in (-1, 1) if (n := _neighbour(pair, place, step, missing)) is not None]
    return bool(beside) and all(
        any(_open(pair, q, -1 if other > place else 1, told) for q in pair.links[other])
        for other in beside
    )


def _neighbour(pair: Pair, place: int, step: int, missing: list[int]) -> int | None:
    """The next word of content on one side, unless a mark comes first."""
    place += step
    while 0 <= place < len(pair.links) and not pair.claim.words[place].is_mark:
        if place not in missing and pair.carries(place):
            return place
        place += step
    return None


def _open(pair: Pair, place: int, step: int, told: set[int]) -> bool:
    """Whether no content that the claim has dropped follows on this side of a word of the quote."""
    quote = pair.quote
    place += step
    while 0 <= place < len(quote.words) and not quote.words[place].is_mark:
        if place not in quote.free and place not in quote.numeric:
            return place in told
        place += step
    return True
