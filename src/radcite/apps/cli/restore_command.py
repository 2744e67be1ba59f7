import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.core.settings import Settings

app = new_app()


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `radcite backup` wrote.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Make a data folder from a backup, in a place that is empty or not there yet; every file is checked."""
    from radcite.apps.configuration import home_of, load_settings
    from radcite.apps.stores import note_local
    from radcite.apps.upkeep.backup import restore as restored

    settings = load_settings({"home": home})
    made = restored(source, home_of(settings))
    asyncio.run(_indexed(settings))
    asyncio.run(note_local(settings, "manage", "restore"))
    if as_json:
        print_json({"schema": "radcite.backup-report/1", **made.model_dump(mode="json")})
    else:
        console().print(f"{made.files} files, {made.bytes:,} bytes, of {made.created_at}")


async def _indexed(settings: "Settings") -> None:
    from radcite.apps.upkeep.index import after_restore
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        await after_restore(house)
