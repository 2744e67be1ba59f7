"""How a statement stands: whether it has an exception, and whether it is only what was once believed."""

import re

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.segments import statements

__all__ = ["belief_told_as_fact", "exception_dropped"]

_EXCEPT = re.compile(
    r"\b(?:except(?:ing)?|with the exception of|excluding|excepted|save for)\b", re.IGNORECASE
)
_BESIDES = re.compile(
    r"\b(?:apart from|aside from|other than|besides|with the exclusion of)\b", re.IGNORECASE
)
_CHINESE_EXCEPT = re.compile(
    r"(?<![切清排解去拔摘删消扫免废根祛剔开])除(?:了|去)?[^，,。；;外]{1,20}(?:之外|以外|外|[，,])"
    r"(?![，,]?[^，,。；;]{0,8}?[还亦另又也])"
)
_SOFT = frozenset("，,")
_CHINESE_ANY = re.compile(
    r"(?<![切清排解去拔摘删消扫免废根祛剔开])除(?:了|去)?[^，,。；;]{1,20}(?:外|[，,])"
)


def exception_dropped(pair: Pair) -> Finding | None:
    """`Apart from headache, no …` and `除…外，未见…` told as if there were no exception."""
    claim, quote = pair.claim, pair.quote
    if quote.language == "zh":
        found = _CHINESE_EXCEPT.search(quote.text)
        told = _CHINESE_ANY.search(claim.text) is not None
    else:
        found = _EXCEPT.search(quote.text) or (
            _BESIDES.search(quote.text) if _whole(quote) else None
        )
        told = bool(_EXCEPT.search(claim.text) or _BESIDES.search(claim.text))
    if found is None or told:
        return None
    statement = statements(quote)
    mine = {statement[quote.place_at(found.start())]}
    if not _SOFT.isdisjoint(quote.text[found.end() - 1 : found.end() + 1]):
        mine.add(max(mine) + 1)
    if pair.rests_on(frozenset(p for p, number in enumerate(statement) if number in mine)):
        return Finding("the quote makes an exception that the claim leaves out")
    return None


def _whole(reading: Reading) -> bool:
    """Whether a sentence denies something or speaks of all: only then does `apart from` take something out."""
    lead = _BESIDES.search(reading.text)
    span = lead.span() if lead else (0, 0)
    denied = any(
        not span[0] <= reading.words[negation.at].start < span[1] for negation in reading.negations
    )
    return denied or reading.has("all")


_REFUTED = re.compile(
    r"refute|disprove|discredit|debunk|myth|misconception|否定|推翻|误解|误区|谬误|谣言|并非如此|不实"
)


def belief_told_as_fact(pair: Pair) -> Finding | None:
    """`It was once believed that …`, `…的说法已被否定`: a belief of the past or a refuted one told as a fact."""
    if pair.claim.has("believed"):
        return None
    quote = pair.quote
    statement = statements(quote, leaning=True)
    for cue in quote.cues_of("believed"):
        mine = {statement[cue.first]}
        before = quote.language == "zh" and _REFUTED.search(
            quote.text, quote.words[cue.first].start, quote.words[cue.end - 1].end
        )
        if before and not any(
            quote.clause[q] in mine for p in pair.content() for q in pair.links[p]
        ):
            mine.add(statement[cue.first] - 1)
        if pair.rests_on(frozenset(p for p, number in enumerate(statement) if number in mine)):
            return Finding("the quote tells a belief that is past or refuted")
    return None
