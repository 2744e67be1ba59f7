import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.core.literature import Marked

app = new_app("What is known of the literature beyond its words.")


@app.callback()
def literature() -> None:
    """What is known of the literature beyond its words."""


@app.command()
def retractions(
    file: Annotated[Path, typer.Argument(help="CSV in the columns of Retraction Watch.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Load a list of retracted articles and mark what is stored of them, in every collection.

    A marked document is cited no more. The list is kept, and what is ingested later is marked too;
    loading another list replaces it, and its marks go with it.
    载入撤稿列表并标记已入库的文献；之后入库的也会被标记；新列表取代旧列表及其标记。
    """
    listed, marked = asyncio.run(_load(file, home))
    if as_json:
        new = {name: one.marked for name, one in marked.items()}
        cleared = {name: one.cleared for name, one in marked.items()}
        print_json(
            {"schema": "radcite.retractions/1", "listed": listed, "marked": new, "cleared": cleared}
        )
    else:
        total, back = (sum(counts) for counts in zip(*marked.values(), (0, 0), strict=True))
        console().print(
            f"{listed} retracted articles listed, {total} stored documents marked, {back} marks taken back"
        )


async def _load(file: Path, home: Path | None) -> tuple[int, dict[str, "Marked"]]:
    from radcite.apps.configuration import load_settings
    from radcite.apps.wiring import open_house
    from radcite.ingestion.articles.retractions import mark_retracted, read_retractions

    found = read_retractions(file)
    async with open_house(load_settings({"home": home})) as house, house.writing():
        house.keep_retractions(found)
        marked = {
            record.name: await mark_retracted(house.ledger, house.index, record.name, found)
            for record in await house.ledger.collections()
        }
    return len(found.dois | found.pmids), marked
