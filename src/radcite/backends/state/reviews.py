"""Drafted and signed reports with their versions, in a database."""

from collections.abc import Sequence

from radcite.backends.state.database import Guard, StateDatabase
from radcite.core.errors import RadciteError
from radcite.core.review import Change, Report
from radcite.core.review_steps import check_revision, check_successor

__all__ = ["REVIEWS_GUARDS", "REVIEWS_SCHEMA", "SqlReviews"]

REVIEWS_SCHEMA = """
CREATE TABLE IF NOT EXISTS reports (
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, created TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reports_by_owner ON reports (owner, created);
CREATE TABLE IF NOT EXISTS versions (
  report TEXT NOT NULL, number INTEGER NOT NULL, signed INTEGER NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (report, number)
);
"""
_KEPT = Guard(
    "signed_is_kept", "versions", "DELETE", "a signed version is not removed", "OLD.signed = 1"
)
# They hold whoever else opens the database: a signed version is neither changed nor removed.
REVIEWS_GUARDS = (
    Guard(
        "signed_stays", "versions", "UPDATE", "a signed version is not changed", "OLD.signed = 1"
    ),
    _KEPT,
)
_LATEST = (
    "SELECT v.record FROM reports r JOIN versions v ON v.report = r.id"
    " WHERE v.number = (SELECT max(number) FROM versions WHERE report = r.id)"
    " AND r.owner = coalesce(?, r.owner)"
)


class SqlReviews:
    """`ReviewStore` in a database.

    Args:
        database: One with the tables of `REVIEWS_SCHEMA` under `REVIEWS_GUARDS`, on the disk before it returns.
    """

    def __init__(self, database: StateDatabase) -> None:
        self._db = database

    async def close(self) -> None:
        """Close the database."""
        self._db.close()

    async def add(self, report: Report) -> None:
        """Keep a new draft."""
        if report.version != 1 or report.signed:
            raise RadciteError("VALIDATION", "a report begins as a draft", "报告须从草稿开始")
        row = (report.report_id, report.owner, report.created_at)
        with self._db.alone():
            added = self._db.execute(
                "INSERT INTO reports (id, owner, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                row,
            )
            if not added.rowcount:
                raise RadciteError("VALIDATION", "this report exists", "该报告已存在")
            self._db.execute(
                "INSERT INTO versions (report, number, signed, record) VALUES (?, 1, 0, ?)",
                (report.report_id, report.model_dump_json()),
            )

    async def reports(self, owner: str | None) -> list[Report]:
        """The latest version of each report, the newest report first."""
        rows = self._db.execute(f"{_LATEST} ORDER BY r.created DESC, r.rowid DESC", (owner,))
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

    async def change(
        self, owner: str | None, report_id: str, step: Change, *, expects: str | None = None
    ) -> Report:
        """Take one step from the latest version, alone."""
        with self._db.alone():
            before = self._latest(owner, report_id)
            check_revision(before, expects)
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
                    (int(after.signed), record, report_id, after.version),
                )
        return after

    async def forget(self, report_ids: Sequence[str]) -> None:
        """Remove reports with every version of them, also signed ones."""
        # The one way by which a signed version leaves.
        with self._db.alone(), self._db.unguarded(_KEPT):
            for report_id in report_ids:
                self._db.execute("DELETE FROM versions WHERE report = ?", (report_id,))
                self._db.execute("DELETE FROM reports WHERE id = ?", (report_id,))

    async def erase(self) -> None:
        """Leave no byte of what was removed."""
        self._db.erase()

    def _latest(self, owner: str | None, report_id: str) -> Report:
        row = self._db.execute(f"{_LATEST} AND r.id = ?", (owner, report_id)).fetchone()
        if row is None:
            raise RadciteError("NOT_FOUND", "no such report of yours", "您没有此报告")
        return Report.model_validate_json(row[0])
