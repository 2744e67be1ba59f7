"""Who did what to whom: two things that have changed sides around the word that relates them."""

from radcite.core.grounding.lexicon import keys_of
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading

__all__ = ["events_turned", "sides_exchanged"]

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
_BE = frozenset(("be", "been", "being", "is", "are", "was", "were"))
_PASSIVE = frozenset(("by", "被", "由", "与", "和"))


def sides_exchanged(pair: Pair) -> Finding | None:
    """All before a word of the claim stands after it in the quote, and all after it before."""
    if pair.claim.has("than", "than_before") or _passive(pair):
        return None
    content = pair.content()
    said_of = {pole.first for pole in pair.claim.poles if "when" not in " ".join(pole.names)}
    if not all(_repeated(pair, place) for place in content):
        return None
    for n in range(1, len(content) - 1):
        anchor = pair.links[content[n]]
        mutual = pair.claim.words[content[n]].key in _MUTUAL or content[n] in said_of
        if len(anchor) != 1 or mutual:
            continue
        (at,) = anchor
        if _suffered(pair.claim, content[n]) != _suffered(pair.quote, at):
            continue
        before = all(min(pair.links[p]) > at for p in content[:n])
        if before and all(max(pair.links[p]) < at for p in content[n + 1 :]):
            return Finding(f"the sides have changed around: {pair.claim.words[content[n]].text}")
    return None


def _suffered(reading: Reading, place: int) -> bool:
    """Whether a word is the participle of a passive: `could not be predicted`."""
    before = {word.text.lower() for word in reading.words[max(0, place - 3) : place]}
    return reading.words[place].text.lower().endswith(("ed", "en")) and not _BE.isdisjoint(before)


def _repeated(pair: Pair, place: int) -> bool:
    """Whether the word itself, not one of its meaning, stands in the quote: exchanged words are repeated."""
    return any(pair.quote.words[q].key == pair.claim.words[place].key for q in pair.links[place])


def _passive(pair: Pair) -> bool:
    sides = [
        not _PASSIVE.isdisjoint(word.text.lower() for word in reading.words)
        for reading in (pair.claim, pair.quote)
    ]
    return sides[0] != sides[1]


def events_turned(pair: Pair) -> Finding | None:
    """`X 前 Y` told as `Y 前 X`: what came first came last."""
    for mine in pair.claim.poles:
        axis = {name for name in mine.names if name.startswith(("order.", "when."))}
        for theirs in (pole for pole in pair.quote.poles if pole.names & axis):
            clause = pair.claim.clause_words(pair.claim.clause[mine.first])
            content = [p for p in pair.content(clause) if not mine.first <= p < mine.end]
            before = [p for p in content if p < mine.first]
            after = [p for p in content if p >= mine.end]
            turned = any(min(pair.links[p]) >= theirs.end for p in before) and any(
                max(pair.links[p]) < theirs.first for p in after
            )
            if turned and not _straight(pair, before, theirs.first):
                return Finding("the order of events differs")
    return _steps_turned(pair)


def _steps_turned(pair: Pair) -> Finding | None:
    """`先 X，后 Y` told as `先 Y，后 X`."""
    mine, theirs = _second_step(pair.claim), _second_step(pair.quote)
    if mine is None or theirs is None:
        return None
    content = pair.content()
    first = [max(pair.links[p]) < theirs for p in content if p >= mine]
    second = [min(pair.links[p]) >= theirs for p in content if p < mine]
    return Finding("the order of the steps differs") if any(first) and any(second) else None


def _second_step(reading: Reading) -> int | None:
    """Where `后` or `再` follows a `先` (`then` a `first`)."""
    words = [word.text.lower() for word in reading.words]
    starts = [p for p, word in enumerate(words) if word in ("先", "first")]
    after = range(starts[0] + 1, len(words)) if starts else range(0)
    return next((p for p in after if words[p] in ("后", "再", "then")), None)


def _straight(pair: Pair, before: list[int], at: int) -> bool:
    return any(min(pair.links[p]) < at for p in before)
