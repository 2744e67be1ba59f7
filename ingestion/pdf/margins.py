"""What stands at the edges of pages and is no part of their text."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from radcite.ingestion.pdf.text import Line, PageLines

__all__ = ["without_margins"]

_DIGITS = re.compile(r"\d+")
_MARGIN = 0.12
"""Running heads and feet stand in this part of the page's height at its top and bottom."""

_FEWEST_NUMBERS = 6
_FEWEST_WORDS = 4
_ALIGNED_PT = 3.0


def without_margins(pages: Sequence[PageLines]) -> Iterator[list[Line]]:
    """Each page's lines, less running heads, feet, page numbers and the numbers of a manuscript's lines."""
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for page in pages:
        for line in page.lines:
            if _is_marginal(line, page):
                seen[_signature(line)].add(page.number)
    enough = max(2, len(pages) // 4)
    for page in pages:
        numbers = _line_numbers(page.lines)
        yield [
            line
            for line in page.lines
            if id(line) not in numbers
            and not (_is_marginal(line, page) and len(seen[_signature(line)]) >= enough)
        ]


def _is_marginal(line: Line, page: PageLines) -> bool:
    top, bottom = line.box[1] / page.height, line.box[3] / page.height
    aside = not line.upright and (
        line.box[2] < 0.08 * page.width or line.box[0] > 0.92 * page.width
    )
    return bottom < _MARGIN or top > 1 - _MARGIN or aside


def _signature(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text.lower()), round(line.box[1] / 4)


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
