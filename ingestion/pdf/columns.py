"""The order in which the lines of columns are read."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from radcite.core.sources import Box
from radcite.ingestion.articles.article_words import CAPTION
from radcite.ingestion.pdf.text import Line, shares_row

__all__ = ["by_columns", "in_columns"]

_FEWEST_ROWS = 3
_MOST_ROWS = 0.6
"""Of the lines of woven columns this share stands in a row with the next one, and as much again follows one."""

_WORDS = 4
_GAP, _LOOSE, _NEXT = 0.7, 0.9, 2.5


def by_columns(boxes: Sequence[Box], left_end: float, right_start: float) -> list[int]:
    """The places of boxes, given from top to bottom, in the order of reading: the left column before the right one.

    Args:
        boxes: Rectangles with their origin at the top left.
        left_end: What begins before and ends after the gutter crosses it; here the gutter begins.
        right_start: Here it ends. What crosses it above the columns comes first, and last what crosses it below.
    """
    crossing, left, right = list[int](), list[int](), list[int]()
    for place, box in enumerate(boxes):
        if box[0] < left_end and box[2] > right_start:
            crossing.append(place)
        else:
            (left if box[2] <= right_start else right).append(place)
    first = min((boxes[place][1] for place in (*left, *right)), default=0.0)
    head = [place for place in crossing if boxes[place][1] <= first]
    return [*head, *left, *right, *(place for place in crossing if boxes[place][1] > first)]


def in_columns(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, of which those of columns that its content holds line by line are parted column by column.

    Columns of words alone: the cells of a table, mostly of a few words, keep their rows.
    """
    pairs = [at for at in range(len(lines) - 1) if _are_beside(lines[at], lines[at + 1])]
    if len(pairs) < _FEWEST_ROWS:
        return list(lines)
    gutter = _gutter([(lines[at], lines[at + 1]) for at in pairs])
    woven = [at for at in pairs if lines[at].box[2] <= gutter <= lines[at + 1].box[0]]
    if len(woven) < _FEWEST_ROWS:
        return list(lines)
    start, end = _stretch(lines, woven, gutter)
    if not _are_of_words(lines, woven, start):
        return list(lines)
    some = lines[start:end]
    order = by_columns([line.box for line in some], gutter, gutter)
    parted = in_columns([some[at] for at in order if some[at].box[2] <= gutter])
    parted += in_columns([some[at] for at in order if some[at].box[2] > gutter])
    return [*lines[:start], *_blocks(parted, 1 + max(line.block for line in lines)), *lines[end:]]


def _are_beside(line: Line, following: Line) -> bool:
    gap = following.box[0] - line.box[2]
    upright = line.upright and following.upright
    return upright and gap > _GAP * line.size and shares_row(line, following)


def _gutter(pairs: Sequence[tuple[Line, Line]]) -> float:
    """The middle of what most pairs leave free between them."""
    edges = sorted(right.box[0] for _, right in pairs)
    most = max(edges, key=lambda edge: sum(a.box[2] < edge <= b.box[0] for a, b in pairs))
    free = [(a.box[2], b.box[0]) for a, b in pairs if a.box[2] < most <= b.box[0]]
    return (max(end for end, _ in free) + min(start for _, start in free)) / 2


def _stretch(lines: Sequence[Line], woven: Sequence[int], gutter: float) -> tuple[int, int]:
    """From the first to past the last line of the columns, of which one may begin above and end below the other."""
    start, end = woven[0], woven[-1] + 2
    while start and _is_near(lines[start - 1], lines[start], gutter):
        start -= 1
    while end < len(lines) and _is_near(lines[end - 1], lines[end], gutter):
        end += 1
    return start, end


def _is_near(line: Line, following: Line, gutter: float) -> bool:
    step = following.box[1] - line.box[1]
    crosses = any(one.box[0] < gutter < one.box[2] for one in (line, following))
    return not crosses and 0 <= step < _NEXT * line.size and abs(line.size - following.size) < 1


def _are_of_words(lines: Sequence[Line], woven: Sequence[int], start: int) -> bool:
    within = woven[-1] + 2 - woven[0]
    words = [fmean(len(lines[at + side].words) for at in woven) for side in (0, 1)]
    tabled = any(
        (found := CAPTION.match(line.text)) and found["label"].lower().startswith(("table", "表"))
        for line in lines[max(start - 2, 0) : woven[0] + 1]
    )
    return min(words) >= _WORDS and len(woven) >= _MOST_ROWS * within / 2 and not tabled


def _blocks(lines: Sequence[Line], block: int) -> list[Line]:
    """The lines in blocks anew: one ends where a column does, or where they stand apart."""
    made: list[Line] = []
    for line in lines:
        if made:
            gap = line.box[1] - made[-1].box[3]
            block += gap > _LOOSE * line.size or gap < -2 * line.size
        made.append(replace(line, block=block))
    return made
