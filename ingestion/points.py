"""What a point of the index is made of beside its vectors: its id, its stretch of text, and what it is filtered by."""

import re
from uuid import UUID, uuid5

from radcite.core.layout import boxes_of
from radcite.core.ledger import StoredDocument
from radcite.core.sources import Case, Document
from radcite.ingestion.chunking import split_passages

__all__ = ["case_payload", "passage_payload", "passages_of", "point_id"]

_NAMESPACE = UUID("6f1d6d0e-53c1-5d0c-9f0a-7a9b6f3f2c11")
# A table's caption, if it has one, and its first row.
_TABLE_HEAD = re.compile(r"(?:[^\t\n]*\n){0,3}[^\n]*\t[^\n]*\n")


def passages_of(item: StoredDocument) -> tuple[list[tuple[int, int]], dict[int, str]]:
    """The passages of a document, and the head of the table of each that begins within one."""
    text = item.document.text
    spans: list[tuple[int, int]] = []
    heads: dict[int, str] = {}
    for first, last in item.evidence or ((0, len(text)),):
        header = _TABLE_HEAD.match(text, first, last)
        for start, end in split_passages(text[first:last]):
            spans.append((first + start, first + end))
            if header is not None and first + start >= header.end():
                heads[first + start] = header.group()
    return spans, heads


def point_id(*parts: object) -> str:
    """The id of a point: the same for the same parts."""
    return str(uuid5(_NAMESPACE, "\x1f".join(map(str, parts))))


def passage_payload(item: StoredDocument, start: int, end: int) -> dict[str, str]:
    """What a passage is filtered by, and the page on which it begins."""
    document: Document = item.document
    payload = {
        "language": document.language,
        "retracted": "yes" if document.retracted else "no",
    }
    if item.layout is not None and (boxes := boxes_of(item.layout, start, end)):
        payload["page"] = str(boxes[0].page)
    return payload


def case_payload(case: Case) -> dict[str, str]:
    """What a case is filtered by."""
    fields = {
        "language": case.language,
        "patient": case.patient,
        "modality": case.modality,
        "body_part": case.body_part,
        "view": case.view,
    }
    return {name: value for name, value in fields.items() if value}
