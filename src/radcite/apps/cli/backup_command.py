import asyncio
from pathlib import Path
from typing import Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

app = new_app()


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, such as monday.tar.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Write the data folder into one file: texts, pixels, conversations, accounts, and the key of the pseudonyms.

    Treat it as patient data. `serve` may run meanwhile; while something is ingested or removed it answers HOME_LOCKED.
    """
    from radcite.apps.configuration import home_of, load_settings
    from radcite.apps.stores import note_local
    from radcite.apps.upkeep.backup import back_up

    settings = load_settings({"home": home})
    folder = home_of(settings)
    if (folder / "ledger.sqlite").is_file():
        asyncio.run(note_local(settings, "export", "backup"))
    made = back_up(folder, target)
    if as_json:
        print_json({"schema": "radcite.backup-report/1", **made.model_dump(mode="json")})
    else:
        console().print(f"{made.files} files, {made.bytes:,} bytes, {made.created_at}")
