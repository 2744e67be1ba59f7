"""A percentage is a share of something: what stands on either side of it must not change places."""

import re

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.normalization import is_cjk

__all__ = ["share_turned"]

_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?[%％]")
_LEAST_WORDS = 3


def share_turned(pair: Pair) -> Finding | None:
    """Chinese sentences in which a word has crossed the percentage: another whole, or the converse.

    发生水肿者中32.6%是纯合子 does not follow from 水肿在纯合子中占32.6%. Harmless inversions are refused as well: which
    of the two is the whole is not told by words alone.
    """
    claim, quote = pair.claim.text, pair.quote.text
    if pair.claim.language != "zh":
        return None
    for share in set(_PERCENT.findall(claim)):
        told, stated = _only_place(share, claim), _only_place(share, quote)
        if told is not None and stated is not None and _crossed(claim, told, quote, stated):
            return Finding(f"{share}% is a share of something else")
    return None


def _only_place(number: str, text: str) -> int | None:
    places = [match.start() for match in _PERCENT.finditer(text) if match[1] == number]
    return places[0] if len(places) == 1 else None


def _crossed(claim: str, told: int, quote: str, stated: int) -> bool:
    """Whether three characters in a row stand on the other side of the number than in the quote."""
    for start in range(len(claim) - _LEAST_WORDS + 1):
        words = claim[start : start + _LEAST_WORDS]
        if not all(map(is_cjk, words)) or quote.count(words) != 1 or claim.count(words) != 1:
            continue
        if (start < told) != (quote.index(words) < stated):
            return True
    return False
