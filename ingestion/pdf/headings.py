"""Headings that only their font tells: neither bold nor larger than the text below them."""

import re
from collections import Counter
from collections.abc import Sequence

from radcite.ingestion.pdf.text import Line

__all__ = ["heading_fonts", "is_heading_edge"]

_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+[A-Z一-鿿]")
_ENDED = re.compile(r"[.!?:;。！？：；,，][\"'”’)\]]*(?:\[[\d,;–\s-]+\]|[⁰¹²³⁴⁵⁶⁷⁸⁹,–-]+)?$")
_WORDS = 14
_FEWEST = 2
_MOST_OF_ALL = 0.15
"""What more of the characters are set in is no font of headings."""


def heading_fonts(blocks: Sequence[Sequence[Line]], size: float) -> frozenset[str]:
    """Fonts other than the text's in which short lines stand above it, or are numbered, more than once."""
    letters, running = Counter[str](), Counter[str]()
    for block in blocks:
        for line in block:
            letters[line.font] += len(line.text)
            if line.size == size:
                running[line.font] += len(line.text)
    usual = next((font for font, _ in running.most_common() if font), "")
    seen = Counter[str]()
    for block in blocks:
        first = block[0]
        if first.font in {"", usual} or not _is_short(first) or abs(first.size - size) > 1.5:
            continue
        follows = len(block) > 1 and block[1].font == usual and not block[1].text[:1].islower()
        seen[first.font] += follows or (len(block) == 1 and bool(_NUMBERED.match(first.text)))
    whole = sum(letters.values())
    return frozenset(
        font
        for font, count in seen.items()
        if count >= _FEWEST and letters[font] <= _MOST_OF_ALL * whole
    )


def is_heading_edge(line: Line, piece: Sequence[Line], fonts: frozenset[str]) -> bool:
    """Whether a heading in its own font begins with a line, or ended before it."""
    before = piece[-1]
    if not fonts or line.font == before.font or line.box[1] <= before.box[1] + 0.4 * before.size:
        return False
    if all(one.font in fonts for one in piece):
        return not line.text[:1].islower() and not _ENDED.search(before.text)
    return line.font in fonts and _is_short(line) and bool(_ENDED.search(before.text))


def _is_short(line: Line) -> bool:
    opens = line.text[:1]
    return (
        line.upright
        and len(line.words) <= _WORDS
        and opens.isalnum()
        and not opens.islower()
        and not _ENDED.search(line.text)
    )
