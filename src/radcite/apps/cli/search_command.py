import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.apps.searching import SearchOptions
    from radcite.core.settings import Settings
    from radcite.tools.hits import Hit

app = new_app()


@app.command()
def search(
    what: Annotated[Literal["literature", "cases"], typer.Argument(help="What to search.")],
    query: Annotated[str, typer.Argument(help="Words to search by.")] = "",
    image: Annotated[
        list[Path] | None, typer.Option("--image", help="An image to search by; repeatable.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    patient: Annotated[str | None, typer.Option(help="Keep this patient's own cases out.")] = None,
    group: Annotated[
        Literal["passage", "document"], typer.Option(help="One hit a passage, or a document.")
    ] = "passage",
    modality: str | None = None,
    body_part: Annotated[str | None, typer.Option("--body-part")] = None,
    language: Annotated[Literal["en", "zh"] | None, typer.Option()] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="A case to keep out; repeatable.")
    ] = None,
    mode: Annotated[
        Literal["hybrid", "dense", "sparse"], typer.Option(help="Which signals order the hits.")
    ] = "hybrid",
    queries: Annotated[
        Path | None, typer.Option(help="JSONL of `id`, `query`, `image`, `patient_id`, `exclude`.")
    ] = None,
    collection: Collection = "default",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Find passages of the literature, or cases like an image or a description."""
    from radcite.apps.configuration import load_settings
    from radcite.apps.searching import SearchOptions

    options = SearchOptions(
        what=what,
        query=query,
        images=tuple(image or ()),
        limit=limit,
        patient=patient,
        group=group,
        modality=modality,
        body_part=body_part,
        language=language,
        exclude=tuple(exclude or ()),
        mode=mode,
        collection=collection,
    )
    settings = load_settings({"home": home})
    if queries is not None:
        asyncio.run(_search_many(settings, options, queries))
    else:
        asyncio.run(_search_one(settings, options, as_json=as_json))


async def _search_one(settings: "Settings", options: "SearchOptions", *, as_json: bool) -> None:
    from radcite.apps.searching import find, hit_json
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        started = perf_counter()
        hits = await find(house, options)
        took = round((perf_counter() - started) * 1000, 1)
    if as_json:
        found = [hit_json(hit) for hit in hits]
        print_json({"schema": "radcite.search/1", "hits": found, "took_ms": took})
    else:
        _show(hits, took)


async def _search_many(settings: "Settings", options: "SearchOptions", queries: Path) -> None:
    from radcite.apps.searching import find, hit_json, read_queries
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        for query_id, one in read_queries(queries, options):
            hits = await find(house, one)
            print_json({"id": query_id, "hits": [hit_json(hit) for hit in hits]})


def _show(hits: "Sequence[Hit]", took_ms: float) -> None:
    from rich.markup import escape

    from radcite.core.sources import Case, Passage

    out = console()
    for hit in hits:
        source = hit.source
        name, words = "", ""
        if isinstance(source, Case):
            name, words = source.case_id, source.report or source.diagnosis or ""
        elif isinstance(source, Passage):
            name, words = source.title or source.document_id, source.text
        out.print(f"[bold]{hit.rank}[/] {hit.score:.3f} [cyan]{escape(name)}[/]", highlight=False)
        out.print(f"  {words[:240]}", highlight=False, markup=False)
        if isinstance(source, Passage) and source.figure:
            shown = f"{source.figure.label}, p. {source.figure.page}"
            out.print(f"  {shown}: image {source.figure.image[:16]}…", style="dim", highlight=False)
    out.print(f"{len(hits)} hits in {took_ms:.0f} ms", style="dim")
