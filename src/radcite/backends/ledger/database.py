"""The ledger's SQLite file: opened, brought to the present version, written in transactions."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from radcite.backends.ledger.schema import SCHEMA, STEPS
from radcite.backends.state.schema import bring_up
from radcite.core.errors import RadciteError

__all__ = ["LedgerDatabase"]


class LedgerDatabase:
    """A connection: write-ahead log, full sync, removed bytes overwritten.

    Args:
        path: The database file; its folder must exist.

    Raises:
        RadciteError: `HOME_NEWER` for a file of a later version; `STORAGE_LOW` or `INTERNAL` when it
            cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        try:
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=30, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            bring_up(self._db, "the ledger", SCHEMA, STEPS)
        except sqlite3.DatabaseError as exc:
            raise _unusable(exc) from exc

    async def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def erase(self) -> None:
        """Write the file anew without the gaps, and empty the log."""
        with self._lock:
            try:
                self._db.execute("VACUUM")
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.DatabaseError as exc:
                raise _unusable(exc) from exc

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException as exc:
                # SQLite rolls back by itself when the disk is full.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(exc, sqlite3.DatabaseError):
                    raise _unusable(exc) from exc
                raise


def _unusable(exc: sqlite3.DatabaseError) -> RadciteError:
    # The module's own refusals carry no code of the engine.
    name = getattr(exc, "sqlite_errorname", type(exc).__name__)
    if name == "SQLITE_FULL":
        return RadciteError("STORAGE_LOW", "the ledger's disk is full", "台账所在磁盘已满")
    return RadciteError("INTERNAL", f"the ledger failed ({name})", f"台账出错（{name}）")
