"""What leaves the ledger: documents and cases with their points and links, and what is still used."""

# ruff: noqa: S608 - only table names of our own and question marks are put into a statement
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from radcite.backends.ledger.database import LedgerDatabase
from radcite.backends.ledger.rows import point_of, terms_of
from radcite.backends.ledger.schema import TABLES
from radcite.backends.ledger.terms import chunks, count_terms
from radcite.core.ledger import LedgerPoint

__all__ = ["LedgerRemoval", "supersede"]

_Owners = Literal["documents", "cases"]
_POINTS: Mapping[_Owners, str] = {
    "documents": "kind IN ('passage', 'figure')",
    "cases": "kind NOT IN ('passage', 'figure')",
}


class LedgerRemoval(LedgerDatabase):
    """The part of `Ledger` by which things leave."""

    async def drop_collection(self, name: str) -> None:
        """Remove every row of a collection."""
        with self._transaction():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table} WHERE collection = ?", (name,))
            self._db.execute("DELETE FROM collections WHERE name = ?", (name,))

    async def forget(
        self, collection: str, documents: Sequence[str] = (), cases: Sequence[str] = ()
    ) -> int:
        """Remove documents and cases with their points and links; how many points went."""
        with self._transaction():
            gone = supersede(self._db, collection, "documents", documents)
            gone += supersede(self._db, collection, "cases", cases)
            self._db.executemany(
                "DELETE FROM links WHERE collection = ? AND kind = ? AND id = ?",
                [
                    *((collection, "document", owner) for owner in documents),
                    *((collection, "case", owner) for owner in cases),
                ],
            )
            self._db.executemany(
                "DELETE FROM objects WHERE collection = ? AND case_id = ?",
                [(collection, owner) for owner in cases],
            )
            # A word that nothing holds any more leaves no number behind.
            self._db.execute("DELETE FROM terms WHERE collection = ? AND df <= 0", (collection,))
        return gone

    async def cases_of(self, collection: str, patient: str) -> list[str]:
        """Ids of a patient's cases."""
        rows = self._db.execute(
            "SELECT id FROM cases WHERE collection = ? AND patient = ? ORDER BY id",
            (collection, patient),
        )
        return [row[0] for row in rows]

    async def stored_before(self, collection: str, moment: str) -> tuple[list[str], list[str]]:
        """Ids of documents and of cases that were last written before a time."""
        found = [
            self._db.execute(
                f"SELECT id FROM {table} WHERE collection = ? AND stored < ? ORDER BY id",
                (collection, moment),
            ).fetchall()
            for table in ("documents", "cases")
        ]
        documents, cases = ([row[0] for row in rows] for rows in found)
        return documents, cases

    async def image_users(
        self, digests: Collection[str]
    ) -> Mapping[str, frozenset[tuple[str, str]]]:
        """Collection and id of the cases that show each of these images."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for some in chunks(list(digests)):
            marks = ",".join("?" * len(some))
            rows = self._db.execute(
                f"SELECT digest, collection, case_id FROM case_images WHERE digest IN ({marks})",
                some,
            )
            for digest, collection, case_id in rows:
                found[digest].add((collection, case_id))
        return {digest: frozenset(users) for digest, users in found.items()}

    async def document_holders(self, ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        """The collections that hold each of these documents."""
        found: dict[str, set[str]] = defaultdict(set)
        for some in chunks(list(ids)):
            marks = ",".join("?" * len(some))
            rows = self._db.execute(
                f"SELECT id, collection FROM documents WHERE id IN ({marks})", some
            )
            for name, collection in rows:
                found[name].add(collection)
        return {name: frozenset(holders) for name, holders in found.items()}

    async def points_of(self, collection: str, case_id: str) -> list[LedgerPoint]:
        """The points of a case in the order written."""
        rows = self._db.execute(
            "SELECT id, owner, kind, start, end, payload, text, image, terms, weights FROM points"
            " WHERE collection = ? AND owner = ? AND kind IN ('case', 'image') ORDER BY seq",
            (collection, case_id),
        )
        return [point_of(row) for row in rows]


def supersede(
    db: sqlite3.Connection, collection: str, table: _Owners, owners: Sequence[str]
) -> int:
    """Remove owners and their points, leaving the links of files for what comes instead."""
    gone = 0
    for some in chunks(list(owners)):
        marks = ",".join("?" * len(some))
        theirs = f"collection = ? AND owner IN ({marks}) AND {_POINTS[table]}"
        rows = db.execute(
            f"SELECT id, terms FROM points WHERE {theirs}", (collection, *some)
        ).fetchall()
        if rows:
            gone += len(rows)
            count_terms(
                db,
                collection,
                (terms_of(row[1]) for row in rows if row[1] is not None),
                sign=-1,
            )
            db.executemany(
                "INSERT OR IGNORE INTO removals (collection, id) VALUES (?, ?)",
                [(collection, row[0]) for row in rows],
            )
            db.execute(f"DELETE FROM points WHERE {theirs}", (collection, *some))
        db.execute(
            f"DELETE FROM {table} WHERE collection = ? AND id IN ({marks})", (collection, *some)
        )
        if table == "cases":
            db.execute(
                f"DELETE FROM case_images WHERE collection = ? AND case_id IN ({marks})",
                (collection, *some),
            )
    return gone
