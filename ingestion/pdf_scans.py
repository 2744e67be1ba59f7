"""Scanned pages of a PDF: their words by optical character recognition, with their places."""

from collections.abc import Sequence
from statistics import median
from typing import Any, cast

import numpy as np

from radcite.core.sources import Box
from radcite.ingestion.ocr import Word as Seen
from radcite.ingestion.ocr import words_in
from radcite.ingestion.pdf_text import Line, PageLines, Word, stands_alone

__all__ = ["is_scan", "recognised"]

_DOTS_PER_INCH = 200
_MOST_PIXELS = 4000 * 4000
_COVERED = 0.4
_SUREST = 0.5
_BODY_SPREAD = 0.25


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


def _ordered(seen: Sequence[Seen], width: int) -> list[Seen]:
    """From top to bottom; where nothing crosses the middle but a few headings, the left half first."""
    by_row = sorted(seen, key=lambda one: (one.box[1], one.box[0]))
    middle = width / 2
    crossing = [one for one in by_row if one.box[0] < 0.95 * middle and one.box[2] > 1.05 * middle]
    left = [one for one in by_row if one.box[2] <= 1.05 * middle]
    right = [one for one in by_row if one.box[0] >= 0.95 * middle]
    if len(crossing) > 0.2 * len(by_row) or min(len(left), len(right)) < 5:
        return by_row
    first = min((one.box[1] for one in (*left, *right)), default=0)
    head = [one for one in crossing if one.box[1] <= first]
    return [*head, *left, *right, *(one for one in crossing if one.box[1] > first)]


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
