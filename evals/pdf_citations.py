"""PDF articles against their publishers' JATS XML, and the boxes of their sentences against the pages."""

import gzip
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from radcite.core.errors import RadciteError
from radcite.core.layout import boxes_of
from radcite.core.normalization import normalize
from radcite.core.sentences import split_sentences
from radcite.core.sources import Box, PageBox
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import PdfDocument, read_pdf

if TYPE_CHECKING:
    import pymupdf

__all__ = ["pdf_citations"]

_FOLDER = "pdf"
_SENTENCES = 500
_ALIKE = 0.9
_RUN = 5
_UNSPACED = re.compile(r"[\s\-\u2010\u2011\u00ad\x00-\x1f\x7f-\x9f\ufffd]+")
_OMITTED = (
    "xref",
    "tex-math",
    "inline-formula",
    "disp-formula",
    "fig",
    "table-wrap",
    "supplementary-material",
)


async def pdf_citations(context: Context) -> Measured:
    """Titles and figure captions found, words of the body read, and sentences that stand in their boxes."""
    paths = _articles(context)
    sheet = Sheet()
    documents: list[PdfDocument] = []
    notes: list[str] = []
    for done, path in enumerate(paths):
        context.tell("read", done, len(paths))
        document = read_pdf(path, Limits())
        documents.append(document)
        notes += _compare(path.stem, document, _truth(path), sheet)
    notes += _sentences(context, paths, documents, sheet)
    return Measured(sheet.scores(), notes)


def _articles(context: Context) -> Sequence[Path]:
    folder = context.data.folder / _FOLDER
    names = sorted(path.name for path in folder.glob("*.pdf"))
    if not names:
        raise RadciteError(
            "NOT_FOUND",
            f"{_FOLDER}/*.pdf in the data folder; name the folder with --data",
            f"数据目录中的 {_FOLDER}/*.pdf；请用 --data 指定目录",
        )
    return context.limited([context.data.member(_FOLDER, name) for name in names])


def _truth(path: Path) -> ET.Element:
    with gzip.open(path.with_suffix(".jats.xml.gz")) as packed:
        return ET.parse(packed).getroot()  # noqa: S314 - the measuring data is ours


def _compare(name: str, read: PdfDocument, truth: ET.Element, sheet: Sheet) -> list[str]:
    title = _text(truth.find(".//article-meta//article-title"), ("xref", "fn"))
    sheet.add("ingestion", "titles found", name, _squeezed(title) == _squeezed(read.title))
    found = [
        _squeezed(read.text[each.start : each.end])
        for each in read.blocks
        if each.kind == "caption"
    ]
    missing: list[str] = []
    for number, caption in enumerate(filter(_squeezed, _captions(truth)), 1):
        held = _is_found(caption, found)
        sheet.add("ingestion", "figure captions found", f"{name} {number}", held, name)
        if not held:
            missing.append(f"{name}: caption not found: {caption[:90]}")
    sheet.add("ingestion", "words of the body in order", name, _recall(truth, read.text))
    return missing


def _sentences(
    context: Context, paths: Sequence[Path], documents: Sequence[PdfDocument], sheet: Sheet
) -> list[str]:
    """A sample of all sentences: do their boxes hold their words on the page itself?"""
    import pymupdf

    every = [(i, span) for i, read in enumerate(documents) for span in split_sentences(read.text)]
    rng = random.Random(context.seed)  # noqa: S311 - a fixed sample
    opened = [pymupdf.open(path) for path in paths]
    wrong: list[str] = []
    for i, span in rng.sample(every, min(_SENTENCES, len(every))):
        name, words = paths[i].stem, documents[i].text[slice(*span)]
        stands = _squeezed(_in_boxes(opened[i], documents[i], span)) == _squeezed(words)
        sheet.add("ingestion", "sentences in their boxes", f"{name} {span[0]}", stands, name)
        if not stands:
            wrong.append(f"{name}: not in its boxes: {words[:90]}")
    for each in opened:
        each.close()
    return wrong


def _squeezed(text: str) -> str:
    """The letters alone: printed spaces and hyphens are not those of the XML."""
    return _UNSPACED.sub("", normalize(text).text).lower()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", normalize(text).text.lower())


def _text(node: ET.Element | None, omit: Sequence[str] = ()) -> str:
    if node is None:
        return ""
    parts = [node.text or ""]
    for child in node:
        parts += ["" if child.tag in omit else _text(child, omit), child.tail or ""]
    return "".join(parts)


def _captions(truth: ET.Element) -> Iterator[str]:
    for figure in truth.iter("fig"):
        yield " ".join(_text(part) for part in figure.iterfind("caption/*"))


def _is_found(caption: str, found: Sequence[str]) -> bool:
    wanted = _squeezed(caption)
    return any(
        wanted in have or SequenceMatcher(None, wanted, have, autojunk=False).ratio() >= _ALIKE
        for have in found
    )


def _recall(truth: ET.Element, text: str) -> float:
    """Share of the body's words that stand in the text in runs of five in the same order."""
    have = _words(text)
    runs = {tuple(have[i : i + _RUN]) for i in range(len(have))}
    found = [
        tuple(wanted[i : i + _RUN]) in runs
        for wanted in (_words(_text(p, _OMITTED)) for p in truth.iterfind("./body//p"))
        for i in range(len(wanted) - _RUN + 1)
    ]
    return sum(found) / len(found)


def _in_boxes(document: "pymupdf.Document", read: PdfDocument, span: tuple[int, int]) -> str:
    """The words in the boxes of a span, as PyMuPDF reads the pages itself."""
    boxes = boxes_of(read.layout, *span)
    pages = dict.fromkeys(place.page for place in boxes)
    return "".join(
        _reread(document[page - 1], [place for place in boxes if place.page == page])
        for page in pages
    )


def _reread(page: "pymupdf.Page", boxes: Sequence[PageBox]) -> str:
    """The characters whose middle lies in a box, box by box."""
    import pymupdf

    turned = page.rotation_matrix
    content = cast("dict[str, Any]", page.get_text("rawdict", flags=0))
    chars = [
        (pymupdf.Rect(char["bbox"]) * turned, char["c"])
        for block in content["blocks"]
        for line in block["lines"]
        for run in line["spans"]
        for char in run["chars"]
    ]
    return "".join(char for place in boxes for where, char in chars if _middle_in(where, place.box))


def _middle_in(where: Any, box: Box) -> bool:
    x, y = (where.x0 + where.x1) / 2, (where.y0 + where.y1) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
