"""The ledger's files: their states, where they stood, and what they gave."""

# ruff: noqa: S608 - only question marks are put into a statement
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from radcite.backends.ledger.database import LedgerDatabase
from radcite.backends.ledger.rows import file_of, file_row
from radcite.backends.ledger.terms import chunks
from radcite.core.ledger import FileLink, FileRecord, FileState

__all__ = ["LedgerFiles", "put_files", "put_links"]

_COLUMNS = "key, kind, instance, content, state, code, message, changed"


class LedgerFiles(LedgerDatabase):
    """The part of `Ledger` that speaks of files."""

    async def file(self, collection: str, key: str) -> FileRecord | None:
        """The state of a file by its content key."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE collection = ? AND key = ?", (collection, key)
        ).fetchone()
        return None if row is None else file_of(row)

    async def holding(self, collection: str, instance: str) -> list[FileRecord]:
        """The indexed files that hold a DICOM instance, by key."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE collection = ? AND instance = ?"
            " AND state = 'indexed' ORDER BY key",
            (collection, instance),
        )
        return [file_of(row) for row in rows]

    async def put_files(self, collection: str, records: Sequence[FileRecord]) -> None:
        """Write the states of files in one transaction."""
        with self._transaction():
            put_files(self._db, collection, records)

    async def count_files(self, collection: str) -> Mapping[FileState, int]:
        """Files by state."""
        rows = self._db.execute(
            "SELECT state, count(*) FROM files WHERE collection = ? GROUP BY state", (collection,)
        )
        return dict(rows.fetchall())

    async def files(
        self, collection: str, states: Collection[FileState], *, limit: int, after: str = ""
    ) -> list[FileRecord]:
        """Files in these states by key."""
        marks = ",".join("?" * len(states))
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE collection = ? AND key > ?"
            f" AND state IN ({marks}) ORDER BY key LIMIT ?",
            (collection, after, *states, limit),
        )
        return [file_of(row) for row in rows]

    async def files_like(self, collection: str, prefix: str) -> list[FileRecord]:
        """Files whose key begins so, at most two."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM files WHERE collection = ? AND key >= ?"
            " AND substr(key, 1, ?) = ? ORDER BY key LIMIT 2",
            (collection, prefix, len(prefix), prefix),
        )
        return [file_of(row) for row in rows]

    async def place(
        self, collection: str, placed: Mapping[str, Collection[str]]
    ) -> Mapping[str, str]:
        """Note which keys stand at each source now; what stands nowhere any more, and where it stood."""
        with self._transaction():
            stale = {
                (source, key)
                for source, key in self._stood(collection, list(placed))
                if key not in placed[source]
            }
            self._db.executemany(
                "INSERT OR IGNORE INTO sources (collection, source, key) VALUES (?, ?, ?)",
                [(collection, source, key) for source, keys in placed.items() for key in keys],
            )
            displaced = {
                key: source
                for source, key in sorted(stale)
                if all((other, key) in stale for other in self._at(collection, key))
            }
            self._db.executemany(
                "DELETE FROM sources WHERE collection = ? AND source = ? AND key = ?",
                [(collection, *pair) for pair in stale if pair[1] not in displaced],
            )
        return displaced

    async def sources(self, collection: str, key: str) -> frozenset[str]:
        """The sources at which a file stands."""
        return frozenset(self._at(collection, key))

    async def drop_files(self, collection: str, keys: Sequence[str]) -> None:
        """Remove the states, sources, links and objects of files."""
        with self._transaction():
            for table in ("files", "sources", "links", "objects"):
                self._db.executemany(
                    f"DELETE FROM {table} WHERE collection = ? AND key = ?",
                    [(collection, key) for key in keys],
                )

    async def relink(self, collection: str, old: str, new: str) -> None:
        """Give what a file gave to another one."""
        with self._transaction():
            self._db.execute(
                "UPDATE OR REPLACE links SET key = ? WHERE collection = ? AND key = ?",
                (new, collection, old),
            )

    async def links(self, collection: str, keys: Sequence[str]) -> Mapping[str, list[FileLink]]:
        """What each file gave."""
        found: dict[str, list[FileLink]] = defaultdict(list)
        for some in chunks(list(keys)):
            marks = ",".join("?" * len(some))
            rows = self._db.execute(
                f"SELECT key, kind, id FROM links WHERE collection = ? AND key IN ({marks})"
                " ORDER BY key, kind, id",
                (collection, *some),
            )
            for key, kind, name in rows:
                found[key].append(FileLink(kind=kind, id=name))
        return dict(found)

    async def givers(
        self, collection: str, links: Sequence[FileLink]
    ) -> Mapping[FileLink, frozenset[str]]:
        """The keys of the files that gave each of these."""
        found: dict[FileLink, frozenset[str]] = {}
        for link in links:
            rows = self._db.execute(
                "SELECT key FROM links WHERE collection = ? AND kind = ? AND id = ?",
                (collection, link.kind, link.id),
            ).fetchall()
            if rows:
                found[link] = frozenset(row[0] for row in rows)
        return found

    def _stood(self, collection: str, sources: list[str]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for some in chunks(sources):
            marks = ",".join("?" * len(some))
            found += self._db.execute(
                f"SELECT source, key FROM sources WHERE collection = ? AND source IN ({marks})",
                (collection, *some),
            ).fetchall()
        return found

    def _at(self, collection: str, key: str) -> list[str]:
        rows = self._db.execute(
            "SELECT source FROM sources WHERE collection = ? AND key = ?", (collection, key)
        )
        return [row[0] for row in rows]


def put_files(db: sqlite3.Connection, collection: str, records: Sequence[FileRecord]) -> None:
    """Write states, within the caller's transaction."""
    db.executemany(
        f"INSERT OR REPLACE INTO files (collection, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [file_row(collection, record) for record in records],
    )


def put_links(
    db: sqlite3.Connection, collection: str, links: Sequence[tuple[str, FileLink]]
) -> None:
    """Note what files gave, within the caller's transaction."""
    db.executemany(
        "INSERT OR IGNORE INTO links (collection, key, kind, id) VALUES (?, ?, ?, ?)",
        [(collection, key, link.kind, link.id) for key, link in links],
    )
