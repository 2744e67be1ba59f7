"""The source of truth: what was ingested, its texts and its vectors, in one SQLite file.

Everything the index holds can be written again from here without encoding anything.
"""

# ruff: noqa: S608 - only table names of our own and question marks are put into a statement
from collections.abc import Mapping, Sequence

from radcite.backends.ledger.files import LedgerFiles, put_files, put_links
from radcite.backends.ledger.objects import LedgerObjects, put_objects
from radcite.backends.ledger.removal import LedgerRemoval, supersede
from radcite.backends.ledger.retractions import LedgerRetractions
from radcite.backends.ledger.rows import (
    case_images,
    case_of,
    case_row,
    document_of,
    document_row,
    passage_of,
    point_of,
    point_row,
    vector_blob,
)
from radcite.backends.ledger.terms import (
    chunks,
    count_terms,
    points_with_terms,
    term_frequencies,
    terms_of_points,
)
from radcite.core.layout import boxes_of
from radcite.core.ledger import (
    CollectionRecord,
    LedgerBatch,
    LedgerPoint,
)
from radcite.core.ports import DenseName
from radcite.core.sources import Case, Document, PageBox, Passage
from radcite.core.vectors import Vectors

__all__ = ["SqliteLedger"]


class SqliteLedger(LedgerFiles, LedgerObjects, LedgerRemoval, LedgerRetractions):
    """`Ledger` in SQLite, one transaction per batch.

    Args:
        path: The database file; its folder must exist.

    Raises:
        RadciteError: `HOME_NEWER` for a file of a later version; `STORAGE_LOW` or `INTERNAL` when it
            cannot be opened.
    """

    # Collections

    async def collection(self, name: str) -> CollectionRecord | None:
        """What a collection was made with; None for an unknown one."""
        row = self._db.execute("SELECT record FROM collections WHERE name = ?", (name,)).fetchone()
        return None if row is None else CollectionRecord.model_validate_json(row[0])

    async def collections(self) -> list[CollectionRecord]:
        """All collections by name."""
        rows = self._db.execute("SELECT record FROM collections ORDER BY name")
        return [CollectionRecord.model_validate_json(row[0]) for row in rows]

    async def put_collection(self, record: CollectionRecord) -> None:
        """Write what a collection was made with."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO collections (name, record) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET record = excluded.record",
                (record.name, record.model_dump_json()),
            )

    async def case(self, collection: str, case_id: str) -> Case | None:
        """A case by its id."""
        row = self._db.execute(
            "SELECT record FROM cases WHERE collection = ? AND id = ?", (collection, case_id)
        ).fetchone()
        return None if row is None else case_of(row[0])

    # Documents, cases and their points

    async def known(self, collection: str, owners: Mapping[str, str]) -> frozenset[str]:
        """Which of the documents and cases (id → digest) are stored with this very digest."""
        found: set[str] = set()
        for table in ("documents", "cases"):
            for ids in chunks(list(owners)):
                marks = ",".join("?" * len(ids))
                rows = self._db.execute(
                    f"SELECT id, digest FROM {table} WHERE collection = ? AND id IN ({marks})",
                    (collection, *ids),
                )
                found.update(owner for owner, digest in rows if owners[owner] == digest)
        return frozenset(found)

    async def write(self, collection: str, batch: LedgerBatch) -> None:
        """Store documents, cases and points in one transaction; an owner's earlier points go.

        Raises:
            RadciteError: `STORAGE_LOW` when the disk is full; nothing is stored.
        """
        with self._transaction():
            # A document and a case may have the same id: each replaces its own kind alone.
            documents = [item.document.document_id for item in batch.documents]
            supersede(self._db, collection, "documents", documents)
            supersede(self._db, collection, "cases", [item.case.case_id for item in batch.cases])
            self._db.executemany(
                "INSERT INTO documents (collection, id, digest, meta, text, layout, stored)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [document_row(collection, item) for item in batch.documents],
            )
            self._db.executemany(
                "INSERT INTO cases (collection, id, digest, record, patient, stored)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [case_row(collection, item) for item in batch.cases],
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO case_images (collection, case_id, digest, frame)"
                " VALUES (?, ?, ?, ?)",
                [row for item in batch.cases for row in case_images(collection, item)],
            )
            self._db.executemany(
                "INSERT INTO points (collection, id, owner, kind, start, end, payload, text, image,"
                " terms, weights) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [point_row(collection, point) for point in batch.points],
            )
            count_terms(
                self._db,
                collection,
                (point.sparse.indices for point in batch.points if point.sparse),
            )
            put_links(self._db, collection, batch.links)
            put_objects(self._db, collection, batch.objects)
            put_files(self._db, collection, batch.files)

    async def pending(
        self, collection: str, limit: int
    ) -> tuple[list[LedgerPoint], list[str], int]:
        """What the index lacks: points to write, ids to remove, and the mark to acknowledge."""
        removed = self._db.execute(
            "SELECT id FROM removals WHERE collection = ?", (collection,)
        ).fetchall()
        rows = self._db.execute(
            "SELECT seq, id, owner, kind, start, end, payload, text, image, terms, weights"
            " FROM points WHERE collection = ? AND seq > ? ORDER BY seq LIMIT ?",
            (collection, self._indexed(collection), limit),
        ).fetchall()
        points = [point_of(row[1:]) for row in rows]
        mark = rows[-1][0] if rows else self._indexed(collection)
        return points, [row[0] for row in removed], mark

    async def acknowledge(self, collection: str, removed: Sequence[str], mark: int) -> None:
        """Note that the index holds every point up to the mark and none of the removed."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO marks (collection, seq) VALUES (?, ?)"
                " ON CONFLICT (collection) DO UPDATE SET seq = excluded.seq",
                (collection, mark),
            )
            self._db.executemany(
                "DELETE FROM removals WHERE collection = ? AND id = ?",
                [(collection, point_id) for point_id in removed],
            )

    async def put_vectors(
        self, collection: str, which: DenseName, vectors: Mapping[str, Vectors | None]
    ) -> None:
        """Replace the text or image vectors of points by their ids, in one transaction."""
        with self._transaction():
            self._db.executemany(
                f"UPDATE points SET {which} = ? WHERE collection = ? AND id = ?",
                [(vector_blob(vector), collection, point) for point, vector in vectors.items()],
            )

    async def resolve(
        self, collection: str, ids: Sequence[str]
    ) -> list[tuple[str, Passage | Case]]:
        """Point ids with the sources behind them, in the order given; unknown ids are left out."""
        found: dict[str, Passage | Case] = {}
        for some in chunks(list(ids)):
            marks = ",".join("?" * len(some))
            passages = self._db.execute(
                "SELECT p.id, d.meta, substr(d.text, p.start + 1, p.end - p.start), p.start,"
                " p.end, p.payload FROM points p JOIN documents d"
                " ON d.collection = p.collection AND d.id = p.owner"
                f" WHERE p.collection = ? AND p.kind IN ('passage', 'figure') AND p.id IN ({marks})",
                (collection, *some),
            )
            found.update((row[0], passage_of(row[1:])) for row in passages)
            cases = self._db.execute(
                "SELECT p.id, c.record FROM points p JOIN cases c"
                " ON c.collection = p.collection AND c.id = p.owner"
                f" WHERE p.collection = ? AND p.kind IN ('case', 'image') AND p.id IN ({marks})",
                (collection, *some),
            )
            found.update((row[0], case_of(row[1])) for row in cases)
        return [(point_id, found[point_id]) for point_id in ids if point_id in found]

    async def terms(self, collection: str, ids: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """The term numbers of each point."""
        return terms_of_points(self._db, collection, ids)

    async def image_points(self, collection: str, limit: int) -> list[LedgerPoint]:
        """A fixed sample of the images that are searched by: ids are digests, so their order is no order."""
        rows = self._db.execute(
            "SELECT id, owner, kind, start, end, payload, text, image, terms, weights FROM points"
            " WHERE collection = ? AND kind = 'image' ORDER BY id LIMIT ?",
            (collection, limit),
        )
        return [point_of(row) for row in rows]

    async def document(self, collection: str, document_id: str) -> Document | None:
        """A document by its id."""
        row = self._db.execute(
            "SELECT meta, text FROM documents WHERE collection = ? AND id = ?",
            (collection, document_id),
        ).fetchone()
        if row is None:
            return None
        return document_of(*row)

    async def boxes(
        self, collection: str, document_id: str, start: int, end: int
    ) -> tuple[PageBox, ...]:
        """One rectangle per line of `[start, end)`; empty for unpaged documents."""
        row = self._db.execute(
            "SELECT layout FROM documents WHERE collection = ? AND id = ?",
            (collection, document_id),
        ).fetchone()
        return () if row is None or row[0] is None else boxes_of(row[0], start, end)

    async def counts(self, collection: str) -> Mapping[str, int]:
        """Documents, passages, cases and images stored."""
        kinds = dict(
            self._db.execute(
                "SELECT kind, count(*) FROM points WHERE collection = ? GROUP BY kind",
                (collection,),
            ).fetchall()
        )
        return {
            "documents": self._count("documents", collection),
            "passages": kinds.get("passage", 0),
            "cases": self._count("cases", collection),
            "images": kinds.get("image", 0) + kinds.get("figure", 0),
        }

    # TermStatistics

    async def document_count(self, collection: str) -> int:
        """Points with a sparse vector."""
        return points_with_terms(self._db, collection)

    async def document_frequencies(
        self, collection: str, terms: Sequence[int]
    ) -> Mapping[int, int]:
        """Points that hold each term number."""
        return term_frequencies(self._db, collection, terms)

    # Inside

    def _indexed(self, collection: str) -> int:
        row = self._db.execute(
            "SELECT seq FROM marks WHERE collection = ?", (collection,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def _count(self, table: str, collection: str) -> int:
        row = self._db.execute(
            f"SELECT count(*) FROM {table} WHERE collection = ?",
            (collection,),
        ).fetchone()
        return int(row[0])
