"""Templates of reports by modality: data files beside this module, and a draft laid out by one of them."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from pydantic import Field

from radcite.core.claims import Citation, ImageLocation
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.report_form import FormField, Heading, ReportForm
from radcite.core.review import Finding, Report
from radcite.core.sources import Language

__all__ = ["Template", "TemplateField", "chosen", "headings", "laid_out", "templates"]

_GENERAL = "general"
_READERS = frozenset({"indication", "comparison"})


class TemplateField(Frozen):
    """A heading in both languages, and which drafted statements go below it.

    `words` are beginnings of English words, lower case, or parts of Chinese ones; `measured` takes what image
    tools measured; `rest` takes what no other heading did.
    """

    id: str
    en: str
    zh: str
    required: bool = False
    measured: bool = False
    rest: bool = False
    words: tuple[str, ...] = ()

    def title(self, language: Language) -> str:
        """Its title."""
        return self.zh if language == "zh" else self.en


class Template(Frozen):
    """A form for studies of some modalities (DICOM 0008,0060) and body parts; without body parts, of any."""

    id: str
    en: str
    zh: str
    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    fields: tuple[TemplateField, ...] = Field(alias="field", min_length=1)

    def suits(self, modality: str, body_part: str) -> bool:
        """Whether it is for such a study."""
        here = body_part.lower()
        named = not self.body_parts or any(part in here for part in self.body_parts)
        return modality.upper() in self.modalities and named


@cache
def templates() -> tuple[Template, ...]:
    """All of them by id: the general one, for whatever no other suits, among them."""
    folder = files("radcite.apps.reporting") / "library"
    found = [
        Template.model_validate(
            {"id": one.name.removesuffix(".toml"), **tomllib.loads(one.read_text("utf-8"))}
        )
        for one in folder.iterdir()
        if one.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda one: one.id))


def chosen(report: Report, studied: Sequence[tuple[str, str]]) -> str:
    """The id of the template for a draft.

    Args:
        report: The draft; where nothing else is known, what was measured on its images tells modality and part.
        studied: Modality and body part of the series that were asked about, as their headers say.
    """
    return _suiting((*studied, *_measured(report))).id


def headings(modality: str, body_part: str, language: Language) -> tuple[Heading, ...]:
    """What a writer may fill in of the report for such a study: not the indication, nor what only a comparison tells.

    Args:
        modality: As measured, or as a header says; empty for unknown.
        body_part: The same.
        language: Of the titles.
    """
    fields = _suiting(((modality, body_part),)).fields
    return tuple(
        Heading(id=one.id, title=one.title(language)) for one in fields if one.id not in _READERS
    )


def _suiting(studied: Sequence[tuple[str, str]]) -> Template:
    for modality, body_part in studied:
        for one in templates():
            if one.suits(modality, body_part):
                return one
    return next(one for one in templates() if one.id.startswith(f"{_GENERAL}."))


def laid_out(report: Report, template: str) -> ReportForm:
    """The form for a draft: every finding about the asked image stands under a heading, as may others.

    Raises:
        RadciteError: `NOT_FOUND` for an unknown template.
    """
    for one in templates():
        if one.id == template:
            fields = tuple(
                FormField(
                    id=field.id,
                    title=field.title(report.language),
                    required=field.required,
                    findings=tuple(
                        finding.id
                        for finding in report.findings
                        if _place(one, finding) == field.id
                    ),
                )
                for field in one.fields
            )
            return ReportForm(
                template=one.id, title=one.zh if report.language == "zh" else one.en, fields=fields
            )
    raise RadciteError("NOT_FOUND", "no such template", "没有此模板")


def _place(template: Template, finding: Finding) -> str | None:
    if finding.heading in {field.id for field in template.fields}:
        return finding.heading
    if any(_is_measurement(one) for one in finding.citations):
        wanted = next((field.id for field in template.fields if field.measured), None)
        if wanted is not None:
            return wanted
    # What was quoted, not how it was framed: the frame names a case, and its words would count.
    said = " ".join([one.quote or "" for one in finding.citations] or [finding.text]).lower()
    counted = [
        (sum(_says(said, word) for word in field.words), field.id) for field in template.fields
    ]
    most = max(count for count, _ in counted)
    if most:
        return next(name for count, name in counted if count == most)
    return next((field.id for field in template.fields if field.rest), None)


def _is_measurement(citation: Citation) -> bool:
    """Whether an image tool says it of an image; a figure of a document measures nothing."""
    return isinstance(citation.place, ImageLocation) and citation.place.on_page is None


def _says(said: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}", said) is not None if word.isascii() else word in said


def _measured(report: Report) -> list[tuple[str, str]]:
    told: dict[str, str] = {}
    for finding in report.findings:
        for one in finding.citations:
            if isinstance(one.place, ImageLocation) and _is_measurement(one):
                name, _, value = one.place.observation.value.partition(": ")
                told.setdefault(name, value)
    return [(told["modality"], told.get("body_part", ""))] if "modality" in told else []
