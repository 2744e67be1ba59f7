"""What evidence is made of: passages, cases, image regions, terms."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from radcite.core.frozen import Frozen

__all__ = [
    "Box",
    "Case",
    "CaseSeries",
    "Document",
    "Figure",
    "ImageRef",
    "Language",
    "Observation",
    "PageBox",
    "Passage",
    "Reference",
    "Region",
    "Source",
    "Statement",
    "StatementKind",
    "Term",
]

Language = Literal["en", "zh"]
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1; origin top left. Points on a PDF page as displayed, full-resolution pixels on an image."""


class PageBox(Frozen):
    """A rectangle on a page."""

    page: int = Field(ge=1)
    box: Box


class ImageRef(Frozen):
    """A stored image; `box` is its place on the whole slide it was cut from, in full-resolution pixels."""

    digest: str
    uri: str
    frame: int = Field(default=0, ge=0)
    modality: str | None = None
    spacing_mm: tuple[float, float] | None = None
    laterality: str | None = None
    view: str | None = None
    box: Box | None = None


class Reference(Frozen):
    """An entry of an article's list of references: kept beside the document, never evidence itself."""

    text: str
    doi: str | None = None
    pmid: str | None = None
    year: int | None = None


StatementKind = Literal[
    "acknowledgement", "contributions", "interests", "funding", "ethics", "data"
]
"""What authors state about their work rather than about its subject."""


class Statement(Frozen):
    """A statement of an article's authors: kept beside the document, never evidence itself."""

    kind: StatementKind
    text: str


class Figure(Frozen):
    """A figure of a paged document, cut out as a picture: its caption's place and its own.

    `start` and `end` are its caption's, in the document's text; `box` is the figure's on its page, in points;
    `image` is the digest of the stored picture, whose whole frame 0 is the figure.
    """

    label: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    page: int = Field(ge=1)
    box: Box
    image: str


class Document(Frozen):
    """A text and what is known of it. `text` is kept as read; every place counts its code points.

    `listed` says that it counts as retracted by a list of retractions alone, which a later list may take back.
    """

    document_id: str = Field(min_length=1)
    title: str = ""
    text: str
    language: Language
    licence: str | None = None
    source_url: str | None = None
    doi: str | None = None
    pmid: str | None = None
    year: int | None = None
    retracted: bool = False
    listed: bool = False
    paged: bool = False
    authors: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    statements: tuple[Statement, ...] = ()
    figures: tuple[Figure, ...] = ()


class Passage(Frozen):
    """A stretch `[start, end)` of a document's text, in Unicode code points.

    `figure` is the figure whose caption it holds.
    """

    kind: Literal["passage"] = "passage"
    document_id: str
    title: str = ""
    text: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    page: int | None = None
    boxes: tuple[PageBox, ...] = ()
    language: Language
    licence: str | None = None
    source_url: str | None = None
    doi: str | None = None
    pmid: str | None = None
    year: int | None = None
    authors: tuple[str, ...] = ()
    retracted: bool = False
    figure: Figure | None = None

    def searched_text(self) -> str:
        """The words by which a passage is found: its document's title and its own text."""
        return f"{self.title}\n{self.text}"

    @model_validator(mode="after")
    def _span_fits(self) -> "Passage":
        if self.end - self.start != len(self.text):
            raise ValueError("the span of a passage is as long as its text")
        return self


class CaseSeries(Frozen):
    """A DICOM series of a study, under pseudonyms.

    `objects` are its instances, along the slices' common normal where they have one; `places_mm` are
    their planes' distances along it, empty without common geometry. `spacing_mm` is between rows and between
    columns. `key` is the digest of the image that stands for the series; `refers_to` are the instances that
    a report, a segmentation or a treatment plan is about. `orientation` is where the stored axes of a volume
    point (`RAS`).
    """

    series: str
    kind: str
    modality: str
    objects: tuple[str, ...]
    places_mm: tuple[float, ...] = ()
    spacing_mm: tuple[float, float] | None = None
    slice_spacing_mm: float | None = None
    key: str | None = None
    refers_to: tuple[str, ...] = ()
    orientation: str = ""


class Case(Frozen):
    """A patient's study with what was reported. `patient` is a pseudonym, never an identifier."""

    kind: Literal["case"] = "case"
    case_id: str = Field(min_length=1)
    patient: str | None = None
    images: tuple[ImageRef, ...] = ()
    report: str = ""
    findings: tuple[str, ...] = ()
    diagnosis: str | None = None
    labels: tuple[str, ...] = ()
    modality: str | None = None
    body_part: str | None = None
    view: str | None = None
    language: Language = "en"
    licence: str | None = None
    source: str | None = None
    series: tuple[CaseSeries, ...] = ()

    def searched_text(self) -> str:
        """The words by which a case is found: report, findings, diagnosis, labels, modality, body part."""
        words = (
            self.report,
            *self.findings,
            self.diagnosis,
            *self.labels,
            self.modality,
            self.body_part,
        )
        return "\n".join(word for word in words if word)


class Observation(Frozen):
    """What an image tool measured. `score` is a calibrated probability in [0, 1] or None."""

    tool: str
    version: str
    value: str
    score: float | None = Field(default=None, ge=0, le=1)


class Region(Frozen):
    """A part of an image; without a box, the whole frame."""

    kind: Literal["region"] = "region"
    image: str
    frame: int = Field(default=0, ge=0)
    box: Box | None = None
    observation: Observation


class Term(Frozen):
    """A relation or definition with the words of a source that states it."""

    kind: Literal["term"] = "term"
    term_id: str
    document_id: str
    quote: str
    source_url: str | None = None


Source = Annotated[Passage | Case | Region | Term, Field(discriminator="kind")]
