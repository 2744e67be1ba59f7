"""State that SQLite files hold, into an empty PostgreSQL database, as a whole or not at all."""

# ruff: noqa: S608 - names of our own tables, and question marks, are put into a statement

import re
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from radcite.backends.state.database import Guard, PostgresState
from radcite.core.errors import RadciteError

__all__ = ["StateFile", "carried"]

_ROWS = 500


@dataclass(frozen=True, slots=True)
class StateFile:
    """What one store keeps: the name of its file, without `.sqlite`, its tables, and what holds them."""

    name: str
    schema: str
    guards: Sequence[Guard] = ()

    def path(self, home: Path) -> Path:
        """Where the file stands in a data folder."""
        return home / f"{self.name}.sqlite"

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", self.schema)


@contextmanager
def carried(home: Path, files: Sequence[StateFile], url: str) -> Generator[dict[str, int]]:
    """Rows by table, once they stand in the database; they stay there if the block ends without an error.

    Nobody else writes to the files or to the tables meanwhile. Each row is compared with what the database gives back.

    Args:
        home: The data folder.
        files: Its stores; one whose file is not there has nothing to carry.
        url: `postgresql://…`.

    Raises:
        RadciteError: `VALIDATION` for a database that holds state already, or gives back something else.
        DependencyDown: `STATE_UNAVAILABLE`.
    """
    schema = "".join(one.schema for one in files)
    guards = [guard for one in files for guard in one.guards]
    tables = [table for one in files for table in one.tables]
    with ExitStack() as held:
        db = held.enter_context(closing(PostgresState(url, schema, guards)))
        there = [one for one in files if one.path(home).is_file()]
        opened = [(one, held.enter_context(_held(one.path(home)))) for one in there]
        with db.alone():
            db.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
            _check_empty(db, tables)
            yield {
                table: _copied(source, db, table) for one, source in opened for table in one.tables
            }


@contextmanager
def _held(path: Path) -> Generator[sqlite3.Connection]:
    """A file in which nobody writes; it is closed without a log beside it."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("ROLLBACK")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _check_empty(db: PostgresState, tables: Sequence[str]) -> None:
    for table in tables:
        if db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
            raise RadciteError(
                "VALIDATION",
                "the database holds state already; it is moved into an empty one",
                "该数据库中已有状态数据；只能迁入空库",
            )


def _copied(source: sqlite3.Connection, db: PostgresState, table: str) -> int:
    columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    if not columns:
        return 0
    names = ", ".join(f'"{column}"' for column in columns)
    place = f"({', '.join('?' * len(columns))})"
    total = 0
    # The order in which rows came is that in which they go.
    kept = source.execute(f"SELECT {names} FROM {table} ORDER BY rowid")
    for rows in _by(_ROWS, kept):
        written = db.execute(
            f"INSERT INTO {table} ({names}) VALUES {', '.join([place] * len(rows))}"
            f" RETURNING {names}",
            [value for row in rows for value in row],
        )
        if [tuple(row) for row in written] != rows:
            raise RadciteError(
                "VALIDATION",
                f"the database gives back other rows of {table} than were written",
                f"数据库返回的 {table} 行与写入的不同",
            )
        total += len(rows)
    return total


def _by(size: int, rows: Iterator[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    while batch := [tuple(_storable(value) for value in row) for row in islice(rows, size)]:
        yield batch


def _storable(value: object) -> object:
    """PostgreSQL keeps no NUL in a text; JSON, and so every record, spells it out."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
