"""Where state is kept: a SQLite file, or PostgreSQL.

One set of statements serves both: what both read alike, with `?` for values, `"user"` quoted, and `rowid` for the
order in which rows came. What they do not have in common stands here and nowhere else.
"""

import re
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast

from radcite.backends.state.schema import bring_up
from radcite.core.errors import DependencyDown, RadciteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

__all__ = ["Guard", "PostgresState", "Rows", "SqliteState", "StateDatabase"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger that holds a table against everybody: a row is not updated, or not deleted."""

    name: str
    table: str
    against: Literal["UPDATE", "DELETE"]
    says: str
    when: str = ""


class Rows(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """The rows that are left, one by one."""
        ...


class StateDatabase(Protocol):
    """A connection on which each statement is done when it returns."""

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement.

        Raises:
            DependencyDown: `STATE_UNAVAILABLE` when the server does not answer.
            RadciteError: `VALIDATION` for a value that it cannot keep, such as a text with a NUL.
        """
        ...

    def alone(self) -> AbstractContextManager[None]:
        """One transaction, in which nobody else writes to this store; undone if it is left by an error."""
        ...

    def unguarded(self, guard: Guard) -> AbstractContextManager[None]:
        """Without a guard, inside a transaction, so that nobody else meets it missing."""
        ...

    def erase(self) -> None:
        """Leave no byte of what was removed, as far as the engine can."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...


class SqliteState:
    """A SQLite file, which several processes may have open.

    Args:
        path: The file; its folder must exist.
        schema: `CREATE TABLE` statements.
        guards: What holds the tables.
        durable: Whether a change is on the disk before it returns.
        versioned: Whether the file states the version of its form.

    Raises:
        RadciteError: `HOME_NEWER` for a file of a later form.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        guards: Sequence[Guard] = (),
        *,
        durable: bool = False,
        versioned: bool = False,
    ) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        self._db.execute("PRAGMA secure_delete=ON")
        # REPLACE would remove a row without asking its trigger.
        self._db.execute("PRAGMA recursive_triggers=ON")
        if versioned:
            bring_up(self._db, path.name, schema, [])
        else:
            self._db.executescript(schema)
        for guard in guards:
            self._db.execute(_sqlite_trigger(guard))

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement."""
        return self._db.execute(statement, values)

    @contextmanager
    def alone(self) -> Generator[None]:
        """One transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def unguarded(self, guard: Guard) -> Generator[None]:
        """Without a guard."""
        self._db.execute(f"DROP TRIGGER {guard.name}")
        yield
        self._db.execute(_sqlite_trigger(guard))

    def erase(self) -> None:
        """Write the file anew without the gaps, and empty the log."""
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class PostgresState:
    """Tables in a PostgreSQL database, made where they are not there yet. A lost connection is opened anew.

    Args:
        url: `postgresql://…`.
        schema: `CREATE TABLE` statements, as for SQLite.
        guards: What holds the tables.

    Raises:
        DependencyDown: `STATE_UNAVAILABLE`.
        RadciteError: `MISSING_EXTRA`.
    """

    def __init__(self, url: str, schema: str, guards: Sequence[Guard] = ()) -> None:
        self._url = url
        self._tables = re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", schema)
        self._db = self._opened()
        with self.alone():
            # With values there is one statement at a time; without, a script is one.
            self._run(lambda db: db.execute(_postgres_schema(schema).encode()))
            for guard in guards:
                self._run(lambda db, one=guard: db.execute(_postgres_trigger(one).encode()))

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement."""
        wanted = _postgres_statement(statement).encode()
        return cast("Rows", self._run(lambda db: db.execute(wanted, values)))

    @contextmanager
    def alone(self) -> Generator[None]:
        """One transaction, under a lock of the store's own."""
        self._run(lambda db: db.execute(b"BEGIN"))
        try:
            self.execute("SELECT pg_advisory_xact_lock(hashtext(?))", (f"radcite {self._tables}",))
            yield
        except BaseException:
            if not self._db.closed:
                self._db.rollback()
            raise
        self._run(lambda db: db.execute(b"COMMIT"))

    @contextmanager
    def unguarded(self, guard: Guard) -> Generator[None]:
        """Without a guard."""
        self.execute(f"ALTER TABLE {guard.table} DISABLE TRIGGER {guard.name}")
        yield
        self.execute(f"ALTER TABLE {guard.table} ENABLE TRIGGER {guard.name}")

    def erase(self) -> None:
        """Write the tables anew without the gaps; the server's log is its own affair."""
        for table in self._tables:
            self.execute(f"VACUUM FULL {table}")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _opened(self) -> "Connection[Any]":
        try:
            import psycopg
        except ImportError as exc:
            raise RadciteError(
                "MISSING_EXTRA",
                "state in PostgreSQL needs psycopg: install the extra `postgres`",
                "PostgreSQL 状态库需要 psycopg：请安装组件 `postgres`",
            ) from exc
        try:
            # Values are quoted here, so that a type need not be named where a statement leaves it open.
            return psycopg.connect(
                self._url, autocommit=True, cursor_factory=psycopg.ClientCursor, connect_timeout=5
            )
        except psycopg.Error as exc:
            raise _down(exc) from exc

    def _run(self, call: "Callable[[Connection[Any]], _T]") -> _T:
        import psycopg

        try:
            return self._connected(call)
        except psycopg.DataError as exc:
            raise RadciteError(
                "VALIDATION", "a value that the database cannot keep", "数据库无法保存的值"
            ) from exc

    def _connected(self, call: "Callable[[Connection[Any]], _T]") -> _T:
        import psycopg
        from psycopg.pq import TransactionStatus

        idle = self._db.info.transaction_status == TransactionStatus.IDLE
        try:
            if self._db.closed:
                self._db = self._opened()
            return call(self._db)
        except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
            if not idle or not self._db.closed:
                raise _down(exc) from exc
        # The connection was lost between two statements.
        self._db = self._opened()
        try:
            return call(self._db)
        except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
            raise _down(exc) from exc


def _down(exc: Exception) -> DependencyDown:
    return DependencyDown(
        "STATE_UNAVAILABLE",
        f"PostgreSQL: {type(exc).__name__}",
        f"PostgreSQL：{type(exc).__name__}",
    )


def _sqlite_trigger(guard: Guard) -> str:
    when = f" WHEN {guard.when}" if guard.when else ""
    return (
        f"CREATE TRIGGER IF NOT EXISTS {guard.name} BEFORE {guard.against} ON {guard.table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{guard.says}'); END;"
    )


def _postgres_trigger(guard: Guard) -> str:
    when = f" WHEN ({guard.when})" if guard.when else ""
    return (
        f"CREATE OR REPLACE FUNCTION radcite_{guard.name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{guard.says}' USING ERRCODE = 'integrity_constraint_violation'; END $$;"
        f" CREATE OR REPLACE TRIGGER {guard.name} BEFORE {guard.against} ON {guard.table}"
        f" FOR EACH ROW{when} EXECUTE FUNCTION radcite_{guard.name}();"
    )


def _postgres_schema(schema: str) -> str:
    tables = re.sub(r"\bINTEGER\b", "BIGINT", schema)
    return re.sub(
        r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(",
        r"CREATE TABLE IF NOT EXISTS \1 (rowid BIGSERIAL, ",
        tables,
    )


def _postgres_statement(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")
