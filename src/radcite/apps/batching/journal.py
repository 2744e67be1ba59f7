"""What a batch has done so far, in SQLite beside its output.

The journal is the truth: a row is first committed here, then appended to the output, and a run that
starts writes the output anew from here. So a kill at any moment leaves every finished row exactly once.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from radcite.apps.asking import AskOptions
from radcite.apps.batching.results import ResultLine, read_results
from radcite.apps.batching.rows import BatchRow
from radcite.core.errors import RadciteError
from radcite.core.usage import Usage

__all__ = ["Journal", "journal_of"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    id TEXT PRIMARY KEY, place INTEGER NOT NULL, asked TEXT NOT NULL, wanted INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'missing', degraded INTEGER NOT NULL DEFAULT 0, finished INTEGER, line TEXT
);
CREATE INDEX IF NOT EXISTS by_place ON rows (place);
CREATE TABLE IF NOT EXISTS spent (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), usage TEXT NOT NULL, cost REAL NOT NULL
);
"""


def journal_of(output: Path) -> Path:
    """Where the journal of an output lies."""
    return output.with_name(f"{output.name}.sqlite")


class Journal:
    """The rows of one output, each `missing`, `done` or `failed`, and what answering them has cost.

    Raises:
        RadciteError: `HOME_LOCKED` while another run writes the same output.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        output.parent.mkdir(parents=True, exist_ok=True)
        is_new = not journal_of(output).exists()
        self._db = sqlite3.connect(journal_of(output), timeout=0, isolation_level=None)
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            self._db.close()
            raise RadciteError(
                "HOME_LOCKED", "another run writes this output", "另一次运行正在写入该输出"
            ) from exc
        (self._finished,) = self._db.execute(
            "SELECT coalesce(max(finished), 0) FROM rows"
        ).fetchone()
        self._earlier = is_new and output.is_file()

    def expect(self, rows: Iterable[BatchRow], defaults: AskOptions, *, again: bool) -> int:
        """Note which rows are wanted; how many. A row that asks something else than before is missing.

        Args:
            rows: All the questions.
            defaults: What they are asked with.
            again: Rows answered without the language model are missing too.

        Raises:
            RadciteError: `RECORD_INVALID` for an id used twice, or as the reader of the rows; nothing is noted.
        """
        count = 0
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("UPDATE rows SET wanted = 0")
            for row in rows:
                count += 1
                self._expect(row, row.asked(defaults), count)
            if again:
                self._db.execute("UPDATE rows SET state = 'missing' WHERE degraded = 1")
            self._db.execute("UPDATE rows SET state = 'missing' WHERE state = 'failed'")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        if self._earlier:
            self._take_over()
        return count

    def _expect(self, row: BatchRow, asked: str, place: int) -> None:
        (taken,) = self._db.execute(
            "SELECT count(*) FROM rows WHERE id = ? AND wanted = 1", (row.id,)
        ).fetchone()
        if taken:
            raise RadciteError("RECORD_INVALID", f"row {place}: id {row.id} is used twice")
        self._db.execute(
            "INSERT INTO rows (id, place, asked, wanted) VALUES (?1, ?2, ?3, 1) ON CONFLICT (id) DO UPDATE SET"
            " place = ?2, wanted = 1, state = CASE asked WHEN ?3 THEN state ELSE 'missing' END, asked = ?3",
            (row.id, place, asked),
        )

    def _take_over(self) -> None:
        """Rows of an output whose journal is gone, or that was written before there were journals."""
        for line in read_results(self._output):
            if line.outcome is not None:
                self._finished += 1
                self._db.execute(
                    "UPDATE rows SET state = 'done', line = ?, finished = ? WHERE id = ? AND wanted = 1",
                    (line.text(), self._finished, line.id),
                )
        self._earlier = False

    def is_done(self, row_id: str) -> bool:
        """Whether a row has an outcome."""
        found = self._db.execute("SELECT state FROM rows WHERE id = ?", (row_id,)).fetchone()
        return found is not None and found[0] == "done"

    def put(self, line: ResultLine, usage: Usage, cost: float) -> None:
        """Note a finished row, and all that the batch has cost up to now; durable once it returns.

        Raises:
            RadciteError: `STORAGE_LOW`.
        """
        outcome = line.outcome
        state = "failed" if outcome is None else "done"
        degraded = outcome is not None and "llm" in outcome.degraded
        self._finished += 1
        row = (state, degraded, line.text(), self._finished, line.id)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "UPDATE rows SET state = ?, degraded = ?, line = ?, finished = ? WHERE id = ?", row
            )
            self._db.execute(
                "INSERT OR REPLACE INTO spent VALUES (1, ?, ?)", (usage.model_dump_json(), cost)
            )
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            raise RadciteError(
                "STORAGE_LOW", "the journal cannot be written", "日志无法写入"
            ) from exc

    def spent(self) -> tuple[Usage, float]:
        """What all runs of this output have used, and what it cost."""
        found = self._db.execute("SELECT usage, cost FROM spent").fetchone()
        return (Usage.model_validate_json(found[0]), float(found[1])) if found else (Usage(), 0.0)

    def count(self, state: str) -> int:
        """Wanted rows in a state."""
        found = self._db.execute(
            "SELECT count(*) FROM rows WHERE wanted = 1 AND state = ?", (state,)
        ).fetchone()
        return int(found[0])

    def lines(self) -> Iterator[ResultLine]:
        """The finished rows in the order of the questions."""
        for (text,) in self._db.execute(
            "SELECT line FROM rows WHERE wanted = 1 AND state != 'missing' ORDER BY place"
        ):
            yield ResultLine.model_validate_json(text)

    def rewrite(self) -> None:
        """The output with the rows that are done, in the order of finish: whole or not at all."""
        folder, name = self._output.parent, self._output.name
        with NamedTemporaryFile(
            "w", dir=folder, prefix=f".{name}.", delete=False, encoding="utf-8"
        ) as part:
            for (text,) in self._db.execute(
                "SELECT line FROM rows WHERE wanted = 1 AND state = 'done' ORDER BY finished"
            ):
                part.write(text)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(self._output)

    def close(self) -> None:
        """Release the file."""
        self._db.close()
