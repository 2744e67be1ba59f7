"""In how many points of a collection each term stands; what inverse document frequency needs."""

# ruff: noqa: S608 - only question marks are put into a statement
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from radcite.backends.ledger.rows import terms_of

__all__ = ["chunks", "count_terms", "points_with_terms", "term_frequencies", "terms_of_points"]

_CHUNK = 500
_ALL_POINTS = -1
_T = TypeVar("_T")


def count_terms(
    db: sqlite3.Connection, collection: str, points: Iterable[Sequence[int]], sign: int = 1
) -> None:
    """Add the terms of points (or, with -1, take them away), within the caller's transaction."""
    counts: Counter[int] = Counter()
    for terms in points:
        counts.update(terms)
        counts[_ALL_POINTS] += 1
    db.executemany(
        "INSERT INTO terms (collection, term, df) VALUES (?, ?, ?)"
        " ON CONFLICT (collection, term) DO UPDATE SET df = df + excluded.df",
        [(collection, term, sign * count) for term, count in counts.items()],
    )


def points_with_terms(db: sqlite3.Connection, collection: str) -> int:
    """Points that have a sparse vector."""
    return term_frequencies(db, collection, [_ALL_POINTS]).get(_ALL_POINTS, 0)


def term_frequencies(
    db: sqlite3.Connection, collection: str, terms: Sequence[int]
) -> Mapping[int, int]:
    """Points that hold each term number; a term that none holds is left out."""
    found: dict[int, int] = {}
    for some in chunks(list(terms)):
        marks = ",".join("?" * len(some))
        found.update(
            db.execute(
                f"SELECT term, df FROM terms WHERE collection = ? AND df > 0 AND term IN ({marks})",
                (collection, *some),
            ).fetchall()
        )
    return found


def terms_of_points(
    db: sqlite3.Connection, collection: str, ids: Sequence[str]
) -> Mapping[str, frozenset[int]]:
    """The term numbers of each point; empty for a point without words."""
    found = dict.fromkeys(ids, frozenset[int]())
    for some in chunks(list(ids)):
        marks = ",".join("?" * len(some))
        rows = db.execute(
            "SELECT id, terms FROM points WHERE collection = ? AND terms IS NOT NULL"
            f" AND id IN ({marks})",
            (collection, *some),
        )
        found.update((row[0], frozenset(terms_of(row[1]))) for row in rows)
    return found


def chunks(ids: list[_T]) -> Iterator[list[_T]]:
    """As many at a time as one statement takes."""
    for first in range(0, len(ids), _CHUNK):
        yield ids[first : first + _CHUNK]
