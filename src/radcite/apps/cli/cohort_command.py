import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.apps.cohort import Cohort
    from radcite.core.settings import Settings

app = new_app()


@app.command()
def cohort(
    by: Annotated[
        Literal["labels", "diagnosis", "modality", "body_part", "view", "language"],
        typer.Option(help="What is counted."),
    ] = "labels",
    least: Annotated[int, typer.Option(min=2, help="Fewer patients than this are not told.")] = 10,
    collection: Collection = "default",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Patients of a collection by label, with small counts hidden.

    Where the counts add up to the total, and a hidden one could be worked out from it or all hidden ones together are
    fewer than --least, the next smallest is hidden with them; where all are hidden, the total too.
    """
    from radcite.apps.configuration import load_settings

    counted = asyncio.run(_counted(load_settings({"home": home}), collection, by, least))
    if as_json:
        print_json({"schema": "radcite.cohort/1", **counted.model_dump()})
        return
    from rich.table import Table

    table = Table(by, "patients")
    for one in counted.counts:
        table.add_row(one.value, "hidden" if one.patients is None else str(one.patients))
    table.add_section()
    table.add_row("all", "hidden" if counted.total is None else str(counted.total))
    console().print(table)


async def _counted(
    settings: "Settings",
    collection: str,
    by: Literal["labels", "diagnosis", "modality", "body_part", "view", "language"],
    least: int,
) -> "Cohort":
    from radcite.apps.cohort import count_cohort
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        # `by` is what is counted: labels, diagnosis, ...
        await house.auditor().note("read", f"cohort {by}", collection=collection)
        return await count_cohort(house, collection, by, least=least)
