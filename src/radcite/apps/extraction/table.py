"""A table over many papers: a row each, written as they are read."""

import asyncio
import csv
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Literal, TextIO

from pydantic import Field

from radcite.apps.batching.citing import safe_cell
from radcite.apps.extraction.columns import Cell, Column
from radcite.apps.extraction.reading import Reader
from radcite.apps.searching import check_known
from radcite.apps.wiring import House
from radcite.core.errors import ErrorCode, RadciteError
from radcite.core.frozen import Frozen
from radcite.tools.literature import LiteratureRequest

__all__ = ["TableRow", "extract_rows", "papers_of", "write_csv"]

_NOT_RECORDED = "not recorded"
_END_OF_TIME = "9999"


class TableRow(Frozen):
    """A paper with a cell for each column, or the code of why it could not be read."""

    schema_name: Literal["radcite.table/1"] = Field(default="radcite.table/1", alias="schema")
    document_id: str
    title: str = ""
    year: int | None = None
    doi: str | None = None
    pmid: str | None = None
    cells: Mapping[str, Cell] = {}
    error: ErrorCode | None = None


async def papers_of(
    house: House, collection: str, query: str | None = None, limit: int | None = None
) -> Sequence[str]:
    """The ids of the papers: those nearest to a query, best first, or all of the collection.

    Raises:
        RadciteError: `NOT_FOUND` for a collection that there is none of; as the search.
    """
    await check_known(house, collection)
    if query:
        request = LiteratureRequest(
            query=query, collection=collection, limit=limit or 100, group="document"
        )
        hits = await house.literature(request)
        return [hit.source.document_id for hit in hits if hit.source.kind == "passage"]
    documents, _ = await house.ledger.stored_before(collection, _END_OF_TIME)
    return sorted(documents)[:limit]


async def extract_rows(
    house: House, collection: str, papers: Sequence[str], columns: Sequence[Column], jobs: int
) -> AsyncIterator[TableRow]:
    """A row for each paper, in their order, `jobs` read at once; one that fails has its code and the rest goes on."""
    reader = Reader(house.ledger, house.sparse, collection, house.chat)
    for first in range(0, len(papers), jobs):
        part = papers[first : first + jobs]
        for row in await asyncio.gather(*(_row(house, reader, one, columns) for one in part)):
            yield row


async def _row(
    house: House, reader: Reader, document_id: str, columns: Sequence[Column]
) -> TableRow:
    document = await house.ledger.document(reader.collection, document_id)
    if document is None:
        return TableRow(document_id=document_id, error="NOT_FOUND")
    known = TableRow(
        document_id=document_id,
        title=document.title,
        year=document.year,
        doi=document.doi,
        pmid=document.pmid,
    )
    try:
        return known.model_copy(update={"cells": await reader.row(document, columns)})
    except RadciteError as error:
        return known.model_copy(update={"error": error.code})


def write_csv(rows: Iterable[TableRow], columns: Sequence[Column], out: TextIO) -> None:
    """A line for each paper; beside each value its quote and page, and no blank for what is not there."""
    lines = csv.writer(out)
    head = [part for c in columns for part in (c.name, f"{c.name}: quote", f"{c.name}: page")]
    lines.writerow(["document", "title", "year", "doi", "pmid", *head])
    for row in rows:
        known = (row.document_id, row.title, row.year, row.doi, row.pmid)
        cells = [part for c in columns for part in _cells(row, c.name)]
        lines.writerow([safe_cell(value or _NOT_RECORDED) for value in known] + cells)


def _cells(row: TableRow, name: str) -> list[str]:
    if row.error is not None:
        return [f"failed: {row.error}"] * 3
    cell = row.cells[name]
    if cell.value is None:
        return [cell.status.replace("_", " ")] * 3
    mark = " (inferred)" if cell.status == "inferred" else ""
    page = str(cell.page) if cell.page else _NOT_RECORDED
    return [safe_cell(f"{cell.value}{mark}"), safe_cell(cell.quote or ""), page]
