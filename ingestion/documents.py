"""Texts and what is known of them, from each kind of file, as the ledger stores them."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from radcite.core.language import detect_language
from radcite.core.ledger import StoredDocument
from radcite.core.sources import Document, Figure
from radcite.core.vectors import Pixels
from radcite.ingestion.articles.apparatus import statements_of
from radcite.ingestion.articles.html import parse_html
from radcite.ingestion.articles.jats import parse_jats, parsed_xml
from radcite.ingestion.articles.markup import Article, markup_of, tag_of, unpacked
from radcite.ingestion.articles.pubmed import parse_pubmed
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.figures import CutFigure
from radcite.ingestion.pdf.reading import PdfDocument
from radcite.ingestion.report import Tally
from radcite.ingestion.text import title_of
from radcite.ingestion.writer import BatchWriter

__all__ = ["read_article", "stored_document", "take_articles"]

_GROUP = 200


def read_article(path: Path, limits: Limits) -> Article | tuple[Article, ...]:
    """An article in JATS XML or HTML, or the records of a PubMed XML, gzip or not.

    Meant for a worker process.

    Raises:
        RadciteError: `LIMIT_EXCEEDED`, `UNSUPPORTED_FILE`.
    """
    content = unpacked(path, limits)
    if markup_of(path) == "html":
        return parse_html(content)
    root = parsed_xml(content)
    return parse_pubmed(root) if tag_of(root) == "pubmedarticleset" else parse_jats(root)


def _picture(cut: CutFigure) -> Pixels:
    return np.frombuffer(cut.rgb, dtype=np.uint8).reshape(cut.rows, cut.columns, 3)


def _figure(cut: CutFigure, picture: Pixels) -> Figure:
    return Figure(
        label=cut.label,
        start=cut.start,
        end=cut.end,
        page=cut.page,
        box=cut.box,
        image=sha256(f"{picture.shape}".encode() + picture.tobytes()).hexdigest(),
    )


async def take_articles(
    articles: Sequence[Article], file: str, writer: BatchWriter, tally: Tally
) -> None:
    """Every new or changed article of a list, in the file of this key, into the collection."""
    for start in range(0, len(articles), _GROUP):
        some = articles[start : start + _GROUP]
        made = [
            stored_document(one, sha256(one.model_dump_json().encode()).hexdigest()) for one in some
        ]
        known = await writer.known({each.document.document_id: each.digest for each in made})
        for each in made:
            name = each.document.document_id
            if name in known or writer.holds(name, each.digest):
                tally.counts["skipped"] += 1
                writer.link_document(file, name)
                continue
            tally.counts["passages"] += await writer.add_document(each, file)
            tally.counts["documents"] += 1


def stored_document(content: PdfDocument | Article | str, digest: str) -> StoredDocument:
    """A document under the digest of its file.

    Args:
        content: What was read.
        digest: SHA-256 of the file, in hexadecimal digits.
    """
    document_id = f"sha256:{digest}"
    if isinstance(content, str):
        document = Document(
            document_id=document_id,
            title=title_of(content),
            text=content,
            language=detect_language(content),
        )
        return StoredDocument(document, digest)
    document = Document(
        document_id=document_id,
        title=content.title,
        text=content.text,
        language=detect_language(content.text),
        doi=content.doi,
        pmid=content.pmid,
        year=content.year,
        authors=content.authors,
        statements=statements_of(content.text, content.asides),
    )
    if isinstance(content, PdfDocument):
        pictures = list(map(_picture, content.figures))
        figures = tuple(map(_figure, content.figures, pictures))
        paged = document.model_copy(
            update={"paged": True, "figures": figures, "references": content.references}
        )
        return StoredDocument(paged, digest, content.layout, content.evidence, pictures)
    known: dict[str, object] = {
        name: getattr(content, name) for name in ("pmid", "licence", "retracted", "references")
    }
    known["statements"] = (*document.statements, *content.statements)
    if content.identity is not None:
        known["document_id"] = content.identity
    return StoredDocument(document.model_copy(update=known), digest, None, content.evidence)
