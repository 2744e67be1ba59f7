"""Scanned pages of a PDF: their words by optical character recognition, with their places."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any, cast

import numpy as np

from radcite.core.sources import Box
from radcite.ingestion.articles.article_words import CAPTION
from radcite.ingestion.pdf.columns import by_columns
from radcite.ingestion.pdf.text import Line, PageLines, Word, stands_alone
from radcite.ingestion.pictures.ocr import Word as Seen
from radcite.ingestion.pictures.ocr import words_in

__all__ = ["is_scan", "recognised", "with_pictures_read"]

_DOTS_PER_INCH = 200
_MOST_PIXELS = 4000 * 4000
_COVERED = 0.4
_SUREST = 0.5
_BODY_SPREAD = 0.25
# A page with more text of its own, or with the caption of a figure, is no scan with a stamp or a letterhead on it.
_FEW_LETTERS = 1_200
_OWN = 0.5
_FEWEST_LINES = 5


def is_scan(page: Any) -> bool:
    """Whether pictures cover a large part of a page, which is to have no visible text of its own."""
    whole = page.rect.width * page.rect.height
    boxes = (each["bbox"] for each in cast("list[dict[str, Any]]", page.get_image_info()))
    shown = sum((box[2] - box[0]) * (box[3] - box[1]) for box in boxes)
    return whole > 0 and shown / whole >= _COVERED


def recognised(page: Any, number: int) -> PageLines:
    """The lines of a scanned page, left column first, in points of the page as displayed.

    Words less sure than one half are left out. A recognised line is parted into words by its letters'
    share of its width.
    """
    import pymupdf

    zoom = _DOTS_PER_INCH / 72
    pixels = page.rect.width * page.rect.height * zoom * zoom
    zoom *= min(1.0, (_MOST_PIXELS / pixels) ** 0.5) if pixels else 1.0
    picture = page.get_pixmap(
        matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=False
    )
    shape = (picture.height, picture.width, 3)
    seen = words_in(np.frombuffer(picture.samples, dtype=np.uint8).reshape(shape))
    kept = [one for one in seen if one.score >= _SUREST and one.text.strip()]
    lines = _lines(_ordered(kept, picture.width), number, 1 / zoom)
    return PageLines(number, page.rect.width, page.rect.height, lines, hid_text=False)


def with_pictures_read(document: Any, pages: list[PageLines], most: int) -> list[int]:
    """Adds to pages of little text what is read in the pictures that cover much of them; which pages these are.

    Args:
        document: The PDF.
        pages: Its pages' lines, changed in place.
        most: How many pages may be read; later ones keep their own text alone.
    """
    read: list[int] = []
    for i, page in enumerate(pages):
        letters = sum(len(line.text) for line in page.lines)
        if not 0 < letters <= _FEW_LETTERS or any(CAPTION.match(one.text) for one in page.lines):
            continue
        if most > 0 and is_scan(document[i]):
            most -= 1
            if new := _new_lines(page, recognised(document[i], i + 1)):
                pages[i] = replace(page, lines=(*page.lines, *new))
                read.append(i)
    return read


def _new_lines(page: PageLines, seen: PageLines) -> tuple[Line, ...]:
    """Those recognised that are none of the page's own, as blocks after its own."""
    first = max(line.block for line in page.lines) + 1
    return tuple(
        replace(line, block=first + line.block)
        for line in seen.lines
        if not any(_covers(own.box, line.box) for own in page.lines)
    )


def _covers(own: Box, seen: Box) -> bool:
    across = min(own[2], seen[2]) - max(own[0], seen[0])
    down = min(own[3], seen[3]) - max(own[1], seen[1])
    area = (seen[2] - seen[0]) * (seen[3] - seen[1])
    return across > 0 and down > 0 and across * down >= _OWN * area


def _ordered(seen: Sequence[Seen], width: int) -> list[Seen]:
    """From top to bottom; where nothing crosses the middle but a few headings, the left half first."""
    by_row = sorted(seen, key=lambda one: (one.box[1], one.box[0]))
    left_end, right_start = 0.95 * width / 2, 1.05 * width / 2
    left = sum(one.box[2] <= right_start for one in by_row)
    right = sum(one.box[0] >= left_end for one in by_row)
    if len(by_row) - left - right > 0.2 * len(by_row) or min(left, right) < _FEWEST_LINES:
        return by_row
    order = by_columns([one.box for one in by_row], left_end, right_start)
    return [by_row[place] for place in order]


def _lines(seen: Sequence[Seen], page: int, points: float) -> tuple[Line, ...]:
    if not seen:
        return ()
    body = median(one.box[3] - one.box[1] for one in seen)
    lines: list[Line] = []
    block = 0
    for place, one in enumerate(seen):
        height = one.box[3] - one.box[1]
        usual = abs(height - body) <= _BODY_SPREAD * body
        if place and _begins_block(seen[place - 1], one, body):
            block += 1
        box = _scaled(one.box, points)
        lines.append(
            Line(
                page=page,
                block=block,
                words=tuple(_words(one.text, box)),
                box=box,
                size=round((body if usual else height) * points, 1),
                bold=False,
                opens_bold=False,
                upright=True,
                bullet=False,
            )
        )
    return tuple(lines)


def _begins_block(before: Seen, one: Seen, body: float) -> bool:
    gap = one.box[1] - before.box[3]
    apart = gap > 0.9 * body or gap < -2 * body
    aside = one.box[0] > before.box[2] or one.box[2] < before.box[0]
    return apart or aside


def _words(text: str, box: Box) -> list[Word]:
    """Words, each Chinese character one of its own, at their share of the line's width."""
    x0, y0, x1, y1 = box
    shares = [2.0 if stands_alone(char) else 1.0 for char in text]
    edges = [0.0, *np.cumsum(shares).tolist()]
    unit = (x1 - x0) / edges[-1]
    words: list[Word] = []
    start, glued = 0, False
    for place in range(len(text) + 1):
        char = text[place : place + 1]
        alone = bool(char) and stands_alone(char)
        if not char or char.isspace() or alone:
            if start < place:
                span = (x0 + edges[start] * unit, y0, x0 + edges[place] * unit, y1)
                words.append(Word(text[start:place], span, glued))
                glued = True
            if alone:
                span = (x0 + edges[place] * unit, y0, x0 + edges[place + 1] * unit, y1)
                words.append(Word(char, span, glued))
            glued = alone
            start = place + 1
    return words


def _scaled(box: tuple[int, int, int, int], points: float) -> Box:
    x0, y0, x1, y1 = box
    return x0 * points, y0 * points, x1 * points, y1 * points
