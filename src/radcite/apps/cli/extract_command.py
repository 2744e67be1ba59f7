import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.apps.extraction.columns import Column
    from radcite.apps.extraction.table import TableRow
    from radcite.core.settings import Settings

app = new_app()


@app.command()
def extract(
    schema: Annotated[Path, typer.Argument(help="JSON Schema: a property for each column.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A .csv, or .jsonl.")],
    query: Annotated[
        str | None, typer.Option(help="Only the papers nearest to this; else all.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, max=1000, help="So many papers.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Papers read at once.")] = 8,
    collection: Collection = "default",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """A table over many papers: a row each, and each cell with its quote and page.

    A cell is `reported` when its value stands in the quote and the quote in the paper. With a language model,
    a value concluded from its quote is marked `inferred`. What no paper states is "not reported". Exit code 3: a paper
    could not be read.
    """
    from radcite.apps.configuration import load_settings
    from radcite.apps.extraction.columns import read_schema
    from radcite.apps.extraction.table import write_csv

    columns = read_schema(schema)
    settings = load_settings({"home": home})
    rows = asyncio.run(_rows(settings, collection, columns, query, limit, jobs))
    if output.suffix.lower() == ".csv":
        with output.open("w", encoding="utf-8-sig", newline="") as out:
            write_csv(rows, columns, out)
    else:
        lines = [row.model_dump_json(by_alias=True) + "\n" for row in rows]
        output.write_text("".join(lines), "utf-8")
    failed = sum(row.error is not None for row in rows)
    told = [cell.status for row in rows for cell in row.cells.values()]
    counts = {status: told.count(status) for status in dict.fromkeys(told)}
    if as_json:
        summary = {"papers": len(rows), "failed": failed, "cells": counts}
        print_json({"schema": "radcite.extract/1", **summary})
    else:
        cells = ", ".join(f"{n} {status.replace('_', ' ')}" for status, n in counts.items())
        console().print(f"{len(rows)} papers, {failed} failed; cells: {cells or 'none'}")
    if failed:
        raise typer.Exit(3)


async def _rows(
    settings: "Settings",
    collection: str,
    columns: "tuple[Column, ...]",
    query: str | None,
    limit: int | None,
    jobs: int,
) -> "list[TableRow]":
    from radcite.apps.extraction.table import extract_rows, papers_of
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        papers = await papers_of(house, collection, query, limit)
        by = house.auditor()
        read = tuple(by.keyed("document", name) for name in papers)
        await by.note("export", "extract", collection=collection, subjects=read)
        return [row async for row in extract_rows(house, collection, papers, columns, jobs)]
