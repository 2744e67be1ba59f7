"""How rows of the ledger's tables become values, and values rows."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from radcite.core.ledger import FileRecord, LedgerPoint, StoredCase, StoredDocument
from radcite.core.sources import Case, Document, Passage
from radcite.core.vectors import SparseVector, Vectors

__all__ = [
    "case_images",
    "case_of",
    "case_row",
    "document_of",
    "document_row",
    "file_of",
    "file_row",
    "now",
    "passage_of",
    "point_of",
    "point_row",
    "terms_of",
    "vector_blob",
]

_PASSAGE_FIELDS = (
    "title",
    "language",
    "licence",
    "source_url",
    "doi",
    "pmid",
    "year",
    "authors",
    "retracted",
)


def document_row(collection: str, item: StoredDocument) -> tuple[Any, ...]:
    """The values of a document's row."""
    document = item.document
    meta = document.model_dump_json(exclude={"text"})
    return collection, document.document_id, item.digest, meta, document.text, item.layout, now()


def case_row(collection: str, item: StoredCase) -> tuple[Any, ...]:
    """The values of a case's row."""
    case = item.case
    return collection, case.case_id, item.digest, case.model_dump_json(), case.patient, now()


def case_images(collection: str, item: StoredCase) -> list[tuple[str, str, str, int]]:
    """The rows of a case's images."""
    case = item.case
    return [(collection, case.case_id, ref.digest, ref.frame) for ref in case.images]


def file_row(collection: str, record: FileRecord) -> tuple[Any, ...]:
    """The values of a file's row, stamped with the present time."""
    return collection, *record.model_dump(exclude={"changed_at"}).values(), now()


def file_of(row: Sequence[Any]) -> FileRecord:
    """The file of a row (without collection)."""
    return FileRecord(**dict(zip(FileRecord.model_fields, row, strict=True)))


def now() -> str:
    """The present time: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def point_row(collection: str, point: LedgerPoint) -> tuple[Any, ...]:
    """The values of a point's row; vectors as little-endian float32."""
    sparse = point.sparse
    return (
        collection,
        point.id,
        point.owner,
        point.kind,
        point.start,
        point.end,
        json.dumps(dict(point.payload), ensure_ascii=False),
        vector_blob(point.text),
        vector_blob(point.image),
        None if sparse is None else np.array(sparse.indices, dtype="<u4").tobytes(),
        None if sparse is None else np.array(sparse.values, dtype="<f4").tobytes(),
    )


def point_of(row: Sequence[Any]) -> LedgerPoint:
    """The point of a row (without sequence number and collection)."""
    point_id, owner, kind, start, end, payload, text, image, terms, weights = row
    sparse = None
    if terms is not None:
        values = np.frombuffer(weights, dtype="<f4")
        sparse = SparseVector(tuple(terms_of(terms)), tuple(values.tolist()))
    return LedgerPoint(
        point_id,
        owner,
        kind,
        start,
        end,
        json.loads(payload),
        _vector(text),
        _vector(image),
        sparse,
    )


def terms_of(blob: bytes) -> list[int]:
    """The term numbers of a sparse vector."""
    return np.frombuffer(blob, dtype="<u4").tolist()


def document_of(meta: str, text: str) -> Document:
    """The document of a row."""
    return Document.model_validate({**json.loads(meta), "text": text})


def passage_of(row: Sequence[Any]) -> Passage:
    """The passage of a row: its document's record, its words, its span and payload."""
    meta, text, start, end, payload = row
    record = json.loads(meta)
    page = json.loads(payload).get("page")
    figures = (
        one for one in record.get("figures", ()) if start < one["end"] and end > one["start"]
    )
    return Passage(
        document_id=record["document_id"],
        text=text,
        start=start,
        end=end,
        page=None if page is None else int(page),
        figure=next(figures, None),
        **{name: record[name] for name in _PASSAGE_FIELDS},
    )


def case_of(record: str) -> Case:
    """The case of a row."""
    return Case.model_validate_json(record)


def vector_blob(vector: Vectors | None) -> bytes | None:
    """A vector as little-endian float32."""
    return None if vector is None else np.asarray(vector, dtype="<f4").tobytes()


def _vector(blob: bytes | None) -> Vectors | None:
    return None if blob is None else np.frombuffer(blob, dtype="<f4").astype(np.float32)
