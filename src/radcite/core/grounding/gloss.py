"""Whether a gloss, a sentence told again in the other language, keeps what can be compared across languages."""

from collections.abc import Sequence

from radcite.core.grounding.reading import Reading, read
from radcite.core.language import detect_language
from radcite.core.normalization import normalize
from radcite.core.sentences import split_sentences

__all__ = ["gloss_keeps"]

# Sides, levels and directions mean the same in either language; what else the rules know is of one language.
_AXES = frozenset({"lat", "vert", "change"})


def gloss_keeps(text: str, gloss: str) -> bool:
    """Whether numbers with their units, sides, levels, directions of change and denial are the same in both.

    What else the words say is not compared: a gloss is shown as one, and never in place of the text.
    """
    told, again = _readings(text), _readings(gloss)
    if told[0].language == again[0].language:
        return False
    denied, denied_again = (any(one.negations for one in each) for each in (told, again))
    return (
        denied == denied_again
        and _amounts(told) == _amounts(again)
        and _poles(told) == _poles(again)
    )


def _readings(text: str) -> Sequence[Reading]:
    plain, language = normalize(text).text, detect_language(text)
    sentences = [plain[start:end] for start, end in split_sentences(plain)] or [plain]
    return [read(sentence, language) for sentence in sentences]


def _amounts(readings: Sequence[Reading]) -> list[tuple[float, str]]:
    return sorted(
        (round(quantity.value, 6), quantity.bound)
        for reading in readings
        for quantity in reading.quantities
    )


def _poles(readings: Sequence[Reading]) -> frozenset[str]:
    return frozenset(
        name
        for reading in readings
        for pole in reading.poles
        for name in pole.names
        if name.partition(".")[0] in _AXES
    )
