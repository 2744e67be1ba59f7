"""What has ended is not told as going on: a drug that is stopped as given, a finding that is gone as there."""

import re

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.words import HARD, SOFT, Cue

__all__ = ["ended_told_as_going_on"]

_PARTING = HARD | SOFT | {"and", "but", "while", "whereas"}
_USED = re.compile(
    r"\b(?:tak(?:e|es|en|ing)|took|giv(?:e|es|en|ing)|gave|us(?:e|es|ed|ing)|start(?:s|ed|ing)?|beg[aiu]n(?:s|ning)?"
    r"|initiat\w+|administ\w+|continu\w+|resum\w+|receiv\w+|prescri\w+"
    r"|smok(?:e|es|ed|ing)|drink(?:s|ing)?)\b"
    r"|使用|应用|服用|口服|给予|给药|用药|开始|继续|加用|启用|改用|恢复|接受",
    re.IGNORECASE,
)
_HALF = frozenset(
    (
        "partially",
        "partly",
        "nearly",
        "almost",
        "incompletely",
        "incomplete",
        "partial",
        "部",
        "分",
        "未",
    )
)
_SHARPNESS = frozenset(
    (
        "spatial",
        "temporal",
        "image",
        "high",
        "higher",
        "low",
        "lower",
        "contrast",
        "energy",
        "axial",
    )
)


def ended_told_as_going_on(pair: Pair) -> Finding | None:
    """`Warfarin is stopped` told as `is taken`, `the effusion has resolved` as `there is an effusion`."""
    if pair.claim.negations:
        return None
    for cue in pair.quote.cues_of("+stopped"):
        rest = _stretch(pair.quote, cue)
        if (
            not pair.claim.has("+stopped")
            and _USED.search(pair.claim.text) is not None
            and not _used(pair.quote, cue, rest)
            and _rests_on(pair, rest)
        ):
            return Finding("the quote says that it is stopped")
    if pair.claim.has("+stopped") and any(_rests_on(pair, rest) for rest in _kept_up(pair.quote)):
        return Finding("the quote does not say that it is stopped")
    for cue in pair.quote.cues_of("+resolved"):
        past = pair.claim.has("+resolved", "history", "historical")
        if not past and not _halfway(pair.quote, cue) and _rests_on(pair, _gone(pair.quote, cue)):
            return Finding("the quote says that it is gone")
    return None


def _rests_on(pair: Pair, places: range) -> bool:
    return any(pair.links[p] <= set(places) for p in pair.content())


def _stretch(reading: Reading, cue: Cue) -> range:
    """The words around a cue up to the next marks or joining words."""
    words = [word.text.lower() for word in reading.words]
    first = next((p for p in range(cue.first - 1, -1, -1) if words[p] in _PARTING), -1) + 1
    end = next((p for p in range(cue.end, len(words)) if words[p] in _PARTING), len(words))
    return range(first, end)


def _used(reading: Reading, cue: Cue, stretch: range) -> bool:
    """Whether something is used, too, in the stretch that says what is stopped (`stop taking` is one word)."""
    start, end = reading.words[stretch[0]].start, reading.words[stretch[-1]].end
    before = reading.text[start : reading.words[cue.first].start]
    after = reading.text[reading.words[cue.end - 1].end : end].lstrip()
    if object_of := _USED.match(after):
        after = after[object_of.end() :]
    return _USED.search(before) is not None or _USED.search(after) is not None


def _kept_up(reading: Reading) -> list[range]:
    """Stretches of a sentence on something stopped in which another thing is used."""
    stopped = [_stretch(reading, cue) for cue in reading.cues_of("+stopped")]
    if not stopped:
        return []
    used = (reading.place_at(match.start()) for match in _USED.finditer(reading.text))
    return [
        _stretch(reading, Cue(place, place + 1, frozenset()))
        for place in used
        if not any(place in stretch for stretch in stopped)
    ]


def _gone(reading: Reading, cue: Cue) -> range:
    """What is gone: the words before `resolved` and 已吸收, after `resolution of` and where nothing stands before."""
    stretch = _stretch(reading, cue)
    if reading.words[cue.end - 1].text.lower() == "of" or stretch.start == cue.first:
        return range(cue.end, stretch.stop)
    return range(stretch.start, cue.first)


def _halfway(reading: Reading, cue: Cue) -> bool:
    """Whether it is gone in part only, or the resolution is an image's."""
    before = {word.text.lower() for word in reading.words[max(0, cue.first - 2) : cue.first]}
    return not before.isdisjoint(_HALF | _SHARPNESS)
