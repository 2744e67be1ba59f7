"""What a user types, without what identifies a person: no trace, log, cache or model sees it otherwise."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from radcite.core.identifiers import Redactor
from radcite.core.written import without_controls

__all__ = ["Typed", "without_identifiers"]


def without_identifiers(text: str, known: Iterable[str] = ()) -> str:
    """A typed text with placeholders for what a label, a pattern or `known` gives away.

    Days are left: an answer may depend on them, and without a name they single out nobody.
    """
    return Redactor(known)(text)


Typed = Annotated[str, AfterValidator(without_controls), AfterValidator(without_identifiers)]
"""A text that can only be stored or passed on after it was searched for identifiers; nothing in it is invisible."""
