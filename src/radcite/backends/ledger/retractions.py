"""The ledger's documents marked as retracted."""

# ruff: noqa: S608 - only question marks are put into a statement
from radcite.backends.ledger.database import LedgerDatabase
from radcite.backends.ledger.terms import chunks
from radcite.core.literature import Marked, Retractions

__all__ = ["LedgerRetractions"]


class LedgerRetractions(LedgerDatabase):
    """The part of `Ledger` that marks what was retracted."""

    async def mark_retracted(self, collection: str, retractions: Retractions) -> Marked:
        """Mark documents a list names, take back what an earlier one marked, and let the index have their points.

        What a document's own file says of it stays.
        """
        with self._transaction():
            rows = self._db.execute(
                "SELECT id, json_extract(meta, '$.doi'), json_extract(meta, '$.pmid'),"
                " json_extract(meta, '$.retracted'), json_extract(meta, '$.listed') FROM documents"
                " WHERE collection = ?",
                (collection,),
            ).fetchall()
            named = {row[0] for row in rows if retractions.name(row[1], row[2])}
            gone = [row[0] for row in rows if row[0] in named and not row[3]]
            back = [row[0] for row in rows if row[0] not in named and row[4]]
            self._mark(collection, gone, retracted=True)
            self._mark(collection, back, retracted=False)
        return Marked(len(gone), len(back))

    def _mark(self, collection: str, owners: list[str], *, retracted: bool) -> None:
        mark, word = ("true", "yes") if retracted else ("false", "no")
        for some in chunks(owners):
            marks = ",".join("?" * len(some))
            self._db.execute(
                "UPDATE documents SET meta = json_set(meta, '$.retracted', json(?), '$.listed', json(?))"
                f" WHERE collection = ? AND id IN ({marks})",
                (mark, mark, collection, *some),
            )
            self._renew(
                f"collection = ? AND kind IN ('passage', 'figure') AND owner IN ({marks})",
                (collection, *some),
                word,
            )

    def _renew(self, which: str, values: tuple[str, ...], retracted: str) -> None:
        """Give points their new payload and, at the end of the queue for the index, a new number."""
        rows = self._db.execute(f"SELECT seq FROM points WHERE {which} ORDER BY seq", values)
        known = [row[0] for row in rows]
        (last,) = self._db.execute(
            "SELECT max((SELECT max(seq) FROM points), (SELECT max(seq) FROM sqlite_sequence"
            " WHERE name = 'points'))"
        ).fetchone()
        self._db.executemany(
            "UPDATE points SET payload = json_set(payload, '$.retracted', ?), seq = ? WHERE seq = ?",
            [(retracted, last + place, seq) for place, seq in enumerate(known, 1)],
        )
        self._db.execute(
            "UPDATE sqlite_sequence SET seq = ? WHERE name = 'points'", (last + len(known),)
        )
