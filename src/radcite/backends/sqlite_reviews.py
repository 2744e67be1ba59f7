"""Drafted and signed reports with their versions, in one SQLite file."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.core.review import Change, Report, check_successor

__all__ = ["SqliteReviews"]

# The triggers hold whoever else opens the file: a signed version is neither changed nor removed.
_SIGNED_IS_KEPT = """\
CREATE TRIGGER IF NOT EXISTS signed_is_kept BEFORE DELETE ON versions WHEN OLD.signed
BEGIN SELECT RAISE(ABORT, 'a signed version is not removed'); END;
"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS reports (
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, created TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reports_by_owner ON reports (owner, created);
CREATE TABLE IF NOT EXISTS versions (
  report TEXT NOT NULL, number INTEGER NOT NULL, signed INTEGER NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (report, number)
);
CREATE TRIGGER IF NOT EXISTS signed_stays BEFORE UPDATE ON versions WHEN OLD.signed
BEGIN SELECT RAISE(ABORT, 'a signed version is not changed'); END;
{_SIGNED_IS_KEPT}"""
_LATEST = (
    "SELECT v.record FROM reports r JOIN versions v ON v.report = r.id"
    " WHERE v.number = (SELECT max(number) FROM versions WHERE report = r.id)"
    " AND (:owner IS NULL OR r.owner = :owner)"
)


class SqliteReviews:
    """`ReviewStore` in SQLite; a change is on the disk before it returns.

    Args:
        path: The database file; its folder must exist. Several processes may have it open.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        # REPLACE would remove a row without asking its trigger.
        self._db.execute("PRAGMA recursive_triggers=ON")
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.executescript(_SCHEMA)

    async def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def add(self, report: Report) -> None:
        """Keep a new draft."""
        if report.version != 1 or report.signed:
            raise RadciteError("VALIDATION", "a report begins as a draft", "报告须从草稿开始")
        row = (report.report_id, report.owner, report.created_at)
        with self._alone():
            try:
                self._db.execute("INSERT INTO reports (id, owner, created) VALUES (?, ?, ?)", row)
            except sqlite3.IntegrityError as exc:
                raise RadciteError("VALIDATION", "this report exists", "该报告已存在") from exc
            self._db.execute(
                "INSERT INTO versions (report, number, signed, record) VALUES (?, 1, 0, ?)",
                (report.report_id, report.model_dump_json()),
            )

    async def reports(self, owner: str | None) -> list[Report]:
        """The latest version of each report, the newest report first."""
        rows = self._db.execute(
            f"{_LATEST} ORDER BY r.created DESC, r.rowid DESC", {"owner": owner}
        )
        return [Report.model_validate_json(row[0]) for row in rows]

    async def report(self, owner: str | None, report_id: str) -> Report:
        """The latest version."""
        return self._latest(owner, report_id)

    async def versions(self, owner: str | None, report_id: str) -> list[Report]:
        """Every version in order."""
        self._latest(owner, report_id)
        rows = self._db.execute(
            "SELECT record FROM versions WHERE report = ? ORDER BY number", (report_id,)
        )
        return [Report.model_validate_json(row[0]) for row in rows]

    async def change(self, owner: str | None, report_id: str, step: Change) -> Report:
        """Take one step from the latest version, alone."""
        with self._alone():
            before = self._latest(owner, report_id)
            after = step(before)
            check_successor(before, after)
            record = after.model_dump_json()
            if after.version > before.version:
                self._db.execute(
                    "INSERT INTO versions (report, number, signed, record) VALUES (?, ?, 0, ?)",
                    (report_id, after.version, record),
                )
            else:
                self._db.execute(
                    "UPDATE versions SET signed = ?, record = ? WHERE report = ? AND number = ?",
                    (after.signed, record, report_id, after.version),
                )
        return after

    async def forget(self, report_ids: Sequence[str]) -> None:
        """Remove reports with every version of them, also signed ones."""
        gone = [(report_id,) for report_id in report_ids]
        with self._alone():
            # The one way by which a signed version leaves; the trigger is back before anybody else writes.
            self._db.execute("DROP TRIGGER signed_is_kept")
            self._db.executemany("DELETE FROM versions WHERE report = ?", gone)
            self._db.executemany("DELETE FROM reports WHERE id = ?", gone)
            self._db.execute(_SIGNED_IS_KEPT)

    async def erase(self) -> None:
        """Write the file anew without the gaps, and empty the log."""
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _latest(self, owner: str | None, report_id: str) -> Report:
        found = {"owner": owner, "id": report_id}
        row = self._db.execute(f"{_LATEST} AND r.id = :id", found).fetchone()
        if row is None:
            raise RadciteError("NOT_FOUND", "no such report of yours", "您没有此报告")
        return Report.model_validate_json(row[0])

    @contextmanager
    def _alone(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
