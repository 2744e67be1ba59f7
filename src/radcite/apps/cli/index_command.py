import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from radcite.apps.upkeep.index import CollectionStats
    from radcite.apps.wiring import House
    from radcite.core.ledger import CollectionRecord

app = new_app("Rebuild, optimize or describe what is stored.")
_Chosen = Annotated[
    str | None, typer.Option("--collection", help="Which collection; all without it.")
]


@app.command()
def rebuild(
    collection: _Chosen = None,
    encode: Annotated[
        bool, typer.Option("--encode", help="Make the vectors anew with the encoders in use.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Write the index anew from the ledger; no file is read again, and nothing encoded without --encode."""
    asyncio.run(_each(_encoded if encode else _rebuilt, collection, home, as_json=as_json))


@app.command()
def optimize(collection: _Chosen = None, as_json: AsJson = False, home: Home = None) -> None:
    """Build the approximate-search graph, worth it above some 50 000 points."""
    asyncio.run(_each(_optimized, collection, home, as_json=as_json))


@app.command()
def stats(collection: _Chosen = None, as_json: AsJson = False, home: Home = None) -> None:
    """Tell what each collection holds, what made its vectors, and files by state."""
    asyncio.run(_stats(collection, home, as_json=as_json))


async def _each(
    work: "Callable[[House, CollectionRecord], Awaitable[int]]",
    collection: str | None,
    home: "Path | None",
    *,
    as_json: bool,
) -> None:
    done: list[dict[str, object]] = []
    async with _opened(collection, home) as (house, records):
        for record in _with_progress(records):
            started = perf_counter()
            points = await work(house, record)
            seconds = round(perf_counter() - started, 3)
            done.append({"name": record.name, "points": points, "seconds": seconds})
    if as_json:
        print_json({"schema": "radcite.index/1", "collections": done})
        return
    for row in done:
        console().print(
            f"{row['name']}: {row['points']} points in {row['seconds']} s", highlight=False
        )


async def _rebuilt(house: "House", record: "CollectionRecord") -> int:
    from radcite.apps.upkeep.index import rebuild as rebuild_collection

    return await rebuild_collection(house, record)


async def _encoded(house: "House", record: "CollectionRecord") -> int:
    from radcite.apps.upkeep.index import rebuild as rebuild_collection

    return await rebuild_collection(house, record, encode=True)


async def _optimized(house: "House", record: "CollectionRecord") -> int:
    async with house.writing():
        await house.index.optimize(record.name)
    return await house.index.count(record.name)


async def _stats(collection: str | None, home: "Path | None", *, as_json: bool) -> None:
    from radcite.apps.upkeep.index import collection_stats

    found: list[CollectionStats] = []
    async with _opened(collection, home) as (house, records):
        found += [await collection_stats(house, record) for record in records]
    if as_json:
        listed = [one.model_dump(mode="json") for one in found]
        print_json({"schema": "radcite.index/1", "collections": listed})
        return
    for one in found:
        _show(one)


@asynccontextmanager
async def _opened(
    collection: str | None, home: "Path | None"
) -> "AsyncGenerator[tuple[House, list[CollectionRecord]]]":
    from radcite.apps.configuration import load_settings
    from radcite.apps.upkeep.index import chosen_collections
    from radcite.apps.wiring import open_house

    async with open_house(load_settings({"home": home})) as house:
        yield house, await chosen_collections(house, collection)


def _with_progress(records: "list[CollectionRecord]") -> "Iterable[CollectionRecord]":
    if not sys.stderr.isatty():
        return records
    from rich.console import Console
    from rich.progress import track

    return track(records, "collections", console=Console(file=sys.stderr), transient=True)


def _show(one: "CollectionStats") -> None:
    out = console()
    files = ", ".join(f"{count} {state}" for state, count in one.files.items()) or "none"
    waiting = " (behind the ledger: the next ingest catches up)" if one.waiting else ""
    out.print(f"[bold]{one.name}[/]", highlight=False)
    out.print(
        f"  {one.documents} documents ({one.passages} passages), {one.cases} cases"
        f" ({one.images} images), {one.points} points{waiting}",
        highlight=False,
    )
    out.print(f"  files: {files}", highlight=False)
    encoders = (("words", one.sparse), ("text", one.text), ("image", one.image))
    for what, name in encoders:
        out.print(f"  {what}: {name or '-'}", highlight=False, markup=False)
