from pathlib import Path
from typing import Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

app = new_app()


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `radcite backup` wrote.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Make a data folder from a backup, in a place that is empty or not there yet; every file is checked."""
    from radcite.apps.backing_up import restore as restored
    from radcite.apps.configuration import home_of, load_settings

    made = restored(source, home_of(load_settings({"home": home})))
    if as_json:
        print_json({"schema": "radcite.backup_report/1", **made.model_dump(mode="json")})
    else:
        console().print(f"{made.files} files, {made.bytes:,} bytes, of {made.created_at}")
