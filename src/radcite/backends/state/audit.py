"""The audit record in a database, with its head and its key in the data folder."""

import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from radcite.backends.state.audit_chain import (
    GENESIS,
    AuditKey,
    Row,
    entry_of,
    faults_of,
    linked,
    verified,
)
from radcite.backends.state.database import Guard, PostgresState, SqliteState, StateDatabase
from radcite.core.audit import AuditEntry, AuditEvent, AuditFault, AuditVerdict, Checkpoint
from radcite.core.errors import DependencyDown, RadciteError

__all__ = ["AUDIT_GUARDS", "AUDIT_SCHEMA", "AuditFile", "AuditServer", "SqlAudit", "hold_audit"]

AUDIT_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY, record TEXT NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL
);
"""
AUDIT_GUARDS = (
    Guard("event_stays", "entries", "UPDATE", "an event is not changed"),
    Guard("event_is_kept", "entries", "DELETE", "an event is not removed"),
)
_MOST_FAULTS = 100


class AuditTable(Protocol):
    """Where the events stand."""

    def begun(self) -> bool:
        """Whether there is any such place yet."""
        ...

    def open(self) -> StateDatabase:
        """A database with the table of `AUDIT_SCHEMA` under `AUDIT_GUARDS`, on the disk before it returns."""
        ...

    def rows(self, statement: str, start: int) -> Iterator[Row]:
        """The rows of a statement as they stand, also where the place is damaged or cannot be written."""
        ...


@dataclass(frozen=True, slots=True)
class AuditFile:
    """A SQLite file of its own."""

    path: Path

    def begun(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def open(self) -> StateDatabase:
        """The file, made if it is not there."""
        return SqliteState(self.path, AUDIT_SCHEMA, AUDIT_GUARDS, durable=True)

    def rows(self, statement: str, start: int) -> Iterator[Row]:
        """Read without writing anything."""
        if not self.path.exists():
            return
        db = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        try:
            yield from db.execute(statement, (start,))
        finally:
            db.close()


@dataclass(frozen=True, slots=True)
class AuditServer:
    """A table of a PostgreSQL database."""

    url: str

    def begun(self) -> bool:
        """Whether it holds an event."""
        return (
            next(self.rows("SELECT 1, 1, 1, 1 FROM entries WHERE number >= ? LIMIT 1", 1), None)
            is not None
        )

    def open(self) -> StateDatabase:
        """The table, made if it is not there."""
        return PostgresState(self.url, AUDIT_SCHEMA, AUDIT_GUARDS)

    def rows(self, statement: str, start: int) -> Iterator[Row]:
        """On a connection of their own."""
        db = self.open()
        try:
            yield from db.execute(statement, (start,))
        finally:
            db.close()


class SqlAudit:
    """`AuditLog` in a database; an event is on the disk, linked and signed, before `record` returns.

    The head, a file of its own, is the checkpoint of the last event: an end that was cut off no longer reaches it.
    A record that does not reach its head takes no further event. Several processes may have it open.

    Args:
        home: The data folder, in which `audit.head` and `audit.key` stand.
        store: Where the events stand.
    """

    def __init__(self, home: Path, store: AuditTable) -> None:
        self._store = store
        self._head = home / "audit.head"
        self._key_file = home / "audit.key"
        self._db: StateDatabase | None = None
        self._key: AuditKey | None = None

    async def record(self, event: AuditEvent) -> Checkpoint:
        """Append an event."""
        with _closed_on_failure(), self._alone() as head:
            db, key = self._opened(head)
            at = _reached(db, head, key)
            number = at.number + 1
            text, digest = linked(number, at.hash, event)
            point = key.checkpoint(number, digest)
            db.execute(
                "INSERT INTO entries (number, record, hash, signature) VALUES (?, ?, ?, ?)",
                (number, text, digest, point.signature),
            )
            _write_head(head, point)
            return point

    async def probe(self) -> None:
        """Whether an event could be recorded now."""
        with _closed_on_failure(), self._alone() as head:
            db, key = self._opened(head)
            _reached(db, head, key)

    async def entries(self, start: int = 1) -> AsyncIterator[AuditEntry]:
        """The events from a number on, in order."""
        with _closed_on_failure():
            for row in self._rows(start):
                entry = entry_of(row)
                if entry is None:
                    raise DependencyDown(
                        "AUDIT_UNAVAILABLE",
                        f"event {row[0]} was altered; see `radcite audit verify`",
                        f"事件 {row[0]} 已被改动；请用 `radcite audit verify` 检查",
                    )
                yield entry

    async def verify(self, kept: Checkpoint | None = None) -> AuditVerdict:
        """Read the whole record and tell what is wrong with it."""
        if not self._store.begun() and not self._head.exists() and not self._key_file.exists():
            lost = (AuditFault(kind="cut_off", number=0),) if kept is not None else ()
            return AuditVerdict(events=0, faults=lost, checkpoint=None)
        key = AuditKey.read(self._key_file)
        check = _Check(key, _read_head(self._head), kept)
        try:
            faults = list(islice(check.run(self._rows(1)), _MOST_FAULTS))
        except (sqlite3.Error, RadciteError):
            faults = [AuditFault(kind="unreadable", number=0)]
        point = key.checkpoint(check.events, check.last) if not faults else None
        return AuditVerdict(events=check.events, faults=tuple(faults), checkpoint=point)

    async def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _rows(self, start: int) -> Iterator[Row]:
        return self._store.rows(
            "SELECT number, record, hash, signature FROM entries WHERE number >= ? ORDER BY number",
            start,
        )

    def _alone(self) -> AbstractContextManager[int]:
        return hold_audit(self._head.parent)

    def _opened(self, head: int) -> tuple[StateDatabase, AuditKey]:
        if self._db is None or self._key is None:
            # Two threads of one process take turns at the head's lock like two processes.
            self._db = self._store.open()
            self._key = self._settled_key(self._db, head)
        return self._db, self._key

    def _settled_key(self, db: StateDatabase, head: int) -> AuditKey:
        if self._key_file.exists():
            return AuditKey.read(self._key_file)
        begun = db.execute("SELECT 1 FROM entries LIMIT 1").fetchone() is not None
        written = _parsed_head(os.pread(head, 4096, 0))
        if begun or (written is not None and written.number):
            raise DependencyDown(
                "AUDIT_UNAVAILABLE", "the key of the audit record is gone", "审计密钥已丢失"
            )
        # The key is made last: where there is one, the record and its head were there before it.
        key = AuditKey.new()
        _write_head(head, key.checkpoint(0, GENESIS))
        key.write_new(self._key_file)
        return key


@contextmanager
def hold_audit(home: Path) -> Generator[int]:
    """The descriptor of the record's head, locked against every other process that writes the record.

    Args:
        home: The data folder.
    """
    head = os.open(home / "audit.head", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(head, fcntl.LOCK_EX)
        yield head
    finally:
        os.close(head)


class _Check:
    """One reading of the record against its head, and against a checkpoint that was kept elsewhere."""

    def __init__(self, key: AuditKey, head: Checkpoint | None, kept: Checkpoint | None) -> None:
        self.events = 0
        self.last = GENESIS
        self._key = key.public
        self._head = head
        self._kept = kept

    def run(self, rows: Iterator[Row]) -> Iterator[AuditFault]:
        """What is wrong, in the order in which it is met."""
        points = [point for point in (self._head, self._kept) if point is not None]
        hashes = {point.number: point.hash for point in points}
        yield from self._points(points)
        for told in faults_of(rows, self._key):
            if isinstance(told, AuditFault):
                yield told
                continue
            self.events, self.last = told.number, told.hash
            if hashes.get(told.number, told.hash) != told.hash:
                yield AuditFault(kind="altered", number=told.number)
        if (reach := max(hashes, default=0)) > self.events:
            yield AuditFault(kind="cut_off", number=reach)

    def _points(self, points: list[Checkpoint]) -> Iterator[AuditFault]:
        if self._head is None:
            yield AuditFault(kind="head_unreadable", number=0)
        for point in points:
            if point.key != self._key or not verified(point):
                yield AuditFault(kind="not_signed", number=point.number)
            elif point.number == 0 and point.hash != GENESIS:
                yield AuditFault(kind="altered", number=0)


def _reached(db: StateDatabase, head: int, key: AuditKey) -> Checkpoint:
    """Where the record stands, if it holds what its head says."""
    point = _parsed_head(os.pread(head, 4096, 0))
    row = db.execute("SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    number, digest = row or (0, GENESIS)
    at_head = None
    if point is not None and point.number:
        at_head = db.execute(
            "SELECT hash FROM entries WHERE number = ?", (point.number,)
        ).fetchone()
    held = GENESIS if point is not None and not point.number else at_head and at_head[0]
    if point is None or point.key != key.public or not verified(point) or held != point.hash:
        raise DependencyDown(
            "AUDIT_UNAVAILABLE",
            "the audit record was altered or cut off; see `radcite audit verify`",
            "审计记录被改动或截断；请用 `radcite audit verify` 检查",
        )
    return key.checkpoint(number, digest)


def _read_head(path: Path) -> Checkpoint | None:
    try:
        return _parsed_head(path.read_bytes())
    except OSError:
        return None


def _parsed_head(content: bytes) -> Checkpoint | None:
    try:
        return Checkpoint.model_validate_json(content)
    except ValidationError:
        return None


def _write_head(head: int, point: Checkpoint) -> None:
    content = point.model_dump_json().encode()
    os.pwrite(head, content, 0)
    os.ftruncate(head, len(content))
    os.fsync(head)


@contextmanager
def _closed_on_failure() -> Generator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as exc:
        raise _unavailable(exc) from exc
    except RadciteError as exc:
        raise exc if exc.code != "STATE_UNAVAILABLE" else _unavailable(exc) from exc


def _unavailable(exc: Exception) -> DependencyDown:
    return DependencyDown(
        "AUDIT_UNAVAILABLE", f"audit record: {type(exc).__name__}", "审计记录无法访问"
    )
