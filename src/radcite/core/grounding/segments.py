"""Where a sentence is cut: into statements, and into the shorter stretches that a word is said in."""

import re
from collections.abc import Container
from itertools import accumulate

from radcite.core.grounding.reading import Reading
from radcite.core.grounding.words import HARD, SOFT

__all__ = ["blanked", "parted", "statements", "turning_points"]

_CONTRAST = frozenset(("but", "whereas", "while", ";", "and"))
_VERBS = frozenset(
    (
        "was", "were", "is", "are", "had", "has", "have", "did", "does", "do", "can",
        "could", "may", "might", "will",
    )
)  # fmt: skip
_LEAN = frozenset(
    (
        "it", "its", "they", "them", "their", "this", "these", "those", "one", "ones", "so",
        "who", "which", "that", "he", "she", "not", "neither",
    )
)  # fmt: skip


_BRACKETED = re.compile(r"[（(][^()（）]*[)）]")


def blanked(text: str) -> str:
    """The text with what stands in brackets blanked; offsets stay."""
    return _BRACKETED.sub(lambda match: " " * len(match.group()), text)


def parted(reading: Reading, words: Container[str] = (), *, soft: bool = True) -> list[int]:
    """For each word how many marks and joining words stand before it; marks in brackets do not count.

    Args:
        reading: The sentence.
        words: The joining words, in lower case.
        soft: Whether a comma parts too, or only marks such as the semicolon.
    """
    marks = HARD | SOFT if soft else HARD
    cuts = (word.key in marks or word.text.lower() in words for word in reading.words)
    return list(accumulate(map(int, cuts)))


def statements(reading: Reading, *, leaning: bool = False) -> list[int]:
    """For each word the number of its statement: a part with a subject and a verb of its own, or a Chinese clause.

    Args:
        reading: The sentence.
        leaning: Whether what follows `, and` or `but` is apart even where it leans on the subject before it.
    """
    if reading.language == "zh":
        return list(reading.clause)
    cuts = {p for p, word in enumerate(reading.words) if word.key in HARD}
    cuts |= set(_joints(reading) if leaning else turning_points(reading))
    return list(accumulate(int(place in cuts) for place in range(len(reading.words))))


def turning_points(reading: Reading) -> list[int]:
    """Places of the English words that part two clauses, the second with a subject and a verb of its own."""
    words = ["" if word.key == "、" else word.text.lower() for word in reading.words]
    cuts: list[int] = []
    for place in _joints(reading):
        word = words[place]
        rest = words[place + 1 :]
        following = rest[: next((n for n, w in enumerate(rest) if w in _CONTRAST), len(rest))]
        leans = not _LEAN.isdisjoint(following) or (bool(following) and following[0] in _VERBS)
        told = word == ";" or not _VERBS.isdisjoint(following[1:])
        if not leans and told:
            cuts.append(place)
    return cuts


def _joints(reading: Reading) -> list[int]:
    """Places of `but`, `whereas`, `;` and of an `and` after a comma."""
    words = ["" if word.key == "、" else word.text.lower() for word in reading.words]
    return [
        place
        for place, word in enumerate(words)
        if word in _CONTRAST and (word != "and" or (place > 0 and words[place - 1] == ","))
    ]
