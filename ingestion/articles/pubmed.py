"""Records of PubMed as its XML gives them: titles and abstracts.

Source: NLM, `pubmed_250101.dtd`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from radcite.ingestion.articles.markup import Article, ArticleText, inline_text, tidy

if TYPE_CHECKING:
    from radcite.ingestion.articles.markup import Element

__all__ = ["parse_pubmed"]


def parse_pubmed(root: "Element") -> tuple[Article, ...]:
    """The articles of a `PubmedArticleSet` that have an abstract."""
    return tuple(
        made for each in root.iter("PubmedArticle") if (made := _article(each)) is not None
    )


def _article(record: "Element") -> Article | None:
    made = ArticleText()
    for part in record.iterfind("MedlineCitation/Article/Abstract/AbstractText"):
        if label := tidy(part.get("Label") or ""):
            made.add("heading", label.capitalize())
        made.add("paragraph", inline_text(part))
    if not any(block.kind == "paragraph" for block in made.blocks):
        return None
    pmid = _text(record, "MedlineCitation/PMID")
    return Article(
        title=_text(record, "MedlineCitation/Article/ArticleTitle").rstrip("."),
        authors=tuple(_authors(record)),
        year=_year(record),
        doi=_doi(record),
        pmid=pmid or None,
        identity=f"pmid:{pmid}" if pmid else None,
        retracted=_retracted(record),
        text=made.text,
        blocks=tuple(made.blocks),
    )


def _text(record: "Element", path: str) -> str:
    found = record.find(path)
    return "" if found is None else inline_text(found)


def _authors(record: "Element") -> Iterator[str]:
    for author in record.iterfind("MedlineCitation/Article/AuthorList/Author"):
        parts = (_text(author, "ForeName"), _text(author, "LastName"))
        yield from filter(None, [" ".join(filter(None, parts)) or _text(author, "CollectiveName")])


def _year(record: "Element") -> int | None:
    date = "MedlineCitation/Article/Journal/JournalIssue/PubDate/"
    stated = _text(record, f"{date}Year") or _text(record, f"{date}MedlineDate")[:4]
    return int(stated) if stated.isdecimal() else None


def _doi(record: "Element") -> str | None:
    for path, kind in (
        ("PubmedData/ArticleIdList/ArticleId", "IdType"),
        ("MedlineCitation/Article/ELocationID", "EIdType"),
    ):
        for each in record.iterfind(path):
            if each.get(kind) == "doi" and (doi := inline_text(each)):
                return doi.lower()
    return None


def _retracted(record: "Element") -> bool:
    kinds = record.iterfind("MedlineCitation/Article/PublicationTypeList/PublicationType")
    notes = record.iterfind("MedlineCitation/CommentsCorrectionsList/CommentsCorrections")
    return any(inline_text(each) == "Retracted Publication" for each in kinds) or any(
        each.get("RefType") == "RetractionIn" for each in notes
    )
