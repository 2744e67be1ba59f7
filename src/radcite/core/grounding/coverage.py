"""Every content word of the claim stands in the quote, or a word of the same meaning does."""

import re

from radcite.core.grounding.context import supplied
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.roles import comparing_words
from radcite.core.normalization import is_cjk

__all__ = ["other_drug", "uncovered_words"]

_WEAK_FROM = 0.6
_SIDES = frozenset("上下左右前后内外近远")
_DRUG = re.compile(
    r"(?![使应服给选采停加改合联予]用|给予|首选|推荐|口服|建议)[㐀-䶿一-鿿]{2}(?:单抗|替尼|沙星|普利|他汀|沙坦|地平|洛尔|膦酸|列净|列汀|列酮|双胍|脲|霉素|西林|头孢|拉唑|替丁|韦|铂|紫杉醇|吡喃|肝素|加班|普隆|唑仑|昔布|松|尼龙)"
)


def other_drug(pair: Pair) -> Finding | None:
    """A Chinese drug name whose end alone stands in the quote (`那他珠单抗` beside `奥瑞珠单抗`)."""
    if pair.claim.language != "zh":
        return None
    for match in _DRUG.finditer(pair.claim.text):
        if match.group() not in pair.quote.text:
            return Finding(f"the quote does not name {match.group()}", "weak")
    return None


def _left_over(pair: Pair, place: int) -> bool:
    """A single character between words that are told, and itself in the quote: `压到` of `压迫`."""
    word = pair.claim.words[place].text
    weighed = (*pair.claim.poles, *pair.claim.cues)
    if not is_cjk(word[0]) or any(item.first <= place < item.end for item in weighed):
        return False
    beside = [p for p in (place - 1, place + 1) if 0 <= p < len(pair.links)]
    alone = all(pair.links[p] or not pair.carries(p) for p in beside)
    placed = any(pair.claim.words[p].text in _SIDES for p in beside)
    return alone and not placed and word in pair.quote.text


def _closes_exception(pair: Pair, place: int) -> bool:
    """The 外 of 除…外, which a quote may leave out after 除了."""
    both = "除" in pair.claim.text and "除" in pair.quote.text
    return both and pair.claim.words[place].text == "外"


def uncovered_words(pair: Pair) -> Finding | None:
    """Content words that nothing in the quote stands for.

    Where not one word is linked the two speak of different things, which no model may overrule: one of wording
    vouches for what says nothing.
    """
    content = [p for p in range(len(pair.links)) if pair.carries(p)]
    told = comparing_words(pair.claim)
    missing = [
        p
        for p in content
        if not pair.links[p]
        and p not in told
        and not _left_over(pair, p)
        and not _closes_exception(pair, p)
    ]
    if missing and supplied(pair, missing):
        return None
    if not missing:
        return None if content or pair.claim.quantities else Finding("the claim states nothing")
    share = 1 - len(missing) / len(content)
    joiner = "" if pair.claim.language == "zh" else " "
    words = joiner.join(pair.claim.words[p].text for p in missing)
    return Finding(
        f"not in the quote: {words}",
        "weak" if share >= _WEAK_FROM else "unsupported",
        "wording" if pair.content() else "veto",
    )
