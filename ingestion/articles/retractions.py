"""Lists of retracted articles, in the columns of the Retraction Watch database."""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.core.ledger import Ledger
from radcite.core.literature import Marked, Retractions, plain_doi
from radcite.core.ports import Index
from radcite.ingestion.sync import sync_index

__all__ = ["mark_retracted", "read_retractions"]

_NEEDED = {"RetractionNature", "OriginalPaperDOI"}
_COLUMNS = {"doi": "OriginalPaperDOI", "pmid": "OriginalPaperPubMedID"}
_NOTHING = {"", "0", "unavailable"}


def read_retractions(path: Path) -> Retractions:
    """The articles that a list names as retracted and not as reinstated since.

    Corrections and expressions of concern are no retractions.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` for a file without the columns `RetractionNature` and
            `OriginalPaperDOI`.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    latest: dict[tuple[str, str], tuple[datetime, bool]] = {}
    for row in _rows(path):
        nature = (row.get("RetractionNature") or "").strip().lower()
        if nature not in {"retraction", "reinstatement"}:
            continue
        day = _day(row.get("RetractionDate") or "")
        for kind, column in _COLUMNS.items():
            value = plain_doi(row.get(column) or "")
            before = latest.get((kind, value))
            if value not in _NOTHING and (before is None or before[0] <= day):
                latest[kind, value] = (day, nature == "retraction")
    gone = [key for key, (_, retracted) in latest.items() if retracted]
    return Retractions(
        dois=frozenset(value for kind, value in gone if kind == "doi"),
        pmids=frozenset(value for kind, value in gone if kind == "pmid"),
    )


async def mark_retracted(
    ledger: Ledger, index: Index, collection: str, retractions: Retractions
) -> Marked:
    """Mark what a list names in a collection and its index, and take back an earlier list's marks."""
    marked = await ledger.mark_retracted(collection, retractions)
    if any(marked):
        await sync_index(ledger, index, collection)
    return marked


def _rows(path: Path) -> Iterator[Mapping[str, str | None]]:
    csv.field_size_limit(1 << 20)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            reader = csv.DictReader(lines)
            if not set(reader.fieldnames or ()) >= _NEEDED:
                raise RadciteError(
                    "RECORD_INVALID",
                    "a retraction list has the columns RetractionNature and OriginalPaperDOI",
                    "撤稿列表应含 RetractionNature 和 OriginalPaperDOI 列",
                )
            yield from reader
    except csv.Error as exc:
        raise RadciteError("RECORD_INVALID", "the list is no CSV", "列表不是 CSV") from exc


def _day(stated: str) -> datetime:
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(stated.split(maxsplit=1)[0] if stated.split() else "", form)
        except ValueError:
            continue
    return datetime.min
