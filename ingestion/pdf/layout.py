"""From the lines of pages to the parts of an article: paragraphs, headings, captions, tables."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Literal

from radcite.ingestion.articles.article_words import CAPTION
from radcite.ingestion.pdf.columns import in_columns
from radcite.ingestion.pdf.headings import heading_fonts, is_heading_edge
from radcite.ingestion.pdf.margins import without_margins
from radcite.ingestion.pdf.tables import rows_of
from radcite.ingestion.pdf.text import Line, PageLines, shares_row

__all__ = ["Part", "PartKind", "arrange", "body_size"]

PartKind = Literal["body", "heading", "caption", "table", "other"]

_TERMINAL = re.compile(r"[.!?:;。！？：；][\"'”’)\]]*(?:\[[\d,;–\s-]+\]|[⁰¹²³⁴⁵⁶⁷⁸⁹,–-]+)?$")
_NO_CAPTION = re.compile(rf"https?://|doi:|{CAPTION.pattern}", re.IGNORECASE)
_ITEM = re.compile(r"(?:\(?\d{1,3}(?:\.\d{1,2})*[.)]|\d{1,2}(?:\.\d{1,2})+|\(?[a-z]\)|[-–•])\s")

_SAME_SIZE = 0.35
_HEADING_WORDS = 16
_MOST = 0.6
_APART = 1.2


@dataclass(slots=True)
class Part:
    """Lines that belong together. A table keeps its lines in rows of cells, of which some are empty."""

    kind: PartKind
    lines: list[Line]
    label: str = ""
    rows: list[list[list[Line]]] = field(default_factory=list[list[list[Line]]])

    @property
    def text(self) -> str:
        """The lines, joined plainly."""
        return " ".join(line.text for line in self.lines)


def arrange(pages: Sequence[PageLines]) -> list[Part]:
    """The parts of the document in reading order.

    Blocks keep the order of the page's content, which in typeset articles goes column by column; where it goes line
    by line across the columns, they are parted first. A paragraph that goes on in the next column or page is joined,
    before what floats between.
    """
    size = body_size(pages)
    parts: list[Part] = []
    blocks = [
        [list(block) for _, block in groupby(page, key=lambda line: line.block)]
        for page in map(in_columns, without_margins(pages))
    ]
    fonts = heading_fonts([block for some in blocks for block in some], size)
    for some in blocks:
        pieces = [piece for block in some for piece in _split(block, fonts)]
        _append(parts, pieces, size, fonts)
    for part in parts:
        if part.kind == "table":
            part.rows = rows_of(part.lines)
    return parts


def body_size(pages: Sequence[PageLines]) -> float:
    """The type size, in points, of the text: of those in which most characters are set, the largest.

    A long list of references in smaller type is not the text.
    """
    sizes = Counter[float]()
    for page in pages:
        for line in page.lines:
            sizes[line.size] += len(line.text) - line.text.count(" ")
    most = max(sizes.values(), default=0)
    return max((size for size, count in sizes.items() if count >= _MOST * most), default=0.0)


def _split(block: list[Line], fonts: frozenset[str]) -> Iterator[list[Line]]:
    """A block where a caption, a change of style or an indented first line begins something new."""
    left = min(line.box[0] for line in block)
    piece = [block[0]]
    for line in block[1:]:
        if _begins(line, piece, left) or is_heading_edge(line, piece, fonts):
            yield piece
            piece = []
        piece.append(line)
    yield piece


def _begins(line: Line, piece: Sequence[Line], left: float) -> bool:
    before = piece[-1]
    if shares_row(line, before):
        return False
    if line.bullet or (_ITEM.match(line.text) and _ends_before_item(piece, left)):
        return True
    if abs(line.size - before.size) > 0.6 and _is_below(line, before):
        return True
    if line.bold != before.bold and _is_below(line, before):
        return len(before.words) > 1 or line.bold
    if line.opens_bold and not before.bold and CAPTION.match(line.text):
        return True
    indent = line.box[0] - left
    ends = bool(_TERMINAL.search(before.text))
    return ends and 0.7 * line.size < indent < 4 * line.size and before.box[0] - left < 1


def _ends_before_item(piece: Sequence[Line], left: float) -> bool:
    """Whether a line that looks like a list item is one, and no number that a line happens to open."""
    ended = _TERMINAL.search(piece[-1].text) is not None
    return ended or _ITEM.match(piece[0].text) is not None or piece[-1].box[0] > left + 1


def _is_below(line: Line, before: Line) -> bool:
    return line.box[1] > before.box[1] + 0.4 * before.size


def _append(
    parts: list[Part], pieces: Sequence[list[Line]], size: float, fonts: frozenset[str]
) -> None:
    for piece in pieces:
        last = parts[-1] if parts else None
        if last and last.kind == "caption" and _goes_on_caption(last, piece, size):
            last.lines += piece
        elif label := _caption_label(piece, size):
            parts.append(Part("caption", piece, label))
        elif (heads := _is_heading(piece, size, fonts)) and _is_heading_below(piece, last, size):
            parts.append(Part("heading", piece))
        elif _is_table(piece, last, size):
            _add_rows(parts, piece)
        elif heads:
            parts.append(Part("heading", piece))
        elif (open_part := _open_paragraph(parts, size)) and _continues(open_part, piece, size):
            open_part.lines += piece
        else:
            parts.append(Part("body" if _is_size(piece, size) else "other", piece))


def _is_size(lines: Sequence[Line], size: float) -> bool:
    return abs(_size(lines) - size) <= _SAME_SIZE


def _size(lines: Sequence[Line]) -> float:
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.words)
    return sizes.most_common(1)[0][0]


def _caption_label(piece: Sequence[Line], size: float) -> str:
    """The label a caption opens with, or nothing for a sentence that merely begins like one."""
    text = piece[0].text
    match = CAPTION.match(text)
    if match is None:
        return ""
    rest = text[match.end() :].lstrip()
    set_apart = piece[0].opens_bold or not _is_size(piece, size) or bool(match["after"].strip())
    if not set_apart or (rest[:1].islower() and not piece[0].opens_bold):
        return ""
    return match["label"]


def _goes_on_caption(caption: Part, piece: Sequence[Line], size: float) -> bool:
    last, line = caption.lines[-1], piece[0]
    if line.page != last.page or _NO_CAPTION.match(line.text) or _rows_of(piece) < len(piece):
        return False
    near = abs(line.box[1] - last.box[3]) < 1.5 * line.size and _overlaps(line, last)
    if caption.text.strip(" .:") == caption.label.strip():
        return near
    if abs(_size(piece) - _size(caption.lines)) > _SAME_SIZE or line.bold:
        return False
    beside = abs(line.box[1] - caption.lines[0].box[1]) < 0.5 * line.size
    unfinished = not _TERMINAL.search(caption.text)
    if caption.label.lower().startswith(("table", "表")):
        return unfinished and near and caption.text.endswith("-")
    return (beside and unfinished) or (near and (unfinished or not _is_size(piece, size)))


def _overlaps(a: Line, b: Line) -> bool:
    return min(a.box[2], b.box[2]) > max(a.box[0], b.box[0])


def _rows_of(piece: Sequence[Line]) -> int:
    """Rows of a piece: lines side by side with a clear gap between them are one."""
    rows = 1
    for before, line in pairwise(piece):
        apart = line.box[0] - before.box[2] > 0.9 * line.size or line.box[2] < before.box[0]
        rows += not (apart and shares_row(line, before))
    return rows


def _is_table(piece: Sequence[Line], last: Part | None, size: float) -> bool:
    if not all(line.upright for line in piece):
        return False
    cells = len(piece) - _rows_of(piece)
    after = last is not None and last.lines[-1].page == piece[0].page
    follows = after and last is not None and _is_table_part(last)
    if cells and len(piece) >= 2 * cells and not follows:
        # Justified lines fall apart at wide gaps too; most rows of a table have several cells.
        return cells >= 0.5 * _rows_of(piece) and not _is_size(piece, size)
    short = sum(len(line.words) for line in piece) < 12 * len(piece) and len(piece) < 12
    return bool(cells) or (follows and short and not _is_size(piece, size))


def _is_table_part(part: Part) -> bool:
    return part.kind == "table" or (
        part.kind == "caption" and part.label.lower().startswith(("table", "表"))
    )


def _add_rows(parts: list[Part], piece: list[Line]) -> None:
    if not (parts and parts[-1].kind == "table" and parts[-1].lines[-1].page == piece[0].page):
        parts.append(Part("table", []))
    parts[-1].lines += piece


def _is_heading_below(piece: Sequence[Line], last: Part | None, size: float) -> bool:
    """Whether what looks like a heading is one below a table too: larger than the text, or well apart."""
    if _rows_of(piece) < len(piece) or last is None or last.kind != "table":
        return False
    line, bottom = piece[0], max(one.box[3] for one in last.lines)
    if line.page != last.lines[-1].page:
        return False
    apart = line.box[1] - bottom > _APART * line.size and _size(piece) >= _size(last.lines)
    return _size(piece) > size + _SAME_SIZE or apart


def _is_heading(piece: Sequence[Line], size: float, fonts: frozenset[str]) -> bool:
    words = sum(len(line.words) for line in piece)
    text = piece[-1].text
    marked = all(line.bold for line in piece) or _size(piece) > size + 0.5
    marked = marked or all(line.font in fonts for line in piece)
    opens = piece[0].text[:1]
    capital = not opens.islower() and (opens.isalnum())
    return (
        marked and capital and words <= _HEADING_WORDS and not text.endswith((".", ",", ";", "。"))
    )


def _open_paragraph(parts: Sequence[Part], size: float) -> Part | None:
    """The last paragraph of the running text, unless it has ended or a heading came since."""
    for part in reversed(parts):
        if part.kind == "heading" and _size(part.lines) >= size - _SAME_SIZE:
            return None
        if part.kind == "body":
            return None if _TERMINAL.search(part.lines[-1].text) else part
    return None


def _continues(part: Part, piece: Sequence[Line], size: float) -> bool:
    last, line = part.lines[-1], piece[0]
    if not _is_size(piece, size) or line.page - last.page > 2 or line.bullet:
        return False
    opens = line.text[:1]
    if last.text.endswith(("-", "\u2010")) or opens.islower():
        return True
    if last.page == line.page and line.box[1] > last.box[1]:
        return False
    width = max(each.box[2] for each in part.lines) - min(each.box[0] for each in part.lines)
    return last.box[2] - last.box[0] > 0.9 * min(width, last.box[2] - last.box[0] + 40)
