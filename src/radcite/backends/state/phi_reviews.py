"""The queue of images held for a privacy review, in a database."""

from datetime import UTC, datetime

from radcite.backends.state.database import StateDatabase
from radcite.core.errors import RadciteError
from radcite.core.phi_review import Decision, HeldImage

__all__ = ["PHI_REVIEWS_SCHEMA", "SqlPhiReviews"]

PHI_REVIEWS_SCHEMA = """
CREATE TABLE held (key TEXT PRIMARY KEY, at TEXT NOT NULL, record TEXT NOT NULL);
"""


class SqlPhiReviews:
    """`PhiReviews` in a database.

    Args:
        database: One with the table of `PHI_REVIEWS_SCHEMA`.
    """

    def __init__(self, database: StateDatabase) -> None:
        self._db = database

    async def close(self) -> None:
        """Close the database."""
        self._db.close()

    async def hold(self, image: HeldImage) -> None:
        """Put an image into the queue; one that is in it stays as it is."""
        row = (image.key, image.held_at, image.model_dump_json())
        self._db.execute(
            "INSERT INTO held (key, at, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row
        )

    async def image(self, key: str) -> HeldImage:
        """The image of a key or of a beginning of one."""
        rows = self._db.execute(
            "SELECT record FROM held WHERE substr(key, 1, ?) = ? LIMIT 2", (len(key), key)
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
        known = await self.image(key)
        known.check(decision, user, reason)
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
