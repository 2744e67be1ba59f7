"""One question of a set."""

from collections.abc import Mapping

from radcite.core.frozen import Frozen

__all__ = ["Item"]


class Item(Frozen):
    """One question.

    Args:
        id: Within its set.
        question: The words that are asked.
        options: Of a choice, by their letters.
        gold: The right letter; `yes`, `no` or `maybe`; the name, or the names one of which will do; whole answers.
            For a list, one entry an item with its synonyms.
        image: Where its image lies within the data folder.
        unit: Whose it is: items of one patient, case or article are not independent.
    """

    id: str
    question: str
    options: Mapping[str, str] = {}
    gold: tuple[tuple[str, ...], ...]
    image: str | None = None
    unit: str = ""
