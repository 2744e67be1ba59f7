"""Articles as web pages: what a reader sees of the article, without the page around it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from radcite.core.errors import RadciteError
from radcite.core.sources import Reference
from radcite.ingestion.articles.apparatus import asides_of
from radcite.ingestion.articles.article_words import doi_in
from radcite.ingestion.articles.markup import (
    Article,
    ArticleText,
    inline_text,
    loose_text,
    rows_of,
    table_text,
    tag_of,
    tidy,
)
from radcite.ingestion.articles.references import heads_references, reference
from radcite.ingestion.text import legacy_encoding

if TYPE_CHECKING:
    from radcite.ingestion.articles.markup import Element

__all__ = ["parse_html"]

_AROUND_TAGS = (
    "script style noscript template nav aside footer form button svg iframe object select dialog head audio video"
    " canvas input"
)
_AROUND = frozenset(_AROUND_TAGS.split())
# Whole names, as `site-nav` or `share_buttons`; a heading's own words within an id name no part of the page.
_AROUND_NAMES = re.compile(
    r"(?:(?:main|site|page|top|side|global|article|mobile|js|c|social)[_-]+)*"
    r"(?:nav(?:igation|bar)?|menu|breadcrumbs?|cookies?|sidebar|advert(?:isement)?s?|share|social|comments|related"
    r"|skip-link|toc|metrics)"
    r"(?:[_-]+(?:bar|banner|box|block|buttons?|card|consent|content|container|icons?|inner|items?|links?|list|media|menu"
    r"|modal|notice|panel|popup|posts?|reading|articles?|section|share|toolbar|widget|wrapper))*"
)
_PROSE_CHARS = 120
_AROUND_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary"})
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:\D|$)|opacity\s*:\s*0(?:[;\s]|$|\.0)",
    re.IGNORECASE,
)
_BLOCK_TAGS = (
    "p div section article main header ul ol dl li dt dd table figure blockquote pre h1 h2 h3 h4 h5 h6 body center"
    " details summary hr address fieldset figcaption"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_LABEL = re.compile(r"(?:fig(?:ure|\.)?|table|scheme|box|图|表)\s*[a-z]?\d+[a-z]?", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_TITLES = ("citation_title", "dc.title", "og:title")
_AUTHORS = ("citation_author", "dc.creator", "author")
_DATES = (
    *("citation_publication_date", "citation_online_date", "citation_date", "citation_year"),
    *("dc.date", "article:published_time"),
)


def parse_html(content: bytes) -> Article:
    """A page's metadata (`citation_…`, Dublin Core), headings, paragraphs, captions, tables and references.

    Navigation, forms, scripts and text that an element's own attributes hide are left out; what only a
    style sheet hides is not known to be hidden.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for a page without words.
    """
    root = _page(content)
    stated = _stated(root)
    reading = _Reading()
    hid = _strip(root)
    reading.flow(_main(root))
    made = reading.made
    if not made.blocks:
        raise RadciteError("UNSUPPORTED_FILE", "a page without words", "网页没有文字")
    year = _YEAR.search(_any(stated, _DATES))
    title = _any(stated, _TITLES) or _heading(root)
    authors = tuple(next((stated[name] for name in _AUTHORS if name in stated), ()))
    return Article(
        title=title,
        authors=authors,
        year=int(year.group()) if year else None,
        doi=doi_in(_any(stated, ("citation_doi", "dc.identifier", "prism.doi"))),
        pmid=_any(stated, ("citation_pmid",)) or None,
        text=made.text,
        blocks=tuple(made.blocks),
        references=tuple(reading.references),
        asides=asides_of(made.text, made.blocks, title, authors),
        warnings=("HIDDEN_TEXT",) if hid else (),
    )


def _page(content: bytes) -> "Element":
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding=_encoding(content), no_network=True, huge_tree=False, remove_comments=True
    )
    try:
        return html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, LookupError) as exc:
        raise RadciteError("UNSUPPORTED_FILE", "the page is damaged", "网页已损坏") from exc


def _encoding(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        found = _CHARSET.search(content[:4096])
        named = found[1].decode().lower() if found else (legacy_encoding(content) or "gb18030")
        return "gb18030" if named in {"gb2312", "gbk"} else named
    return "utf-8"


def _stated(root: "Element") -> dict[str, list[str]]:
    """What the page's `meta` elements say, by their names in small letters."""
    stated: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        if name and (value := tidy(meta.get("content") or "")):
            stated.setdefault(name, []).append(value)
    return stated


def _any(stated: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next((stated[name][0] for name in names if name in stated), "")


def _heading(root: "Element") -> str:
    for path in (".//h1", ".//title"):
        found = root.find(path)
        if found is not None and (text := inline_text(found)):
            return text
    return ""


def _strip(root: "Element") -> bool:
    """Take out what is around the article and what is hidden; whether words were hidden."""
    hid = False
    for element in [*root.iter("*")]:
        parent = element.getparent()
        if parent is None or tag_of(element) in {"html", "body", "title"}:
            continue
        hidden = _is_hidden(element)
        if hidden or _is_around(element):
            hid = hid or (hidden and tag_of(element) not in _AROUND and bool(inline_text(element)))
            _remove(element, parent)
    return hid


def _remove(element: "Element", parent: "Element") -> None:
    """Take an element out and leave the text after it."""
    before = element.getprevious()
    if element.tail:
        if before is None:
            parent.text = f"{parent.text or ''} {element.tail}"
        else:
            before.tail = f"{before.tail or ''} {element.tail}"
    parent.remove(element)


def _is_hidden(element: "Element") -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDING.search(element.get("style") or "") is not None
    )


def _is_around(element: "Element") -> bool:
    tag = tag_of(element)
    if tag in {"article", "main"}:
        return False
    if tag in (_AROUND - {"head"}) or element.get("role") in _AROUND_ROLES:
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()
    named = tag in {"div", "section", "ul", "ol"} and any(map(_AROUND_NAMES.fullmatch, names))
    return named and not _is_section(element)


def _is_section(element: "Element") -> bool:
    """Whether an element within the article has a heading and prose that is no list of links."""
    if not any(tag_of(one) in {"article", "main"} for one in element.iterancestors()):
        return False
    if not any(True for _ in element.iter("h2", "h3", "h4", "h5", "h6")):
        return False
    linked = sum(len(inline_text(one)) for one in element.iter("a"))
    prose = sum(len(inline_text(one)) for one in element.iter("p"))
    return prose >= _PROSE_CHARS and 2 * linked < prose


def _main(root: "Element") -> "Element":
    """The element with the article: the longest `article` or `main`, else the body."""
    named = [*root.iter("article", "main"), *root.iterfind(".//*[@role='main']")]
    body = root.find("body")
    return max(
        named, key=lambda each: len(inline_text(each)), default=root if body is None else body
    )


class _Reading:
    """One pass through a page, in its order."""

    def __init__(self) -> None:
        self.made = ArticleText()
        self.references: list[Reference] = []
        self._loose: list[str] = []
        self._closing = 0
        """The level of the heading under which the references stand, 0 elsewhere."""

    def flow(self, element: "Element") -> None:
        """The blocks within an element, and its loose words as paragraphs between them."""
        self._loose.append(element.text or "")
        for child in element:
            tag = tag_of(child)
            if tag in _BLOCKS:
                self._end_paragraph()
                self._block(child, tag)
            elif _holds(child, _BLOCKS):
                self.flow(child)
            elif tag:
                self._loose.append(" " if tag == "br" else loose_text(child))
            self._loose.append(child.tail or "")
        self._end_paragraph()

    def _block(self, element: "Element", tag: str) -> None:
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self._heading(inline_text(element), int(tag[1]))
        elif self._closing:
            self._add_references(element)
        elif tag == "table" and element.find(".//table") is None:
            self._table(element)
        elif tag == "figcaption":
            self._caption(inline_text(element))
        elif tag in {"ul", "ol"} and not _holds(element, _BLOCKS - {"li"}):
            entries = (inline_text(entry) for entry in element.iter("li"))
            self.made.add("paragraph", "\n".join(filter(None, entries)))
        else:
            self.flow(element)

    def _heading(self, text: str, level: int) -> None:
        if heads_references(text):
            self._closing = level
        elif not self._closing or level <= self._closing:
            self._closing = 0
            self.made.add("heading", text)

    def _table(self, table: "Element") -> None:
        caption = table.find("caption")
        if caption is not None:
            self._caption(inline_text(caption))
        self.made.add("table", table_text(rows_of(table)))

    def _caption(self, text: str) -> None:
        label = _LABEL.match(text)
        self.made.add("caption", text, label.group() if label else "")

    def _add_references(self, element: "Element") -> None:
        entries: Iterator[Element] = element.iter("li")
        texts = [inline_text(each) for each in entries] or [inline_text(element)]
        for text in filter(None, texts):
            self.references.append(reference(text))

    def _end_paragraph(self) -> None:
        text = tidy("".join(self._loose))
        self._loose.clear()
        if text and self._closing:
            self.references.append(reference(text))
        else:
            self.made.add("paragraph", text)


def _holds(element: "Element", tags: frozenset[str]) -> bool:
    return any(tag_of(each) in tags for child in element for each in child.iter("*"))
