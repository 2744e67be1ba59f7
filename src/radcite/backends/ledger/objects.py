"""The ledger's DICOM objects: a row for each file that gave one, from which cases are composed."""

# ruff: noqa: S608 - only question marks are put into a statement
import sqlite3
from collections.abc import Collection, Sequence

from radcite.backends.ledger.database import LedgerDatabase
from radcite.backends.ledger.files import put_links
from radcite.backends.ledger.terms import chunks
from radcite.core.ledger import FileLink
from radcite.core.study_objects import StoredObject, StudyObject

__all__ = ["LedgerObjects", "put_objects"]


class LedgerObjects(LedgerDatabase):
    """The part of `Ledger` that speaks of DICOM objects."""

    async def study_objects(self, collection: str, study: str) -> list[StoredObject]:
        """The objects of a study in the order in which they first came."""
        rows = self._db.execute(
            "SELECT key, case_id, record FROM objects WHERE collection = ? AND study = ?"
            " ORDER BY rowid",
            (collection, study),
        )
        return [_object_of(*row) for row in rows]

    async def objects_of(self, collection: str, keys: Collection[str]) -> list[StoredObject]:
        """The objects that files gave."""
        found: list[StoredObject] = []
        for some in chunks(list(keys)):
            marks = ",".join("?" * len(some))
            rows = self._db.execute(
                f"SELECT key, case_id, record FROM objects WHERE collection = ? AND key IN ({marks})"
                " ORDER BY rowid",
                (collection, *some),
            )
            found += [_object_of(*row) for row in rows]
        return found


def put_objects(db: sqlite3.Connection, collection: str, objects: Sequence[StoredObject]) -> None:
    """Write objects and what their files gave by them, within the caller's transaction; a known one keeps its place."""
    db.executemany(
        "INSERT INTO objects (collection, key, study, case_id, record) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (collection, key) DO UPDATE SET"
        " study = excluded.study, case_id = excluded.case_id, record = excluded.record",
        [
            (
                collection,
                one.key,
                one.object.study,
                one.case_id,
                one.object.model_dump_json(exclude_defaults=True),
            )
            for one in objects
        ],
    )
    db.executemany(
        "DELETE FROM links WHERE collection = ? AND key = ? AND kind = 'case'",
        [(collection, one.key) for one in objects],
    )
    put_links(db, collection, [(one.key, link) for one in objects for link in _gave(one)])


def _gave(one: StoredObject) -> list[FileLink]:
    gave = [FileLink(kind="case", id=one.case_id)]
    return [*gave, FileLink(kind="image", id=one.object.image)] if one.object.image else gave


def _object_of(key: str, case_id: str, record: str) -> StoredObject:
    return StoredObject(key, case_id, StudyObject.model_validate_json(record))
