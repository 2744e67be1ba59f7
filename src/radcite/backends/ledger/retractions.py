"""The ledger's documents marked as retracted."""

# ruff: noqa: S608 - only question marks are put into a statement
from radcite.backends.ledger.database import LedgerDatabase
from radcite.backends.ledger.terms import chunks
from radcite.core.literature import Retractions

__all__ = ["LedgerRetractions"]


class LedgerRetractions(LedgerDatabase):
    """The part of `Ledger` that marks what was retracted."""

    async def mark_retracted(self, collection: str, retractions: Retractions) -> int:
        """Mark documents, and let the index have their points again; how many were marked anew."""
        with self._transaction():
            rows = self._db.execute(
                "SELECT id, json_extract(meta, '$.doi'), json_extract(meta, '$.pmid') FROM documents"
                " WHERE collection = ? AND NOT json_extract(meta, '$.retracted')",
                (collection,),
            )
            gone = [owner for owner, doi, pmid in rows if retractions.name(doi, pmid)]
            for some in chunks(gone):
                marks = ",".join("?" * len(some))
                self._db.execute(
                    "UPDATE documents SET meta = json_set(meta, '$.retracted', json('true'))"
                    f" WHERE collection = ? AND id IN ({marks})",
                    (collection, *some),
                )
                self._renew(
                    f"collection = ? AND kind IN ('passage', 'figure') AND owner IN ({marks})",
                    (collection, *some),
                )
        return len(gone)

    def _renew(self, which: str, values: tuple[str, ...]) -> None:
        """Give points their new payload and, at the end of the queue for the index, a new number."""
        rows = self._db.execute(f"SELECT seq FROM points WHERE {which} ORDER BY seq", values)
        known = [row[0] for row in rows]
        (last,) = self._db.execute(
            "SELECT max((SELECT max(seq) FROM points), (SELECT max(seq) FROM sqlite_sequence"
            " WHERE name = 'points'))"
        ).fetchone()
        self._db.executemany(
            "UPDATE points SET payload = json_set(payload, '$.retracted', 'yes'), seq = ? WHERE seq = ?",
            [(last + place, seq) for place, seq in enumerate(known, 1)],
        )
        self._db.execute(
            "UPDATE sqlite_sequence SET seq = ? WHERE name = 'points'", (last + len(known),)
        )
