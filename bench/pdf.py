"""How well and how fast PDFs are read, against the articles' own JATS XML.

    python bench/pdf.py DATA [--json]

DATA holds NAME.pdf beside NAME.jats.xml.gz. Prints one line per article and the totals.
"""

import argparse
import gzip
import json
import random
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

import pymupdf

from radcite.core.layout import boxes_of
from radcite.core.normalization import normalize
from radcite.core.sentences import split_sentences
from radcite.core.sources import PageBox
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf import PdfDocument, read_pdf

SENTENCES = 500
UNSPACED = re.compile(r"[\s\-\u2010\u2011\u00ad\x00-\x1f\x7f-\x9f\ufffd]+")
OMITTED = (
    "xref",
    "tex-math",
    "inline-formula",
    "disp-formula",
    "fig",
    "table-wrap",
    "supplementary-material",
)


@dataclass
class Article:
    file: str
    title: bool
    captions: int
    captions_found: int
    recall: float
    pages: int
    seconds: float
    bare_seconds: float
    missing: list[str] = field(default_factory=list)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", normalize(text).text.lower())


def squeezed(text: str) -> str:
    return UNSPACED.sub("", normalize(text).text).lower()


def text_of(node: ET.Element | None, omit: tuple[str, ...] = ()) -> str:
    if node is None:
        return ""
    parts = [node.text or ""]
    for child in node:
        parts += ["" if child.tag in omit else text_of(child, omit), child.tail or ""]
    return "".join(parts)


def is_found(caption: str, found: list[str]) -> bool:
    wanted = squeezed(caption)
    return any(
        wanted in have or SequenceMatcher(None, wanted, have, autojunk=False).ratio() >= 0.9
        for have in found
    )


def caption_truth(article: ET.Element) -> Iterator[str]:
    for figure in article.iter("fig"):
        yield " ".join(text_of(part) for part in figure.iterfind("caption/*"))


def recall(article: ET.Element, text: str) -> float:
    """Share of the words of the body's paragraphs that stand in the text, in runs of five in order."""
    have = words(text)
    runs = {tuple(have[i : i + 5]) for i in range(len(have))}
    hit = total = 0
    for paragraph in article.iterfind("./body//p"):
        wanted = words(text_of(paragraph, OMITTED))
        found = [tuple(wanted[i : i + 5]) in runs for i in range(len(wanted) - 4)]
        hit += sum(found)
        total += len(found)
    return hit / total


def reread(page: pymupdf.Page, boxes: list[PageBox]) -> str:
    """The words whose middle lies in a box, line by line, as PyMuPDF reads the page itself."""
    turned = page.rotation_matrix
    taken: list[str] = []
    chars = [
        (pymupdf.Rect(char["bbox"]) * turned, char["c"])
        for block in page.get_text("rawdict", flags=0)["blocks"]
        for line in block["lines"]
        for span in line["spans"]
        for char in span["chars"]
    ]
    for place in boxes:
        x0, y0, x1, y1 = place.box
        for box, char in chars:
            x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
            if x0 <= x <= x1 and y0 <= y <= y1:
                taken.append(char)
    return "".join(taken)


def lands(document: pymupdf.Document, read: PdfDocument, span: tuple[int, int]) -> bool:
    boxes = boxes_of(read.layout, *span)
    text = ""
    for number in dict.fromkeys(place.page for place in boxes):
        text += reread(document[number - 1], [place for place in boxes if place.page == number])
    return squeezed(text) == squeezed(read.text[slice(*span)])


def measure(path: Path) -> tuple[Article, PdfDocument]:
    with gzip.open(path.with_suffix(".jats.xml.gz")) as packed:
        truth = ET.parse(packed).getroot()  # noqa: S314 - our own measuring data
    start = time.process_time()
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("dict")
    middle = time.process_time()
    read = read_pdf(path, Limits())
    end = time.process_time()
    captions = [caption for caption in caption_truth(truth) if squeezed(caption)]
    found = [squeezed(read.text[each.start : each.end]) for each in read.captions]
    missing = [caption for caption in captions if not is_found(caption, found)]
    title = text_of(truth.find(".//article-meta//article-title"), ("xref", "fn"))
    made = Article(
        file=path.stem,
        title=squeezed(title) == squeezed(read.title),
        captions=len(captions),
        captions_found=len(captions) - len(missing),
        recall=recall(truth, read.text),
        pages=read.pages,
        seconds=end - middle,
        bare_seconds=middle - start,
        missing=missing,
    )
    return made, read


def sampled_sentences(paths: list[Path], documents: list[PdfDocument]) -> tuple[int, list[str]]:
    every = [(i, span) for i, read in enumerate(documents) for span in split_sentences(read.text)]
    sample = random.Random(7).sample(every, min(SENTENCES, len(every)))
    opened = [pymupdf.open(path) for path in paths]
    wrong = [
        f"{paths[i].stem}: {documents[i].text[slice(*span)]}"
        for i, span in sample
        if not lands(opened[i], documents[i], span)
    ]
    return len(sample), wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    paths = sorted(arguments.data.glob("*.pdf"))
    measure(paths[0])
    results = [measure(path) for path in paths]
    articles = [article for article, _ in results]
    checked, wrong = sampled_sentences(paths, [read for _, read in results])
    seconds = sum(each.seconds for each in articles)
    pages = sum(each.pages for each in articles)
    totals = {
        "articles": len(articles),
        "titles": sum(each.title for each in articles),
        "captions": sum(each.captions for each in articles),
        "captions_found": sum(each.captions_found for each in articles),
        "recall": sum(each.recall for each in articles) / len(articles),
        "sentences": checked,
        "sentences_landed": checked - len(wrong),
        "pages_per_cpu_second": pages / seconds,
        "ratio_to_bare_dict": seconds / sum(each.bare_seconds for each in articles),
    }
    if arguments.json:
        print(
            json.dumps(
                {"totals": totals, "articles": [asdict(a) for a in articles], "wrong": wrong}
            )
        )
        return
    for each in articles:
        print(
            f"{each.file:12} title {'yes' if each.title else 'NO '} captions "
            f"{each.captions_found}/{each.captions} recall {each.recall:.3f} pages {each.pages:3} "
            f"seconds {each.seconds:.2f} ({each.seconds / each.bare_seconds:.2f} x dict)"
        )
        for caption in each.missing:
            print(f"    caption not found: {caption[:90]}")
    for sentence in wrong:
        print(f"    not in its boxes: {sentence[:160]!r}")
    for name, value in totals.items():
        print(f"{name:20} {value:.3f}" if isinstance(value, float) else f"{name:20} {value}")


if __name__ == "__main__":
    main()
