"""A subject of one part of the quote with the predicate of another: 胰腺增大 of 胰腺形态正常，脾脏增大."""

import re
from itertools import accumulate

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.words import HARD, SOFT
from radcite.core.normalization import is_cjk

__all__ = ["predicate_of_another"]

_JOINING = frozenset(("but", "whereas", "while", "and"))
_LED = frozenset(
    (
        "if", "when", "although", "though", "because", "since", "after", "before", "during", "in", "among", "unlike",
        "compared", "despite", "with", "without", "for", "at", "on", "of", "by", "from", "to", "as", "unless", "while",
    )
)  # fmt: skip
_VERBS = frozenset(
    (
        "was", "were", "is", "are", "had", "has", "have", "did", "does", "do", "can", "could", "may", "might", "will",
        "should", "must", "fell", "rose", "grew", "found", "led", "became", "shows", "showed", "gave", "took", "went",
        "lies", "lay", "arose", "occurs", "causes", "fills", "enters", "measures", "contains", "appears",
        "show", "demonstrate", "demonstrates", "reveal", "reveals", "suggest", "suggests", "include", "includes",
        "contain", "cause", "affect", "affects", "involve", "involves", "remain", "remains", "occur", "appear",
    )
)  # fmt: skip
# What says how a thing is, when or on what picture: a clause that opens with it still speaks of the thing before.
_DESCRIBING = frozenset(
    (
        "mild", "moderate", "severe", "small", "large", "tiny", "minimal", "trace", "diffuse", "focal", "multiple",
        "several", "new", "stable", "bilateral", "marked", "slight", "subtle", "mean", "median", "main", "most",
    )
)  # fmt: skip
_LIGHT = frozenset(
    (
        "sign",
        "finding",
        "findings",
        "feature",
        "method",
        "approach",
        "technique",
        "mean",
        "median",
        "main",
    )
)
_CHINESE_DESCRIBING = re.compile(
    r"增强扫描|增强后|增强|平扫|扫描|动脉期|门静脉期|门脉期|静脉期|延迟期|实质期|检查|术后|术前|治疗后|治疗前|随访|复查|目前|其中"
    r"|同时|此外|其次|另外|主要|大小|形态|边界|边缘|轮廓|密度|信号|回声|内部|腔内|其内|内见|周围|邻近|局部|表面|部分|包膜|壁"
    r"|结构|位置|走行|直径|最大径|长径|短径|较大者|大者|最大者|范围|T[12]WI|DWI|ADC|CDFI|FLAIR|常见|少见|多见|典型|临床|进一步"
    r"|提示|考虑|建议|显示|表现|可见|未见|明显|少许|多发|单发|局限|弥漫|双侧|平均|中位|最常|较常|通常|一般|也|亦"
)
_CHINESE_FRONT = re.compile(
    r"(?:(?<![卒居])中|时|后|前|下|期间|情况下)$|^(?:在|对于?|当|若|如果?|与|除)"
)


def predicate_of_another(pair: Pair) -> Finding | None:
    """A claim's clause that begins with one part of the quote and ends with another, of which a subject is left out."""
    parts = _parts(pair.quote)
    linked = {q for p in range(len(pair.links)) for q in _links(pair, p)}
    for clause in sorted(set(pair.claim.clause)):
        homes = [
            (home, places)
            for p in pair.claim.clause_words(clause)
            if (pair.carries(p) or p in pair.claim.numeric) and (places := _links(pair, p))
            for home in ({parts[q] for q in places},)
            if len(home) == 1
        ]
        places = pair.claim.clause_words(clause)
        fronted = _CHINESE_FRONT.search(_said(pair.claim, places))
        if not homes or (pair.claim.language == "zh" and fronted):
            continue
        first, last = min(homes[0][0]), min(homes[-1][0])
        if _labelled_otherwise(pair, clause, parts, last, linked):
            return Finding("the quote says it of another level or segment")
        if first == last or not _apart(pair.quote, parts, first, last):
            continue
        before = min(min(places) for home, places in homes if last in home)
        inherits = last < first and pair.quote.language == "zh"
        if any(
            _own_subject(pair.quote, parts, part, before, linked)
            for part in ((last, last - 1) if inherits else (last,))
        ):
            return Finding("the quote says it of something else")
    return None


_LABEL = re.compile(r"[A-Za-z]{1,2}\d{1,2}")


def _labelled_otherwise(
    pair: Pair, clause: int, parts: list[int], part: int, linked: set[int]
) -> bool:
    """`S7` of another part in the claim, and an `S4` in this part that the claim leaves out."""
    told = [
        pair.links[p]
        for p in pair.claim.clause_words(clause)
        if _LABEL.fullmatch(pair.claim.words[p].text) and pair.links[p]
    ]
    own = any(
        parts[q] == part and q not in linked and _LABEL.fullmatch(word.text)
        for q, word in enumerate(pair.quote.words)
    )
    return own and any(all(parts[q] != part for q in places) for places in told)


def _links(pair: Pair, place: int) -> frozenset[int]:
    """What a word stands for; a Chinese character that nothing links stands for itself."""
    word = pair.claim.words[place].text
    if pair.links[place] or not is_cjk(word[0]):
        return pair.links[place]
    same = (q for q, other in enumerate(pair.quote.words) if other.text == word)
    return frozenset(q for q in same if q not in pair.quote.free)


def _parts(reading: Reading) -> list[int]:
    """For each word the number of its part: cut at marks, and in English at a joining word between two verbs."""
    words = [word.text.lower() for word in reading.words]
    marks = HARD | SOFT if reading.language == "zh" else (HARD | SOFT) - {":"}
    cuts = {p for p, word in enumerate(reading.words) if word.key in marks}
    if reading.language == "en":
        cuts |= {p for p, word in enumerate(words) if word in _JOINING and _joins(reading, p)}
    return list(accumulate(int(place in cuts) for place in range(len(words))))


def _joins(reading: Reading, place: int) -> bool:
    """Whether verbs stand on both sides of a joining word, and not directly after it."""
    after = _until_mark(reading, place + 1)
    return any(_is_verb(reading, p) for p in range(place)) and any(
        _is_verb(reading, p) for p in after[1:]
    )


def _until_mark(reading: Reading, start: int) -> range:
    marks = (p for p in range(start, len(reading.words)) if reading.words[p].key in HARD | SOFT)
    return range(start, next(marks, len(reading.words)))


def _is_verb(reading: Reading, place: int) -> bool:
    word = reading.words[place].text.lower()
    return word in _VERBS or (len(word) > 4 and word.endswith("ed"))


def _apart(reading: Reading, parts: list[int], first: int, last: int) -> bool:
    """Whether both parts are statements: neither says only when or in whom the other holds."""
    one, other = ([p for p, number in enumerate(parts) if number == n] for n in (first, last))
    if reading.language == "zh":
        return not any(_CHINESE_FRONT.search(_said(reading, part)) for part in (one, other))
    if not any(_is_verb(reading, p) for p in range(len(parts))):
        return True
    elliptic = any(n.elliptic and parts[n.at] in (first, last) for n in reading.negations)
    heads = [
        next((p for p in part if not reading.words[p].is_mark), part[0]) for part in (one, other)
    ]
    led = any(reading.words[p].text.lower() in _LED for p in heads)
    earlier = one if first < last else other
    return not led and not elliptic and any(_is_verb(reading, p) for p in earlier)


def _said(reading: Reading, part: list[int]) -> str:
    start, end = reading.words[part[0]].start, reading.words[part[-1]].end
    return reading.text[start:end].strip(" ，,。；;：:")


def _own_subject(
    reading: Reading, parts: list[int], part: int, before: int, linked: set[int]
) -> bool:
    """Whether content that the claim leaves out opens a part, before what the claim takes from it."""
    places = [p for p in range(before) if parts[p] == part]
    left = [
        p
        for p in places
        if not {p} & (linked | reading.free | reading.numeric | _weighing(reading))
    ]
    if reading.language == "zh":
        spans = [m.span() for m in _CHINESE_DESCRIBING.finditer(reading.text)]
        return any(
            not any(start <= reading.words[p].start < end for start, end in spans) for p in left
        )
    verbless = not any(_is_verb(reading, p) for p in range(len(parts)))
    light = _DESCRIBING if verbless else _LIGHT
    left = [p for p in left if reading.words[p].text.lower() not in light]
    told = any(_is_verb(reading, p) for p in range(left[0], before + 1)) if left else False
    return bool(left) and not _is_verb(reading, left[0]) and (verbless or told)


def _weighing(reading: Reading) -> set[int]:
    """Words of denials, hedges and comparisons, which have rules of their own."""
    cues = [cue for cue in reading.cues if cue.names - {"+population", "+kin"}]
    return {place for cue in cues for place in range(cue.first, cue.end)}
