"""The ledger's tables, and how their rows become values."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from radcite.core.ledger import LedgerPoint, StoredCase, StoredDocument
from radcite.core.sources import Case, Document, Passage
from radcite.core.vectors import SparseVector, Vectors

__all__ = [
    "SCHEMA",
    "case_of",
    "case_row",
    "document_of",
    "document_row",
    "passage_of",
    "point_of",
    "point_row",
    "terms_of",
    "vector_blob",
]

SCHEMA = """
CREATE TABLE IF NOT EXISTS collections (name TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  collection TEXT NOT NULL, key TEXT NOT NULL, instance TEXT, content TEXT, state TEXT NOT NULL, code TEXT,
  message TEXT, PRIMARY KEY (collection, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_instance ON files (collection, instance);
CREATE TABLE IF NOT EXISTS documents (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, meta TEXT NOT NULL,
  text TEXT NOT NULL, layout BLOB, PRIMARY KEY (collection, id)
);
CREATE TABLE IF NOT EXISTS cases (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (collection, id)
);
CREATE TABLE IF NOT EXISTS points (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL,
  owner TEXT NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  payload TEXT NOT NULL, text BLOB, image BLOB, terms BLOB, weights BLOB, UNIQUE (collection, id)
);
CREATE INDEX IF NOT EXISTS points_by_owner ON points (collection, owner);
CREATE INDEX IF NOT EXISTS points_by_seq ON points (collection, seq);
CREATE TABLE IF NOT EXISTS terms (
  collection TEXT NOT NULL, term INTEGER NOT NULL, df INTEGER NOT NULL,
  PRIMARY KEY (collection, term)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removals (
  collection TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (collection TEXT PRIMARY KEY, seq INTEGER NOT NULL);
PRAGMA user_version = 1;
"""

_PASSAGE_FIELDS = ("title", "language", "licence", "source_url", "doi", "pmid", "year", "retracted")


def document_row(collection: str, item: StoredDocument) -> tuple[Any, ...]:
    """The values of a document's row."""
    document = item.document
    meta = document.model_dump_json(exclude={"text"})
    return collection, document.document_id, item.digest, meta, document.text, item.layout


def case_row(collection: str, item: StoredCase) -> tuple[Any, ...]:
    """The values of a case's row."""
    return collection, item.case.case_id, item.digest, item.case.model_dump_json()


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
    return Passage(
        document_id=record["document_id"],
        text=text,
        start=start,
        end=end,
        page=None if page is None else int(page),
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
