"""Journal articles in JATS, the XML in which PubMed Central keeps them.

Source: ANSI/NISO Z39.96, JATS 1.3, Archiving and Interchange tag set.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from radcite.core.errors import RadciteError
from radcite.core.sources import Reference, Statement, StatementKind
from radcite.ingestion.articles.apparatus import asides_of, statement_kind
from radcite.ingestion.articles.markup import (
    Article,
    ArticleText,
    inline_text,
    rows_of,
    table_text,
    tag_of,
    tidy,
)
from radcite.ingestion.articles.references import reference

if TYPE_CHECKING:
    from radcite.ingestion.articles.markup import Element

__all__ = ["parse_jats", "parsed_xml"]

_FLOATS = frozenset({"fig", "fig-group", "table-wrap", "table-wrap-group"})
_LISTS = frozenset({"list", "def-list"})
_SECTIONS = frozenset(
    {
        *("sec", "app", "app-group", "boxed-text", "disp-quote", "statement", "floats-group"),
        *("fig-group", "table-wrap-group", "disp-formula-group", "sub-article-body", "body"),
        *("speech", "verse-group"),
    }
)
_SET_APART = frozenset({"preformat", "array", "speech", "verse-group"})
_ASIDE = frozenset({"supplementary-material", "disp-formula", "fn", *_FLOATS, *_LISTS, *_SET_APART})
# As the publisher dates it, the issue before the day on which it went online.
_DATES = ("collection", "ppub", "pub", "epub", "epub-ppub")
_RETRACTED_BY = frozenset({"retraction-forward", "retracted-by", "withdrawal-forward"})
_RETRACTED_TITLE = re.compile(r"\W*(?:retracted|withdrawn)\b\s*(?:article)?\s*[:\]]", re.IGNORECASE)
_BESIDE = frozenset({"title", "label"})
_ENDS = frozenset({"ack", "notes", "fn", "sec"})
_NAMED: Mapping[str, StatementKind] = {
    **dict.fromkeys(("coi-statement", "COI-statement", "conflict"), "interests"),
    **dict.fromkeys(("con", "author-contribution"), "contributions"),
    **dict.fromkeys(("funding-information", "financial-disclosure", "supported-by"), "funding"),
    **dict.fromkeys(("ethics", "ethics-statement"), "ethics"),
    **dict.fromkeys(("data-availability", "data-availability-statement"), "data"),
}
_LICENCE = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<kind>by[a-z-]*)/(?P<version>[\d.]+)|(?P<zero>publicdomain/zero))"
)


def parse_jats(root: "Element") -> Article:
    """An article's metadata, sections, captions, tables and references.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for XML that is no article or has no words.
    """
    article = root if tag_of(root) == "article" else next(root.iter("{*}article"), None)
    if article is None:
        raise RadciteError("UNSUPPORTED_FILE", "XML, but no JATS article", "不是 JATS 文章的 XML")
    front = next(article.iter("{*}article-meta", "{*}front-stub"), None)
    made = ArticleText()
    if front is not None:
        for abstract in front.iterfind("{*}abstract"):
            _abstract(abstract, made)
        for abstract in front.iterfind("{*}trans-abstract"):
            _abstract(abstract, made)
    _body(article, made)
    if not made.blocks:
        raise RadciteError("UNSUPPORTED_FILE", "an article without words", "文章没有文字")
    title = "" if front is None else _first(front, "{*}title-group/{*}article-title")
    authors = () if front is None else tuple(_authors(front))
    return Article(
        title=title,
        authors=authors,
        year=None if front is None else _year(front),
        doi=None if front is None else _identifier(front, "doi"),
        pmid=None if front is None else _identifier(front, "pmid"),
        licence=_licence(article),
        identity=_identity(front),
        retracted=_retracted(article, title),
        text=made.text,
        blocks=tuple(made.blocks),
        references=tuple(_references(article)),
        asides=asides_of(made.text, made.blocks, title, authors),
        statements=tuple(_statements(article)),
    )


def parsed_xml(content: bytes) -> "Element":
    """The root of a document of which nothing outside the file is fetched and no entity put in.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for one that is damaged or declares entities.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise RadciteError("UNSUPPORTED_FILE", "the XML is damaged", "XML 已损坏") from exc
    internal = root.getroottree().docinfo.internalDTD
    if internal is not None and cast("Any", internal).entities():
        raise RadciteError(
            "UNSUPPORTED_FILE", "the XML declares entities of its own", "XML 自行声明了实体"
        )
    return root


def _body(article: "Element", made: ArticleText) -> None:
    """What is said up to the list of references, and behind it: appendices, sections that are no statement."""
    for part in ("{*}body", "{*}floats-group", "{*}back/{*}app-group", "{*}back/{*}app"):
        for section in article.iterfind(part):
            _section(section, made)
    for section in article.iterfind("{*}back/{*}sec"):
        if not any(_stated_in(part) for part in section.iter("*")):
            _section(section, made)


def _abstract(abstract: "Element", made: ArticleText) -> None:
    if abstract.find("{*}title") is None:
        made.add("heading", "Abstract")
    _section(abstract, made)


def _section(section: "Element", made: ArticleText) -> None:
    for child in section:
        tag = tag_of(child)
        if tag in {"title", "subtitle"}:
            made.add("heading", inline_text(child))
        elif tag == "p":
            _paragraph(child, made)
        elif tag in _SECTIONS:
            _section(child, made)
        else:
            _float(child, made)


def _paragraph(paragraph: "Element", made: ArticleText) -> None:
    """Its words as one block, then the lists, figures and tables that stand in it."""
    made.add("paragraph", inline_text(paragraph, _ASIDE))
    for child in paragraph:
        if tag_of(child) in _SET_APART & _SECTIONS:
            _section(child, made)
        else:
            _float(child, made)


def _float(element: "Element", made: ArticleText) -> None:
    tag = tag_of(element)
    if tag in _LISTS:
        made.add("paragraph", "\n".join(_entries(element)))
    elif tag in {"preformat", "speaker", "verse-line"}:
        made.add("paragraph", inline_text(element))
    elif tag == "array":
        made.add("table", table_text(rows_of(element)))
    elif tag == "fig":
        _caption(element, made)
    elif tag == "table-wrap":
        _caption(element, made)
        rows = [row for table in element.iter("{*}table") for row in rows_of(table)]
        notes = [inline_text(note) for note in element.iterfind("{*}table-wrap-foot")]
        label = _first(element, "{*}label")
        made.add("table", "\n".join([table_text(rows), *filter(None, notes)]), label)


def _entries(listed: "Element") -> Iterator[str]:
    for entry in listed:
        if tag_of(entry) == "list-item":
            yield inline_text(entry)
        elif tag_of(entry) == "def-item":
            yield f"{_first(entry, '{*}term')}: {_first(entry, '{*}def')}"


def _caption(element: "Element", made: ArticleText) -> None:
    label = _first(element, "{*}label").rstrip(".:")
    caption = element.find("{*}caption")
    words = "" if caption is None else inline_text(caption, _ASIDE)
    made.add("caption", f"{label}. {words}" if label and words else words, label)


def _first(element: "Element", path: str) -> str:
    found = element.find(path)
    return "" if found is None else inline_text(found, frozenset({"xref", "fn"}))


def _authors(front: "Element") -> Iterator[str]:
    for contrib in front.iterfind("{*}contrib-group/{*}contrib"):
        if (contrib.get("contrib-type") or "author") != "author":
            continue
        name = contrib.find("{*}name")
        if name is None:
            name = contrib.find("{*}name-alternatives/{*}name")
        if name is None:
            yield from filter(
                None, [_first(contrib, "{*}collab") or _first(contrib, "{*}string-name")]
            )
        else:
            parts = (_first(name, "{*}given-names"), _first(name, "{*}surname"))
            yield " ".join(filter(None, parts))


def _year(front: "Element") -> int | None:
    years: dict[str, int] = {}
    for date in front.iterfind("{*}pub-date"):
        kind = date.get("pub-type") or date.get("date-type") or ""
        if (stated := _first(date, "{*}year")).isdecimal():
            years.setdefault(kind, int(stated))
    return next(
        (years[kind] for kind in _DATES if kind in years), min(years.values(), default=None)
    )


def _identifier(front: "Element", kind: str) -> str | None:
    found = front.iterfind("{*}article-id")
    stated = (tidy(each.text or "") for each in found if each.get("pub-id-type") == kind)
    value = next(filter(None, stated), None)
    return value.lower() if value and kind == "doi" else value


def _identity(front: "Element | None") -> str | None:
    """Its PMCID, which archives write with and without the letters."""
    if front is None:
        return None
    stated = next(filter(None, (_identifier(front, kind) for kind in ("pmcid", "pmc"))), "")
    digits = stated.upper().removeprefix("PMC").split(".")[0]
    return f"pmcid:PMC{digits}" if digits.isdecimal() else None


def _licence(article: "Element") -> str | None:
    for licence in article.iter("{*}license"):
        said = " ".join(str(value) for each in licence.iter("*") for value in each.attrib.values())
        if found := _LICENCE.search(f"{said} {inline_text(licence)}"):
            if found["zero"]:
                return "CC0 1.0"
            return f"CC {found['kind'].upper()} {found['version'].rstrip('.')}"
    return None


def _retracted(article: "Element", title: str) -> bool:
    links = article.iterfind("{*}front/{*}article-meta/{*}related-article")
    named = any(link.get("related-article-type") in _RETRACTED_BY for link in links)
    return (
        named
        or article.get("article-type") == "retracted-article"
        or _RETRACTED_TITLE.match(title) is not None
    )


def _statements(article: "Element") -> Iterator[Statement]:
    """What the authors state at the end of the article; the rest of its end is the journal's."""
    parts = article.iterfind("{*}back//*")
    for part in parts:
        kind = _stated_in(part)
        if kind and (words := inline_text(part, _BESIDE)):
            yield Statement(kind=kind, text=words)


def _stated_in(part: "Element") -> StatementKind | None:
    """Which statement an element at the end of an article is, if it is one."""
    tag = tag_of(part)
    if tag not in _ENDS or any(tag_of(child) in _ENDS for child in part):
        return None
    if tag == "ack":
        return "acknowledgement"
    named = part.get("fn-type") or part.get("notes-type") or part.get("sec-type") or ""
    return (
        statement_kind(_first(part, "{*}title"))
        or _NAMED.get(named)
        or statement_kind(inline_text(part, _BESIDE).split(":")[0])
    )


def _references(article: "Element") -> Iterator[Reference]:
    for entry in article.iterfind("{*}back//{*}ref"):
        cited = next(entry.iter("{*}mixed-citation", "{*}element-citation", "{*}citation"), None)
        if cited is None:
            continue
        ids = {each.get("pub-id-type"): inline_text(each) for each in cited.iter("{*}pub-id")}
        if text := _reference_text(cited):
            yield reference(text, ids.get("doi"), ids.get("pmid"))


def _reference_text(cited: "Element") -> str:
    without = frozenset({"pub-id", "label"})
    if tag_of(cited) != "element-citation":
        return inline_text(cited, without)
    # Punctuation of such a citation is left to whoever shows it.
    parts = ("person-group", "year", "article-title", "source", "volume", "fpage")
    return ". ".join(filter(None, (_part(cited, part) for part in parts)))


def _part(cited: "Element", part: str) -> str:
    if part != "person-group":
        return _first(cited, f"{{*}}{part}")
    names = cited.iter("{*}name")
    return ", ".join(
        " ".join(filter(None, (_first(name, "{*}surname"), _first(name, "{*}given-names"))))
        for name in names
    )
