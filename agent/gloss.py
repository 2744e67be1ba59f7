"""A claim told again in the reader's language, kept only where nothing that can be compared has changed."""

from radcite.core.grounding.gloss import gloss_keeps
from radcite.core.language import detect_language
from radcite.core.sources import Language
from radcite.tools.knowledge.concepts import concepts_in

__all__ = ["checked_gloss"]

_COMPARED = frozenset({"disease", "drug"})
_LONGEST = 1_000


def checked_gloss(text: str, gloss: str, language: Language) -> str | None:
    """The gloss, or None: without one, in another language than the reader's, or where it says otherwise.

    Args:
        text: The claim, in the language of the words it quotes.
        gloss: The same in the reader's language, as a model wrote it.
        language: The reader's.
    """
    told = " ".join(gloss.split())
    if not told or len(told) > _LONGEST or detect_language(told) != language:
        return None
    if not gloss_keeps(text, told):
        return None
    return told if _named(told) <= _named(text) else None


def _named(text: str) -> frozenset[str]:
    """The diseases and drugs of the term file that are named."""
    found = concepts_in(text, detect_language(text))
    return frozenset(one.term_id for one in found if one.category in _COMPARED)
