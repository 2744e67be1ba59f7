"""Articles that come as marked-up text: what is read of them, and their text in the making."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.entities import html5
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sources import Reference, Statement
from radcite.ingestion.articles.apparatus import Aside
from radcite.ingestion.articles.blocks import Block, BlockKind
from radcite.ingestion.articles.evidence import evidence_of
from radcite.ingestion.limits import Limits

if TYPE_CHECKING:
    # The stubs have no public name for what every parser returns.
    from lxml.etree import _Element  # pyright: ignore[reportPrivateUsage]

    Element = _Element

__all__ = [
    "Article",
    "ArticleText",
    "inline_text",
    "loose_text",
    "markup_of",
    "rows_of",
    "table_text",
    "tag_of",
    "tidy",
    "unpacked",
]

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 2048
_XML_OPENS = (b"<?xml", b"<!doctype", b"<article", b"<pmc-articleset", b"<pubmedarticleset")
_MOST_SPANNED = 50
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_UNSPOKEN = frozenset({"tex-math", "graphic", "inline-graphic", "media", "script", "style"})
_SPACED = frozenset(
    {"break", "br", "p", "div", "li", "title", "list-item", "td", "th", "annotation"}
)


class Article(Frozen):
    """An article as text. A blank line parts its blocks; a table's rows are lines, its cells parted by tabs.

    The list of references is no part of the text. `identity` is the id of the article in its archive
    (`pmcid:PMC7376533`): an article that comes again replaces what was stored of it.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    doi: str | None = None
    pmid: str | None = None
    licence: str | None = None
    retracted: bool = False
    identity: str | None = None
    text: str
    blocks: tuple[Block, ...]
    references: tuple[Reference, ...] = ()
    asides: tuple[Aside, ...] = ()
    statements: tuple[Statement, ...] = ()
    warnings: tuple[Literal["HIDDEN_TEXT"], ...] = ()

    @property
    def evidence(self) -> tuple[tuple[int, int], ...]:
        """What may be cited: each paragraph, each caption, and each table together with its caption.

        The asides, statements of the authors and furniture of the journal, are left out.
        """
        return evidence_of(self.text, self.blocks, self.asides, runs=False)


@dataclass(slots=True)
class ArticleText:
    """Text under construction: each block is added once, empty ones are passed over."""

    pieces: list[str] = field(default_factory=list[str])
    blocks: list[Block] = field(default_factory=list[Block])
    length: int = 0

    @property
    def text(self) -> str:
        """All that was added."""
        return "".join(self.pieces)

    def add(self, kind: BlockKind, text: str, label: str = "") -> None:
        """Append a block, parted from the one before by a blank line."""
        if not any(map(str.isalnum, text)):
            return
        if self.length:
            self.pieces.append("\n\n")
            self.length += 2
        self.pieces.append(text)
        end = self.length + len(text)
        self.blocks.append(Block(kind=kind, start=self.length, end=end, label=label))
        self.length = end


def markup_of(path: Path) -> Literal["xml", "html"] | None:
    """Whether a file, gzip or not, begins as XML or as HTML does; None for neither.

    XML other than an article is told when it is read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_GZIP):
        head = _inflated_head(head)
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            head = head[2:].decode(encoding, "ignore").encode()
    opens = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if opens[:1] == b"<" and (b"<!doctype html" in opens or b"<html" in opens):
        return "html"
    return "xml" if opens.startswith(_XML_OPENS) else None


def _inflated_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _HEAD_BYTES)
    except zlib.error:
        return b""


def unpacked(path: Path, limits: Limits) -> bytes:
    """The bytes of a file, out of gzip where it is packed.

    Raises:
        RadciteError: `LIMIT_EXCEEDED`; `UNSUPPORTED_FILE` for damaged gzip.
    """
    size = path.stat().st_size
    room = limits.room(size, limits.inflated_bytes)
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            content = file.read(room + 1)
    except (OSError, EOFError, zlib.error) as exc:
        raise RadciteError("UNSUPPORTED_FILE", "the gzip is damaged", "gzip 已损坏") from exc
    if len(content) > room:
        raise RadciteError("LIMIT_EXCEEDED", f"a text of more than {room} bytes")
    return content


def tag_of(element: "Element") -> str:
    """The name of an element without its namespace; "" for a comment and the like."""
    tag: object = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def tidy(text: str) -> str:
    """White space made single blanks."""
    return " ".join(text.split())


def inline_text(element: "Element", without: frozenset[str] = frozenset()) -> str:
    """The words of an element on one line, raised digits as superscript characters: 10⁵ is not 105."""
    return tidy("".join(_words(element, without | _UNSPOKEN, raised=False)))


def loose_text(element: "Element") -> str:
    """The same with its white space as it is, for an element between other words."""
    return "".join(_words(element, _UNSPOKEN, raised=tag_of(element) == "sup"))


def _words(element: "Element", without: frozenset[str], *, raised: bool) -> Iterator[str]:
    if element.text:
        yield element.text.translate(_RAISED) if raised else element.text
    for child in element:
        tag = tag_of(child)
        if tag and tag not in without:
            if tag in _SPACED:
                yield " "
            yield from _words(child, without, raised=raised or tag == "sup")
            if tag in _SPACED:
                yield " "
        elif not tag and (name := _entity(child)):
            yield name
        if child.tail:
            yield child.tail.translate(_RAISED) if raised else child.tail


def _entity(element: "Element") -> str:
    """The sign of an entity such as `&alpha;`, whose declaration is not fetched."""
    name: object = getattr(element, "name", None)
    return html5.get(f"{name};", "") if isinstance(name, str) else ""


def rows_of(table: "Element") -> list[list[str]]:
    """The cells of a table row by row; what spans several rows stands in each of them."""
    rows: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for row in table.iter("{*}tr"):
        cells: list[str] = []
        for cell in row:
            if tag_of(cell) not in {"td", "th"}:
                continue
            _fill(cells, hanging)
            text = inline_text(cell)
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            for column in range(len(cells), len(cells) + width):
                if height > 1:
                    hanging[column] = (height - 1, text if column == len(cells) else "")
            cells += [text, *[""] * (width - 1)]
        _fill(cells, hanging)
        if any(cells):
            rows.append(cells)
    return rows


def _fill(cells: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Put what hangs down from rows above into the next columns."""
    while len(cells) in hanging:
        column = len(cells)
        left, text = hanging.pop(column)
        if left > 1:
            hanging[column] = (left - 1, text)
        cells.append(text)


def _span(cell: "Element", name: str) -> int:
    stated = cell.get(name) or "1"
    return min(max(int(stated), 1), _MOST_SPANNED) if stated.isdecimal() else 1


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines, cells parted by tabs."""
    return "\n".join("\t".join(row).rstrip("\t") for row in rows)
