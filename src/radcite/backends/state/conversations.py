"""Threads and studies of a served radcite, in a database."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import uuid4

from radcite.backends.state.database import StateDatabase
from radcite.core.conversations import (
    Aged,
    Feedback,
    StudyRecord,
    Talked,
    ThreadRecord,
    Turn,
)
from radcite.core.errors import RadciteError
from radcite.core.traces import Traces, mentions

__all__ = ["CONVERSATIONS_SCHEMA", "SqlConversations"]

CONVERSATIONS_SCHEMA = """
CREATE TABLE IF NOT EXISTS threads (
  id TEXT PRIMARY KEY, "user" TEXT NOT NULL, title TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS threads_by_user ON threads ("user", updated);
CREATE TABLE IF NOT EXISTS turns (
  thread TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL, feedback TEXT,
  PRIMARY KEY (thread, number)
);
CREATE TABLE IF NOT EXISTS studies (
  id TEXT PRIMARY KEY, "user" TEXT NOT NULL, created TEXT NOT NULL, record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS studies_by_user ON studies ("user", created);
"""
_TITLE = 80


class SqlConversations:
    """`Conversations` in a database: every statement names the user.

    Args:
        database: One with the tables of `CONVERSATIONS_SCHEMA`.
    """

    def __init__(self, database: StateDatabase) -> None:
        self._db = database

    async def close(self) -> None:
        """Close the database."""
        self._db.close()

    async def new_thread(self, user: str, title: str) -> str:
        """The id of a new thread."""
        thread, now = uuid4().hex, _now()
        self._db.execute(
            'INSERT INTO threads (id, "user", title, created, updated) VALUES (?, ?, ?, ?, ?)',
            (thread, user, title, now, now),
        )
        return thread

    async def threads(self, user: str) -> list[ThreadRecord]:
        """The user's threads, the latest first."""
        rows = self._db.execute(
            "SELECT id, title, created, updated,"
            " (SELECT count(*) FROM turns WHERE turns.thread = threads.id)"
            ' FROM threads WHERE "user" = ? ORDER BY updated DESC, rowid DESC',
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
            'INSERT INTO studies (id, "user", created, record) VALUES (?, ?, ?, ?)',
            (study.study, user, study.created_at, study.model_dump_json()),
        )

    async def study(self, user: str, study: str) -> StudyRecord:
        """A study by its id."""
        row = self._db.execute(
            'SELECT record FROM studies WHERE id = ? AND "user" = ?', (study, user)
        ).fetchone()
        if row is None:
            raise _unknown()
        return StudyRecord.model_validate_json(row[0])

    async def studies(self, user: str) -> list[StudyRecord]:
        """The user's studies, the latest first."""
        rows = self._db.execute(
            'SELECT record FROM studies WHERE "user" = ? ORDER BY created DESC, rowid DESC', (user,)
        )
        return [StudyRecord.model_validate_json(row[0]) for row in rows]

    async def drop_study(self, user: str, study: str) -> list[str]:
        """Remove a study's record; the digests that no study holds any more."""
        record = await self.study(user, study)
        self._db.execute("DELETE FROM studies WHERE id = ?", (study,))
        digests = {image.digest for series in record.series for image in series.images}
        return [digest for digest in sorted(digests) if not self._holds(digest)]

    async def holds(self, digests: Collection[str]) -> frozenset[str]:
        """Which of these images some study holds."""
        return frozenset(digest for digest in digests if self._holds(digest))

    async def find(self, traces: Traces) -> Talked:
        """Where threads and studies speak of something."""
        studies = self._studies_of(traces)
        turns = self._turns_of(_with_studies(traces, studies))
        return Talked(
            studies=tuple(one.study for one in studies),
            digests=tuple(self._held_only_by(studies)),
            turns=len(turns),
            threads=sum(self._emptied_without(turns).values()),
        )

    async def forget(self, traces: Traces) -> Talked:
        """Remove those studies and turns, and the threads that are left empty."""
        told = await self.find(traces)
        studies = self._studies_of(traces)
        turns = self._turns_of(_with_studies(traces, studies))
        with self._db.alone():
            for one in studies:
                self._db.execute("DELETE FROM studies WHERE id = ?", (one.study,))
            for turn in turns:
                self._db.execute("DELETE FROM turns WHERE thread = ? AND number = ?", turn)
            for thread, emptied in self._emptied_without(turns).items():
                if emptied:
                    self._db.execute("DELETE FROM threads WHERE id = ?", (thread,))
                else:
                    self._retitle(thread)
        return told

    async def older(self, *, studies: str, threads: str) -> Aged:
        """Studies that came, and threads whose last turn was, before a time."""
        found = (
            self._db.execute("SELECT id FROM studies WHERE created < ? ORDER BY id", (studies,)),
            self._db.execute("SELECT id FROM threads WHERE updated < ? ORDER BY id", (threads,)),
        )
        old = [tuple(row[0] for row in rows) for rows in found]
        return Aged(studies=old[0], threads=old[1])

    async def erase(self) -> None:
        """Leave no byte of what was removed."""
        self._db.erase()

    def _studies_of(self, traces: Traces) -> list[StudyRecord]:
        rows = self._db.execute("SELECT record FROM studies ORDER BY id")
        records = [StudyRecord.model_validate_json(row[0]) for row in rows]
        return [one for one in records if mentions(one, traces)]

    def _held_only_by(self, studies: list[StudyRecord]) -> list[str]:
        theirs = [image.digest for one in studies for each in one.series for image in each.images]
        going = {one.study for one in studies}
        free: list[str] = []
        for digest in sorted(set(theirs)):
            rows = self._db.execute(
                "SELECT id FROM studies WHERE record LIKE '%' || ? || '%'", (digest,)
            )
            if {row[0] for row in rows} <= going:
                free.append(digest)
        return free

    def _turns_of(self, traces: Traces) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        rows = self._db.execute("SELECT thread, number, record FROM turns ORDER BY thread, number")
        for thread, number, record in rows:
            turn = Turn.model_validate_json(record)
            told = traces.whole or thread in traces.threads or mentions(turn, traces)
            if told and traces.within(turn.asking.collection):
                found.append((thread, number))
        return found

    def _emptied_without(self, turns: list[tuple[str, int]]) -> dict[str, bool]:
        """Of each thread that loses turns, whether it has no others."""
        going: dict[str, int] = {}
        for thread, _ in turns:
            going[thread] = going.get(thread, 0) + 1
        return {thread: self._others(thread, turns) == 0 for thread in going}

    def _others(self, thread: str, turns: list[tuple[str, int]]) -> int:
        rows = self._db.execute("SELECT number FROM turns WHERE thread = ?", (thread,))
        return sum((thread, row[0]) not in turns for row in rows)

    def _retitle(self, thread: str) -> None:
        # The title repeats the first question, which may have gone.
        row = self._db.execute(
            "SELECT record FROM turns WHERE thread = ? ORDER BY number LIMIT 1", (thread,)
        ).fetchone()
        title = Turn.model_validate_json(row[0]).asking.text[:_TITLE]
        self._db.execute("UPDATE threads SET title = ? WHERE id = ?", (title, thread))

    def _holds(self, digest: str) -> bool:
        # A digest is 64 hexadecimal digits: nothing else in a record looks like it.
        found = self._db.execute(
            "SELECT 1 FROM studies WHERE record LIKE '%' || ? || '%' LIMIT 1", (digest,)
        ).fetchone()
        return found is not None

    def _own(self, table: str, user: str, key: str) -> None:
        statement = {
            "threads": 'SELECT 1 FROM threads WHERE id = ? AND "user" = ?',
            "studies": 'SELECT 1 FROM studies WHERE id = ? AND "user" = ?',
        }[table]
        if self._db.execute(statement, (key, user)).fetchone() is None:
            raise _unknown()


def _with_studies(traces: Traces, studies: list[StudyRecord]) -> Traces:
    names = frozenset(one.study for one in studies)
    return traces.model_copy(update={"studies": traces.studies | names})


def _turn(record: str, feedback: str | None) -> Turn:
    turn = Turn.model_validate_json(record)
    if feedback is None:
        return turn
    return turn.model_copy(update={"feedback": Feedback.model_validate_json(feedback)})


def _unknown() -> RadciteError:
    return RadciteError("NOT_FOUND", "no such thread or study of yours", "您没有此会话或检查")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
