"""Texts and what is known of them, from each kind of file, as the ledger stores them."""

from pathlib import Path

from radcite.core.language import detect_language
from radcite.core.ledger import StoredDocument
from radcite.core.sources import Document
from radcite.ingestion.article import Article, markup_of, unpacked
from radcite.ingestion.html_article import parse_html
from radcite.ingestion.jats import parse_jats
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf import PdfDocument
from radcite.ingestion.text import title_of

__all__ = ["read_article", "stored_document"]


def read_article(path: Path, limits: Limits) -> Article:
    """An article in JATS XML or HTML, gzip or not. Meant for a worker process.

    Raises:
        RadciteError: `LIMIT_EXCEEDED`, `UNSUPPORTED_FILE`.
    """
    content = unpacked(path, limits)
    return parse_html(content) if markup_of(path) == "html" else parse_jats(content)


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
        year=content.year,
        authors=content.authors,
    )
    if isinstance(content, PdfDocument):
        paged = document.model_copy(update={"paged": True})
        return StoredDocument(paged, digest, content.layout, content.evidence)
    known = {
        name: getattr(content, name) for name in ("pmid", "licence", "retracted", "references")
    }
    return StoredDocument(document.model_copy(update=known), digest, None, content.evidence)
