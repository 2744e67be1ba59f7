"""The form of a report: a template's headings, what a reviewer wrote there, and the findings that belong there."""

from collections.abc import Sequence

from pydantic import Field

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.written import lines_of

__all__ = ["FormField", "Heading", "ReportForm", "written"]

_MOST_CHARACTERS = 8_000


class Heading(Frozen):
    """A heading of a template, as a writer is told of it."""

    id: str = Field(pattern=r"^[a-z][a-z_]{0,39}$")
    title: str = Field(min_length=1, max_length=200)


class FormField(Frozen):
    """One heading. `text` is the reviewer's own; `findings` are ids of drafted findings that belong here.

    Titles are kept with the report, so that a template changed later changes nothing that was signed.
    """

    id: str = Field(pattern=r"^[a-z][a-z_]{0,39}$")
    title: str = Field(min_length=1, max_length=200)
    required: bool = False
    text: str | None = Field(default=None, max_length=_MOST_CHARACTERS)
    findings: tuple[str, ...] = ()

    def filled(self, stated: Sequence[str]) -> bool:
        """Whether something stands here: own words, or one of the findings that state something of the patient."""
        return self.text is not None or bool(set(stated) & set(self.findings))


class ReportForm(Frozen):
    """The headings in their order; `template` names the template and its version, as in `chest-ct.v1`."""

    template: str = Field(pattern=r"^[a-z][a-z-]{0,39}\.v[1-9][0-9]*$")
    title: str = Field(min_length=1, max_length=200)
    fields: tuple[FormField, ...] = Field(min_length=1)

    def missing(self, stated: Sequence[str]) -> tuple[FormField, ...]:
        """The required headings under which nothing stands.

        Args:
            stated: Ids of the kept findings about the asked image itself: what is said of a similar case or of
                the literature says nothing of the patient and fills no heading.
        """
        return tuple(one for one in self.fields if one.required and not one.filled(stated))


def written(text: str | None) -> str | None:
    """What a person wrote under a heading, line by line; None for nothing.

    Raises:
        RadciteError: `VALIDATION` for control characters, or for too much.
    """
    whole = lines_of(text)
    if whole and len(whole) > _MOST_CHARACTERS:
        raise RadciteError(
            "VALIDATION",
            f"more than {_MOST_CHARACTERS} characters under one heading",
            f"单栏超过 {_MOST_CHARACTERS} 字符",
        )
    return whole
