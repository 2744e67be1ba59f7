"""The audit record in one SQLite file, with its head and its key beside it."""

import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from radcite.backends.audit_chain import (
    GENESIS,
    AuditKey,
    Row,
    entry_of,
    faults_of,
    linked,
    verified,
)
from radcite.core.audit import AuditEntry, AuditEvent, AuditFault, AuditVerdict, Checkpoint
from radcite.core.errors import DependencyDown

__all__ = ["SqliteAudit"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY, record TEXT NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS event_stays BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an event is not changed'); END;
CREATE TRIGGER IF NOT EXISTS event_is_kept BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an event is not removed'); END;
"""
_MOST_FAULTS = 100


class SqliteAudit:
    """`AuditLog` in SQLite; an event is on the disk, linked and signed, before `record` returns.

    The head, a file of its own, is the checkpoint of the last event: an end that was cut off no longer reaches it.
    A record that does not reach its head takes no further event. Several processes may have it open.

    Args:
        home: The data folder, in which `audit.sqlite`, `audit.head` and `audit.key` stand.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / "audit.sqlite"
        self._head = home / "audit.head"
        self._key_file = home / "audit.key"
        self._db: sqlite3.Connection | None = None
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
        if not self._file.exists() and not self._head.exists() and not self._key_file.exists():
            lost = (AuditFault(kind="cut_off", number=0),) if kept is not None else ()
            return AuditVerdict(events=0, faults=lost, checkpoint=None)
        key = AuditKey.read(self._key_file)
        check = _Check(key, _read_head(self._head), kept)
        try:
            faults = list(islice(check.run(self._rows(1)), _MOST_FAULTS))
        except sqlite3.Error:
            faults = [AuditFault(kind="unreadable", number=0)]
        point = key.checkpoint(check.events, check.last) if not faults else None
        return AuditVerdict(events=check.events, faults=tuple(faults), checkpoint=point)

    async def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _rows(self, start: int) -> Iterator[Row]:
        if not self._file.exists():
            return
        db = sqlite3.connect(f"{self._file.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        try:
            yield from db.execute(
                "SELECT number, record, hash, signature FROM entries WHERE number >= ?"
                " ORDER BY number",
                (start,),
            )
        finally:
            db.close()

    @contextmanager
    def _alone(self) -> Generator[int]:
        """The head's descriptor, locked against every other process that writes the record."""
        head = os.open(self._head, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(head, fcntl.LOCK_EX)
            yield head
        finally:
            os.close(head)

    def _opened(self, head: int) -> tuple[sqlite3.Connection, AuditKey]:
        if self._db is None or self._key is None:
            # Two threads of one process take turns at the head's lock like two processes.
            self._db = sqlite3.connect(
                self._file, isolation_level=None, timeout=30, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            # REPLACE would remove a row without asking its trigger.
            self._db.execute("PRAGMA recursive_triggers=ON")
            self._db.executescript(_SCHEMA)
            self._key = self._settled_key(self._db, head)
        return self._db, self._key

    def _settled_key(self, db: sqlite3.Connection, head: int) -> AuditKey:
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


def _reached(db: sqlite3.Connection, head: int, key: AuditKey) -> Checkpoint:
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
        raise DependencyDown(
            "AUDIT_UNAVAILABLE", f"audit record: {type(exc).__name__}", "审计记录无法访问"
        ) from exc
