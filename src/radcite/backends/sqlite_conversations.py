"""Threads and studies of a served radcite, in one SQLite file."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from radcite.core.conversations import Feedback, StudyRecord, ThreadRecord, Turn
from radcite.core.errors import RadciteError

__all__ = ["SqliteConversations"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS threads (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS threads_by_user ON threads (user, updated);
CREATE TABLE IF NOT EXISTS turns (
  thread TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL, feedback TEXT,
  PRIMARY KEY (thread, number)
);
CREATE TABLE IF NOT EXISTS studies (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, created TEXT NOT NULL, record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS studies_by_user ON studies (user, created);
"""


class SqliteConversations:
    """`Conversations` in SQLite: every statement names the user.

    Args:
        path: The database file; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    async def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def new_thread(self, user: str, title: str) -> str:
        """The id of a new thread."""
        thread, now = uuid4().hex, _now()
        self._db.execute(
            "INSERT INTO threads (id, user, title, created, updated) VALUES (?, ?, ?, ?, ?)",
            (thread, user, title, now, now),
        )
        return thread

    async def threads(self, user: str) -> list[ThreadRecord]:
        """The user's threads, the latest first."""
        rows = self._db.execute(
            "SELECT id, title, created, updated,"
            " (SELECT count(*) FROM turns WHERE turns.thread = threads.id)"
            " FROM threads WHERE user = ? ORDER BY updated DESC, rowid DESC",
            (user,),
        )
        names = list(ThreadRecord.model_fields)
        return [ThreadRecord(**dict(zip(names, row, strict=True))) for row in rows]

    async def turns(self, user: str, thread: str) -> list[Turn]:
        """The turns of a thread in order."""
        self._own("threads", user, thread)
        rows = self._db.execute(
            "SELECT record, feedback FROM turns WHERE thread = ? ORDER BY number", (thread,)
        )
        return [_turn(*row) for row in rows]

    async def add_turn(self, user: str, thread: str, turn: Turn) -> int:
        """Append a turn; its number."""
        self._own("threads", user, thread)
        row = self._db.execute(
            "SELECT coalesce(max(number), 0) FROM turns WHERE thread = ?", (thread,)
        ).fetchone()
        number = int(row[0]) + 1
        record = turn.model_copy(update={"number": number}).model_dump_json(exclude={"feedback"})
        self._db.execute(
            "INSERT INTO turns (thread, number, record) VALUES (?, ?, ?)", (thread, number, record)
        )
        self._db.execute("UPDATE threads SET updated = ? WHERE id = ?", (_now(), thread))
        return number

    async def judge(self, user: str, thread: str, number: int, feedback: Feedback) -> None:
        """Keep what the reader thought of a turn."""
        self._own("threads", user, thread)
        done = self._db.execute(
            "UPDATE turns SET feedback = ? WHERE thread = ? AND number = ?",
            (feedback.model_dump_json(), thread, number),
        )
        if not done.rowcount:
            raise _unknown()

    async def rename(self, user: str, thread: str, title: str) -> None:
        """Give a thread another title."""
        self._own("threads", user, thread)
        self._db.execute("UPDATE threads SET title = ? WHERE id = ?", (title, thread))

    async def drop_thread(self, user: str, thread: str) -> None:
        """Remove a thread with its turns."""
        self._own("threads", user, thread)
        self._db.execute("DELETE FROM turns WHERE thread = ?", (thread,))
        self._db.execute("DELETE FROM threads WHERE id = ?", (thread,))

    async def add_study(self, user: str, study: StudyRecord) -> None:
        """Keep a study."""
        self._db.execute(
            "INSERT INTO studies (id, user, created, record) VALUES (?, ?, ?, ?)",
            (study.study, user, study.created_at, study.model_dump_json()),
        )

    async def study(self, user: str, study: str) -> StudyRecord:
        """A study by its id."""
        row = self._db.execute(
            "SELECT record FROM studies WHERE id = ? AND user = ?", (study, user)
        ).fetchone()
        if row is None:
            raise _unknown()
        return StudyRecord.model_validate_json(row[0])

    async def studies(self, user: str) -> list[StudyRecord]:
        """The user's studies, the latest first."""
        rows = self._db.execute(
            "SELECT record FROM studies WHERE user = ? ORDER BY created DESC, rowid DESC", (user,)
        )
        return [StudyRecord.model_validate_json(row[0]) for row in rows]

    async def drop_study(self, user: str, study: str) -> list[str]:
        """Remove a study's record; the digests that no study holds any more."""
        record = await self.study(user, study)
        self._db.execute("DELETE FROM studies WHERE id = ?", (study,))
        digests = {image.digest for series in record.series for image in series.images}
        return [digest for digest in sorted(digests) if not self._holds(digest)]

    def _holds(self, digest: str) -> bool:
        # A digest is 64 hexadecimal digits: nothing else in a record looks like it.
        found = self._db.execute(
            "SELECT 1 FROM studies WHERE instr(record, ?) LIMIT 1", (digest,)
        ).fetchone()
        return found is not None

    def _own(self, table: str, user: str, key: str) -> None:
        statement = {
            "threads": "SELECT 1 FROM threads WHERE id = ? AND user = ?",
            "studies": "SELECT 1 FROM studies WHERE id = ? AND user = ?",
        }[table]
        if self._db.execute(statement, (key, user)).fetchone() is None:
            raise _unknown()


def _turn(record: str, feedback: str | None) -> Turn:
    turn = Turn.model_validate_json(record)
    if feedback is None:
        return turn
    return turn.model_copy(update={"feedback": Feedback.model_validate_json(feedback)})


def _unknown() -> RadciteError:
    return RadciteError("NOT_FOUND", "no such thread or study of yours", "您没有此会话或检查")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
