"""Reading a PDF into one clean text whose every word knows its place on a page."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import Field

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.layout import pack
from radcite.core.sources import Box, Reference
from radcite.ingestion.articles.apparatus import Aside, asides_of
from radcite.ingestion.articles.article_words import doi_in, pmid_in
from radcite.ingestion.articles.blocks import Block, BlockKind
from radcite.ingestion.articles.evidence import evidence_of
from radcite.ingestion.articles.references import listed, with_list_marked
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.byline import authors_of
from radcite.ingestion.pdf.compose import compose
from radcite.ingestion.pdf.figures import CutFigure, PlacedCaption, cut_figures
from radcite.ingestion.pdf.front import own_words, title_of, year_of
from radcite.ingestion.pdf.layout import Part, PartKind, arrange
from radcite.ingestion.pdf.preflight import preflight
from radcite.ingestion.pdf.scans import is_scan, recognised, with_pictures_read
from radcite.ingestion.pdf.text import PageLines, read_page

__all__ = ["PdfDocument", "PdfWarning", "read_pdf"]

PdfWarning = Literal["PDF_REPAIRED", "HIDDEN_TEXT", "OCR_TEXT"]
"""`OCR_TEXT`: the words of some pages were recognised in a scan, and may be misread."""


_SECONDS_A_SCAN = 5.0
_KINDS: Mapping[PartKind, BlockKind] = {
    "heading": "heading",
    "caption": "caption",
    "table": "table",
}


class PdfDocument(Frozen):
    """A PDF as text. `layout` answers `radcite.core.layout.boxes_of` for any span of `text`.

    In `text` a blank line parts paragraphs, headings, captions and tables; running heads, page
    numbers and text a reader cannot see are left out.
    """

    title: str
    doi: str | None
    pmid: str | None = None
    year: int | None
    authors: tuple[str, ...]
    pages: int = Field(ge=1)
    text: str
    blocks: tuple[Block, ...]
    layout: bytes
    warnings: tuple[PdfWarning, ...]
    figures: tuple[CutFigure, ...] = ()
    asides: tuple[Aside, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def evidence(self) -> tuple[tuple[int, int], ...]:
        """What may be cited: stretches of running text, each caption, and each table together with its caption.

        The list of references is left out, and so are the asides: statements of the authors, furniture of the journal.
        """
        return evidence_of(self.text, self.blocks, self.asides, runs=True)


def read_pdf(path: Path, limits: Limits, *, with_figures: bool = True) -> PdfDocument:
    """The text of a PDF with its addresses, and its figures. To be run in a process that can be killed.

    Raises:
        RadciteError: `LIMIT_EXCEEDED`, `PDF_ENCRYPTED`, `PDF_DAMAGED`, or `PDF_NO_TEXT` where neither
            text is seen nor recognised.
    """
    # What was made of the pages is gone again before cycles are looked for.
    with _uncollected():
        preflight(path, limits)
        return _read(path, limits, with_figures=with_figures)


def _read(path: Path, limits: Limits, *, with_figures: bool) -> PdfDocument:
    with _opened(path) as document:
        if document.page_count > limits.pages:
            raise RadciteError(
                "LIMIT_EXCEEDED", f"pages > {limits.pages}", f"页数超过 {limits.pages}"
            )
        pages = [read_page(page, i) for i, page in enumerate(document, start=1)]
        scans = [i for i, page in enumerate(pages) if not page.lines and is_scan(document[i])]
        most = int(min(limits.wall_seconds, limits.cpu_seconds) / _SECONDS_A_SCAN)
        if len(scans) > most:
            bound = f"{len(scans)} scanned pages > {most} in the time for a file"
            raise RadciteError("LIMIT_EXCEEDED", bound, f"扫描页 {len(scans)} > {most}（时限内）")
        for i in scans:
            pages[i] = recognised(document[i], i + 1)
        scans += with_pictures_read(document, pages, most - len(scans))
        stated = cast("dict[str, str | None]", document.metadata or {})
        metadata = {key: value or "" for key, value in stated.items()}
        made, captions = _document(
            pages, metadata, repaired=bool(document.is_repaired), scanned=bool(scans)
        )
        figures = cut_figures(document, captions) if with_figures else ()
    return made.model_copy(update={"figures": figures})


@contextmanager
def _uncollected() -> Generator[None]:
    """Without the search for cycles: the many small values of a page hold none, and walking them costs a fifth."""
    import gc

    runs = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if runs:
            gc.enable()


@contextmanager
def _opened(path: Path) -> Generator[Any]:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    damaged = RadciteError("PDF_DAMAGED", "its pages cannot be read", "无法读取页面")
    failures = (RuntimeError, ValueError, IndexError, _engine_error())
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            if document.needs_pass:
                raise RadciteError("PDF_ENCRYPTED", "a password is needed", "需要密码")
            if document.page_count == 0:
                raise RadciteError("PDF_DAMAGED", "it has no pages", "没有页面")
            yield document
    except failures as exc:
        raise damaged from exc


def _engine_error() -> type[Exception]:
    """What MuPDF raises below PyMuPDF's own exceptions."""
    from pymupdf.mupdf import FzErrorBase

    return FzErrorBase


def _document(
    pages: Sequence[PageLines], metadata: dict[str, str], *, repaired: bool, scanned: bool
) -> tuple[PdfDocument, list[PlacedCaption]]:
    parts = arrange(pages)
    made = compose(parts)
    text = made.text
    if not any(char.isalnum() for char in text):
        raise RadciteError("PDF_NO_TEXT", "no page has visible text", "所有页面均无可见文字")
    placed = list(zip(parts, made.spans, strict=True))
    warnings: list[PdfWarning] = ["PDF_REPAIRED"] if repaired else []
    if any(page.hid_text for page in pages):
        warnings.append("HIDDEN_TEXT")
    if scanned:
        warnings.append("OCR_TEXT")
    stated = metadata.get("subject", "")
    title = title_of(metadata.get("title", ""), pages)
    authors = authors_of(metadata.get("author", ""), title, pages)
    parted = [
        Block(kind=_KINDS.get(part.kind, "paragraph"), start=start, end=end, label=part.label)
        for part, (start, end) in placed
    ]
    asides = asides_of(text, parted, title, authors)
    blocks = with_list_marked(text, parted)
    aside = {one.start for one in asides}
    furniture = {one.start for one in asides if one.kind == "furniture"}
    apart = [place for place, one in enumerate(blocks) if one.start in furniture]
    own = [stated, *own_words(title, pages, parts, apart)]
    entries = [
        text[one.start : one.end]
        for one in blocks
        if one.kind == "reference" and one.start not in aside
    ]
    made_of = PdfDocument(
        title=title,
        doi=next(filter(None, map(doi_in, own)), None),
        pmid=next(filter(None, map(pmid_in, own)), None),
        year=year_of(stated, metadata.get("creationDate", ""), pages),
        authors=authors,
        pages=len(pages),
        text=text,
        blocks=blocks,
        layout=pack(made.words),
        warnings=tuple(warnings),
        asides=asides,
        references=listed(entries),
    )
    return made_of, [
        PlacedCaption(part.label, start, end, part.lines[0].page, _around(part))
        for part, (start, end) in placed
        if part.kind == "caption"
    ]


def _around(part: Part) -> Box:
    """The rectangle about those lines of a part that stand on its first page."""
    page = part.lines[0].page
    x0, y0, x1, y1 = zip(*(line.box for line in part.lines if line.page == page), strict=True)
    return min(x0), min(y0), max(x1), max(y1)
