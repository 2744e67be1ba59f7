"""Every content word of the claim stands in the quote, or a word of the same meaning does."""

import re

from radcite.core.grounding.context import supplied
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.roles import comparing_words

__all__ = ["other_drug", "uncovered_words"]

_WEAK_FROM = 0.6
_DRUG = re.compile(
    r"[㐀-䶿一-鿿]{2}(?:单抗|替尼|沙星|普利|他汀|沙坦|地平|洛尔|膦酸|列净|列汀|列酮|双胍|脲|霉素|西林|头孢|拉唑|替丁|韦|铂|紫杉醇|吡喃|肝素|加班|普隆|唑仑|昔布|松|尼龙)"
)


def other_drug(pair: Pair) -> Finding | None:
    """A Chinese drug name whose end alone stands in the quote (`那他珠单抗` beside `奥瑞珠单抗`)."""
    if pair.claim.language != "zh":
        return None
    for match in _DRUG.finditer(pair.claim.text):
        if match.group() not in pair.quote.text:
            return Finding(f"the quote does not name {match.group()}", "weak")
    return None


def uncovered_words(pair: Pair) -> Finding | None:
    """Content words that nothing in the quote stands for."""
    content = [p for p in range(len(pair.links)) if pair.carries(p)]
    told = comparing_words(pair.claim)
    missing = [p for p in content if not pair.links[p] and p not in told]
    if missing and supplied(pair, missing):
        return None
    if not missing:
        return None if content or pair.claim.quantities else Finding("the claim states nothing")
    share = 1 - len(missing) / len(content)
    joiner = "" if pair.claim.language == "zh" else " "
    words = joiner.join(pair.claim.words[p].text for p in missing)
    return Finding(f"not in the quote: {words}", "weak" if share >= _WEAK_FROM else "unsupported")
