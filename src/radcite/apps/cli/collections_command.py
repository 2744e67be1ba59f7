"""`radcite collections`: which there are, and the removal of a whole one."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.apps.upkeep.forgetting import Forgotten
    from radcite.apps.upkeep.index import CollectionStats

app = new_app("List collections, or remove a whole one.")


@app.command()
def ls(as_json: AsJson = False, home: Home = None) -> None:
    """List the collections with what they hold."""
    rows = asyncio.run(_listed(home))
    if as_json:
        listed = [one.model_dump(mode="json") for one in rows]
        print_json({"schema": "radcite.collections/1", "collections": listed})
        return
    for one in rows:
        console().print(
            f"{one.name}: {one.documents} documents ({one.passages} passages),"
            f" {one.cases} cases ({one.images} images)",
            highlight=False,
            markup=False,
        )


@app.command()
def rm(
    name: Annotated[str, typer.Argument(help="Which collection.", show_default=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would go, and remove nothing.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Remove a collection with every trace of what it held; as `radcite ledger forget --collection`."""
    from radcite.apps.cli.ledger_command import show_forgotten

    told = asyncio.run(_removed(name, home, dry_run=dry_run))
    if as_json:
        print_json({"schema": "radcite.forgotten/1", **told.model_dump()})
    else:
        show_forgotten(told)


async def _listed(home: Path | None) -> "list[CollectionStats]":
    from radcite.apps.configuration import load_settings
    from radcite.apps.upkeep.index import chosen_collections, collection_stats
    from radcite.apps.wiring import open_house

    async with open_house(load_settings({"home": home})) as house:
        records = await chosen_collections(house, None)
        return [await collection_stats(house, record) for record in records]


async def _removed(name: str, home: Path | None, *, dry_run: bool) -> "Forgotten":
    from radcite.apps.configuration import load_settings
    from radcite.apps.upkeep.forgetting import Target, forget_on_record
    from radcite.apps.wiring import open_house

    async with open_house(load_settings({"home": home})) as house:
        return await forget_on_record(house, Target(collection=name), dry_run=dry_run)
