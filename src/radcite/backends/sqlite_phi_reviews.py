"""The queue of images held for a privacy review, in one SQLite file."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from radcite.backends.sqlite_schema import bring_up
from radcite.core.errors import RadciteError
from radcite.core.phi_review import Decision, HeldImage

__all__ = ["SqlitePhiReviews"]

_SCHEMA = """
CREATE TABLE held (key TEXT PRIMARY KEY, at TEXT NOT NULL, record TEXT NOT NULL);
"""


class SqlitePhiReviews:
    """`PhiReviews` in SQLite.

    Args:
        path: The database file; its folder must exist. Several processes may have it open.

    Raises:
        RadciteError: `HOME_NEWER`.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        bring_up(self._db, path.name, _SCHEMA, [])

    async def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def hold(self, image: HeldImage) -> None:
        """Put an image into the queue; one that is in it stays as it is."""
        row = (image.key, image.held_at, image.model_dump_json())
        self._db.execute("INSERT OR IGNORE INTO held VALUES (?, ?, ?)", row)

    async def image(self, key: str) -> HeldImage:
        """The image of a key or of a beginning of one."""
        rows = self._db.execute(
            "SELECT record FROM held WHERE substr(key, 1, length(?1)) = ?1 LIMIT 2", (key,)
        ).fetchall()
        if not key or len(rows) != 1:
            raise RadciteError("NOT_FOUND", "no such held image", "没有此待审图像")
        return HeldImage.model_validate_json(rows[0][0])

    async def decision(self, key: str) -> Decision | None:
        """What was decided about a file."""
        row = self._db.execute("SELECT record FROM held WHERE key = ?", (key,)).fetchone()
        return HeldImage.model_validate_json(row[0]).decision if row else None

    async def images(self) -> list[HeldImage]:
        """All of them, the latest held first."""
        rows = self._db.execute("SELECT record FROM held ORDER BY at DESC, rowid DESC")
        return [HeldImage.model_validate_json(row[0]) for row in rows]

    async def decide(self, key: str, decision: Decision, user: str, reason: str) -> HeldImage:
        """Record a decision with who took it and why."""
        if not user.strip() or not reason.strip():
            raise RadciteError(
                "VALIDATION",
                "a decision names who took it and why",
                "须写明决定人和理由",
            )
        known = await self.image(key)
        decided = known.model_copy(
            update={
                "decision": decision,
                "user": user.strip(),
                "reason": reason.strip(),
                "decided_at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        )
        self._db.execute(
            "UPDATE held SET record = ? WHERE key = ?", (decided.model_dump_json(), known.key)
        )
        return decided
