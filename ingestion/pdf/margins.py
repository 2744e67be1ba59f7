"""What stands at the edges of pages and is no part of their text."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from radcite.ingestion.articles.article_words import CAPTION
from radcite.ingestion.pdf.text import Line, PageLines, shares_row

__all__ = ["without_margins"]

_DIGITS = re.compile(r"\d+")
_MARGIN = 0.12
"""Running heads and feet stand in this part of the page's height at its top and bottom."""

_FEWEST_NUMBERS = 6
_FEWEST_WORDS = 4
_ALIGNED_PT = 3.0
_SAME_SIZE = 0.5
_NEAR = 0.3
_STEPS = 3
_SAME_STEP = 1.3
"""Steps from line to line of one text differ by no more than this factor."""


def without_margins(pages: Sequence[PageLines]) -> Iterator[list[Line]]:
    """Each page's lines, less running heads, feet, page numbers and the numbers of a manuscript's lines.

    A running head stands at one height on several pages in the same words, but for a number that rises with the
    page. What goes on with the lines next to it, or stands in a row with what does, is text, however often it comes.
    """
    marginal = [[line for line in page.lines if _is_marginal(line, page)] for page in pages]
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for page, lines in zip(pages, marginal, strict=True):
        for line in lines:
            for signature in _signatures(line):
                seen[signature].add(page.number)
    enough = max(2, len(pages) // 4)
    for page, lines in zip(pages, marginal, strict=True):
        repeated = {
            id(line): line
            for line in lines
            if any(len(seen[signature]) >= enough for signature in _signatures(line))
        }
        gone = _line_numbers(page.lines) | (repeated.keys() - _of_text(page, repeated))
        yield [line for line in page.lines if id(line) not in gone]


def _is_marginal(line: Line, page: PageLines) -> bool:
    top, bottom = line.box[1] / page.height, line.box[3] / page.height
    return bottom < _MARGIN or top > 1 - _MARGIN or _is_aside(line, page)


def _is_aside(line: Line, page: PageLines) -> bool:
    """Whether a line runs up or down beside the text."""
    return not line.upright and (line.box[2] < 0.08 * page.width or line.box[0] > 0.92 * page.width)


def _signatures(line: Line) -> Iterator[tuple[str, int]]:
    """What a line has in common with those of other pages: height and words, any one number told from the page's."""
    text, height = line.text.lower(), round(line.box[1] / 4)
    yield text, height
    for found in _DIGITS.finditer(text):
        number = "" if found.group() == text else int(found.group()[:9]) - line.page
        yield f"{text[: found.start()]}#{number}#{text[found.end() :]}", height


def _of_text(page: PageLines, repeated: Mapping[int, Line]) -> set[int]:
    """Those of the repeated lines that are text: they follow the lines next to them at the distance of these."""
    kept: set[int] = set()
    for at_top in (True, False):
        upright = [
            line for line in page.lines if line.upright and _is_near(line, page, at_top=at_top)
        ]
        some = [
            line for line in repeated.values() if line.upright and _is_at_top(line, page) == at_top
        ]
        # From the text outwards: what goes on with a repeated line is text only if that line is.
        for line in sorted(some, key=lambda one: one.box[1], reverse=at_top):
            inner = _next(line, upright, down=at_top)
            if inner is None or (id(inner) in repeated and id(inner) not in kept):
                continue
            if CAPTION.match(line.text) or _goes_on(line, inner, upright, down=at_top):
                kept.add(id(line))
    texts = [repeated[one] for one in kept]
    return kept | {
        id(line) for line in repeated.values() if any(shares_row(line, one) for one in texts)
    }


def _is_near(line: Line, page: PageLines, *, at_top: bool) -> bool:
    """Whether a line is so near an edge that one in the margin may go on with it."""
    height = _NEAR * page.height
    return line.box[1] < height if at_top else line.box[3] > page.height - height


def _is_at_top(line: Line, page: PageLines) -> bool:
    return line.box[1] + line.box[3] < page.height


def _next(line: Line, lines: Sequence[Line], *, down: bool) -> Line | None:
    """The nearest line below, or above, that stands over or under a part of this one."""
    found = (
        other
        for other in lines
        if min(line.box[2], other.box[2]) > max(line.box[0], other.box[0])
        and not shares_row(line, other)
        and (other.box[1] > line.box[1]) == down
    )
    return min(found, key=lambda other: _step(line, other), default=None)


def _goes_on(line: Line, inner: Line, lines: Sequence[Line], *, down: bool) -> bool:
    """Whether a line stands as far from the one next to it as the following ones do from each other."""
    if abs(inner.size - line.size) > _SAME_SIZE:
        return False
    steps = [_step(line, inner)]
    while len(steps) < _STEPS and (after := _next(inner, lines, down=down)):
        steps.append(_step(inner, after))
        inner = after
    return len(steps) > 1 and max(steps) <= _SAME_STEP * min(steps)


def _step(a: Line, b: Line) -> float:
    return abs(a.box[3] - b.box[3])


def _line_numbers(lines: Sequence[Line]) -> frozenset[int]:
    """The identities of lines that hold nothing but the next number, one below the other at one side of the text."""
    numbers = [
        line for line in lines if len(line.words) == 1 and re.fullmatch(r"\d{1,4}", line.text)
    ]
    if len(numbers) < _FEWEST_NUMBERS:
        return frozenset()
    others = [line.box for line in lines if line.upright and len(line.words) >= _FEWEST_WORDS]
    if not others:
        return frozenset()
    left, right = min(box[0] for box in others), max(box[2] for box in others)
    for side in (2, 0):
        aligned: defaultdict[int, list[Line]] = defaultdict(list)
        for line in numbers:
            if line.box[2] <= left + _ALIGNED_PT or line.box[0] >= right - _ALIGNED_PT:
                aligned[round(line.box[side] / _ALIGNED_PT)].append(line)
        column = max(aligned.values(), key=len, default=numbers[:0])
        down = sorted(column, key=lambda line: line.box[1])
        steps = [int(b.text) - int(a.text) for a, b in pairwise(down)]
        # Numbers of two, three and one digit do not all begin at one place: either side may be the aligned one.
        if len(down) >= _FEWEST_NUMBERS and steps.count(steps[0]) >= 0.8 * len(steps) and steps[0]:
            ends = (min(line.box[0] for line in down), max(line.box[2] for line in down))
            return frozenset(
                id(line)
                for line in numbers
                if line.box[0] >= ends[0] - 12 and line.box[2] <= ends[1] + 12
            )
    return frozenset()
