"""Numbers told as one becoming the other keep their order: `from x to y`."""

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.reading import Reading

__all__ = ["reordered"]

_FROM = frozenset(("from", "由", "从"))
_TO = frozenset(("to", "至", "到", "为"))


def reordered(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """`from x to y` told as `from y to x`."""
    claim, quote = _from_to(pair.claim), _from_to(pair.quote)
    for start, end in claim:
        for other_start, other_end in quote:
            if (
                other_end in matches[start]
                and other_start in matches[end]
                and other_start not in matches[start]
            ):
                return Finding("the numbers before and after are swapped")
    return None


def _from_to(reading: Reading) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for n in range(len(reading.quantities) - 1):
        first, second = reading.quantities[n], reading.quantities[n + 1]
        before = [w.text.lower() for w in reading.words if w.end <= first.start][-12:]
        between = {w.text.lower() for w in reading.words if first.end <= w.start < second.start}
        if not _FROM.isdisjoint(before[-8:]) and not _TO.isdisjoint(between):
            pairs.append((n, n + 1))
        elif {"rather", "than"} <= between or {"instead", "of"} <= between:
            pairs.append((n + 1, n))
    return pairs
