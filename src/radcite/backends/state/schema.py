"""Versions of SQLite files: a new file is made, an older one migrated, a newer one refused."""

import sqlite3
from collections.abc import Iterator, Sequence

from radcite.core.errors import RadciteError

__all__ = ["bring_up"]


def bring_up(db: sqlite3.Connection, what: str, schema: str, steps: Sequence[str]) -> int:
    """Bring a file to the present version in one transaction: it is left as it was, or is done.

    Args:
        db: An open file in autocommit mode.
        what: The file's name in errors.
        schema: The statements that make a new file of the present version.
        steps: The statements from version 1 to 2, from 2 to 3 and so on; the present version is
            one more than there are steps.

    Returns:
        The version the file had; 0 for a new one.

    Raises:
        RadciteError: `HOME_NEWER`; nothing is changed.
    """
    present = len(steps) + 1
    db.execute("BEGIN IMMEDIATE")
    try:
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found > present:
            raise RadciteError(
                "HOME_NEWER",
                f"{what}: version {found}, this radcite reads up to {present}",
                f"{what}：版本 {found}，本程序最高支持 {present}",
            )
        for script in [schema] if found == 0 else steps[found - 1 :]:
            for statement in _statements(script):
                db.execute(statement)
        if found != present:
            db.execute(f"PRAGMA user_version = {present}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
    return found


def _statements(script: str) -> Iterator[str]:
    lines = ""
    for line in script.splitlines(keepends=True):
        lines += line
        if sqlite3.complete_statement(lines):
            yield lines
            lines = ""
