"""Grounding as a type: an answer whose claim lacks a citation cannot be constructed."""

from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from radcite.core.frozen import Frozen
from radcite.core.question import Task
from radcite.core.sources import Box, Language, Observation, PageBox, Passage, Source

__all__ = [
    "About",
    "Abstention",
    "AbstentionReason",
    "Answer",
    "CaseLocation",
    "Certainty",
    "CharLocation",
    "Citation",
    "Claim",
    "Condition",
    "DifferentialItem",
    "Evidence",
    "ImageLocation",
    "Outcome",
    "PageLocation",
    "Place",
    "Retrieval",
    "ReviewState",
    "Safety",
    "Support",
    "figure_location",
]

Certainty = Literal["present", "absent", "uncertain"]
Support = Literal["supported", "weak", "unsupported"]
AbstentionReason = Literal[
    "NO_EVIDENCE", "NOT_SUPPORTED", "OUT_OF_DOMAIN", "ASKED_BACK", "PERSON_NEEDED", "NOT_OFFERED"
]
"""`ASKED_BACK`: the message is a question to the user, and the next words in the thread are the reply.

`PERSON_NEEDED`: somebody may harm themselves, so nothing is searched or answered; a person takes over.
`NOT_OFFERED`: the site has switched the task off.
"""
About = str
"""`query_image`, `case:<case_id>`, `literature` or `general`."""


class PageLocation(Frozen):
    """Words on the pages of a PDF, in points of the page as displayed, origin top left."""

    type: Literal["page_location"] = "page_location"
    document_id: str
    boxes: tuple[PageBox, ...] = Field(min_length=1)


class CharLocation(Frozen):
    """Words of a stored text, `[start, end)` in Unicode code points."""

    type: Literal["char_location"] = "char_location"
    document_id: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class CaseLocation(Frozen):
    """Words of a field of a case, `[start, end)` in code points of that field.

    A list field is addressed by element: `findings.0`.
    """

    type: Literal["case_location"] = "case_location"
    case_id: str
    field: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class ImageLocation(Frozen):
    """A region of an image in full-resolution pixels; without a box, the whole frame.

    A figure of a paged document has its `document_id` and its rectangle `on_page` too, and its label as observation.
    It stands beside a quote from its caption and carries no claim alone.
    """

    type: Literal["image_location"] = "image_location"
    image: str
    frame: int = Field(default=0, ge=0)
    box: Box | None = None
    observation: Observation
    document_id: str | None = None
    on_page: PageBox | None = None

    @model_serializer(mode="wrap")
    def _published(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Reports were signed over places that had no page: theirs must read the same.
        made = handler(self)
        if self.on_page is None:
            del made["document_id"], made["on_page"]
        return made


Place = Annotated[
    PageLocation | CharLocation | CaseLocation | ImageLocation, Field(discriminator="type")
]


class Citation(Frozen):
    """Where the words, or the measurement, that carry a claim stand."""

    evidence: str = Field(pattern=r"^E[1-9][0-9]*$")
    quote: str | None = None
    place: Place

    @model_validator(mode="after")
    def _words_or_measurement(self) -> "Citation":
        if isinstance(self.place, ImageLocation):
            if self.quote is not None:
                raise ValueError("an image location carries an observation, not a quote")
        elif not self.quote:
            raise ValueError("a text place carries the words it quotes")
        return self


def figure_location(passage: Passage) -> ImageLocation | None:
    """Where the figure stands whose caption a passage holds; None for a passage without one."""
    figure = passage.figure
    if figure is None:
        return None
    return ImageLocation(
        image=figure.image,
        observation=Observation(tool="pdf_figure", version="1", value=figure.label),
        document_id=passage.document_id,
        on_page=PageBox(page=figure.page, box=figure.box),
    )


class Retrieval(Frozen):
    """How a piece of evidence was found."""

    tool: str
    query: str
    collection: str
    encoder: str
    score: float
    rank: int = Field(ge=1)


class Evidence(Frozen):
    """A source under its key in this answer."""

    key: str = Field(pattern=r"^E[1-9][0-9]*$")
    source: Source
    retrieval: Retrieval


class Claim(Frozen):
    """One statement, what it is about, and what carries it.

    `certainty`: what its words say, read where the claim is checked. `part`: where in the answer it belongs: a heading
    of the report, `for` or `against` (the `condition` of a differential, by its code, or a yes to the question),
    `answer` or `next_step`. `gloss`: the text told again in the reader's language by the model, its numbers, sides,
    denials, diseases and drugs compared, its wording not.
    """

    text: str = Field(min_length=1)
    about: About
    certainty: Certainty = "present"
    support: Support
    reason: str | None = None
    part: str | None = Field(default=None, pattern=r"^[a-z][a-z_]{0,39}$")
    condition: str | None = None
    gloss: str | None = None
    citations: tuple[Citation, ...] = Field(min_length=1)

    @field_validator("about")
    @classmethod
    def _known_subject(cls, about: str) -> str:
        if about not in {"query_image", "literature", "general"} and not about.startswith("case:"):
            raise ValueError("about is query_image, case:<case_id>, literature or general")
        return about


class Condition(Frozen):
    """A coded condition; `system` names the code's vocabulary."""

    code: str
    system: str
    display: dict[Language, str]


class DifferentialItem(Frozen):
    """One condition with its probability in [0, 1] and the evidence on both sides.

    `in_conformal_set` is None until the site has calibrated on its own cases.
    """

    condition: Condition
    probability: float = Field(ge=0, le=1)
    in_conformal_set: bool | None
    supporting: tuple[str, ...] = Field(
        default=(), validation_alias=AliasChoices("supporting", "for"), serialization_alias="for"
    )
    against: tuple[str, ...] = ()

    model_config = ConfigDict(serialize_by_alias=True)


class Safety(Frozen):
    """What must be read before the answer."""

    red_flags: tuple[str, ...] = ()
    notice: str


class ReviewState(Frozen):
    """A draft until a named person signs."""

    report_id: str
    status: Literal["draft", "final", "amended"] = "draft"
    signer: str | None = None
    signed_at: str | None = None


class _Said(Frozen):
    trace_id: str
    task: Task
    language: Language
    degraded: tuple[str, ...] = ()
    safety: Safety


class Answer(_Said):
    """Claims with the evidence they cite.

    Raises:
        ValueError: A claim cites evidence the answer does not carry.
    """

    kind: Literal["answer"] = "answer"
    claims: tuple[Claim, ...] = Field(min_length=1)
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    differential: tuple[DifferentialItem, ...] | None = None
    review: ReviewState | None = None

    @model_validator(mode="after")
    def _citations_resolve(self) -> "Answer":
        keys = {item.key for item in self.evidence}
        cited = {citation.evidence for claim in self.claims for citation in claim.citations}
        for item in self.differential or ():
            cited.update(item.supporting, item.against)
        if missing := cited - keys:
            raise ValueError(f"cited but not carried: {', '.join(sorted(missing))}")
        return self


class Abstention(_Said):
    """No answer, why, and what was searched."""

    kind: Literal["abstention"] = "abstention"
    reason: AbstentionReason
    message: str
    searched: tuple[str, ...] = ()


Outcome = Annotated[Answer | Abstention, Field(discriminator="kind")]
