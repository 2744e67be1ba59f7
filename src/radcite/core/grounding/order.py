"""Who did what to whom: two things that have changed sides around the word that relates them."""

from radcite.core.grounding.lexicon import keys_of
from radcite.core.grounding.pairing import Finding, Pair

__all__ = ["sides_exchanged"]

_MUTUAL = frozenset(
    key
    for word in (
        "associated",
        "related",
        "linked",
        "correlated",
        "compared",
        "differ",
        "相关关联比较",
    )
    for key in keys_of(word)
)
_PASSIVE = frozenset(("by", "被", "由", "与", "和"))


def sides_exchanged(pair: Pair) -> Finding | None:
    """All before a word of the claim stands after it in the quote, and all after it before."""
    if pair.claim.has("than", "than_before") or _passive(pair):
        return None
    content = pair.content()
    if not all(_repeated(pair, place) for place in content):
        return None
    for n in range(1, len(content) - 1):
        anchor = pair.links[content[n]]
        if len(anchor) != 1 or pair.claim.words[content[n]].key in _MUTUAL:
            continue
        (at,) = anchor
        before = all(min(pair.links[p]) > at for p in content[:n])
        if before and all(max(pair.links[p]) < at for p in content[n + 1 :]):
            return Finding(f"the sides have changed around: {pair.claim.words[content[n]].text}")
    return None


def _repeated(pair: Pair, place: int) -> bool:
    """Whether the word itself, not one of its meaning, stands in the quote: exchanged words are repeated."""
    return any(pair.quote.words[q].key == pair.claim.words[place].key for q in pair.links[place])


def _passive(pair: Pair) -> bool:
    sides = [
        not _PASSIVE.isdisjoint(word.text.lower() for word in reading.words)
        for reading in (pair.claim, pair.quote)
    ]
    return sides[0] != sides[1]
