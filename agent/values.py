"""The values that a question and a sentence speak of: a rule for 6 mm and less answers nothing about 7 mm."""

from collections.abc import Sequence
from math import inf

from radcite.core.grounding.quantities import Quantity, quantities
from radcite.core.language import detect_language
from radcite.core.normalization import normalize

__all__ = ["figures", "speaks_of_other_values"]

# Dates and bare counts lie in no range of a rule.
_NO_MEASURE = frozenset({"", "date"})
_UP_TO = frozenset({"<", "<="})
_FROM = frozenset({">", ">=", "reached", "above"})


def figures(words: str) -> frozenset[tuple[float, str]]:
    """The numbers of a sentence, each in the base unit of its dimension, with the dimension's name."""
    return frozenset((one.value, one.unit) for one in _quantities(words))


def speaks_of_other_values(sentence: str, question: str) -> bool:
    """Whether a question asks about a value, and a sentence gives bounds of that dimension which leave it out."""
    asked = [one for one in _quantities(question) if not one.bound and one.unit not in _NO_MEASURE]
    told = _quantities(sentence) if asked else ()
    return any(
        not _within(one.value, bounds)
        for one in asked
        if (bounds := [each for each in told if each.unit == one.unit])
        and (len(bounds) > 1 or bounds[0].bound)
    )


def _within(value: float, bounds: Sequence[Quantity]) -> bool:
    least = min(one.value for one in bounds)
    most = max(one.value for one in bounds)
    if any(one.bound in _UP_TO for one in bounds):
        least = -inf
    if any(one.bound in _FROM for one in bounds):
        most = inf
    return least <= value <= most


def _quantities(words: str) -> Sequence[Quantity]:
    return quantities(normalize(words).text, detect_language(words))
