"""The identity vault in one SQLite file: a row for each pseudonym, its content encrypted before it comes here."""

import sqlite3
from pathlib import Path

from radcite.backends.state.schema import bring_up

__all__ = ["SqliteVault"]

_SCHEMA = """
CREATE TABLE sealed (pseudonym TEXT PRIMARY KEY, content BLOB NOT NULL);
"""


_KEEP = "INSERT INTO sealed VALUES (?, ?) ON CONFLICT DO UPDATE SET content = CHOSEN"


class SqliteVault:
    """`Vault` in SQLite.

    Args:
        path: The database file; its folder must exist. Several processes may have it open.

    Raises:
        RadciteError: `HOME_NEWER`.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA secure_delete=ON")
        bring_up(self._db, path.name, _SCHEMA, [])
        path.chmod(0o600)

    async def keep(self, pseudonym: str, sealed: bytes, *, over: bool) -> None:
        """Store what was sealed for a pseudonym."""
        conflict = "excluded.content" if over else "content"
        self._db.execute(_KEEP.replace("CHOSEN", conflict), (pseudonym, sealed))

    async def sealed(self, pseudonym: str) -> bytes | None:
        """What was stored, or None."""
        row = self._db.execute(
            "SELECT content FROM sealed WHERE pseudonym = ?", (pseudonym,)
        ).fetchone()
        return bytes(row[0]) if row else None

    async def count(self) -> int:
        """How many patients are stored."""
        return int(self._db.execute("SELECT count(*) FROM sealed").fetchone()[0])

    async def forget(self, pseudonyms: list[str]) -> int:
        """Remove them; the file is written anew."""
        removed = sum(
            self._db.execute("DELETE FROM sealed WHERE pseudonym = ?", (one,)).rowcount
            for one in pseudonyms
        )
        if removed:
            self._db.execute("VACUUM")
        return removed

    async def close(self) -> None:
        """Close the file."""
        self._db.close()
