import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import console, count_progress, print_json

if TYPE_CHECKING:
    from radcite.apps.asking import AskOptions
    from radcite.apps.batch import BatchReport, BatchRow
    from radcite.core.settings import Settings

app = new_app()
_SUFFIXES = {"csv": ".csv", "bibtex": ".bib", "ris": ".ris"}


@app.command()
def batch(
    questions: Annotated[
        Path, typer.Argument(help="CSV or JSONL: id, question; task, images, patient_id, lang.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="JSONL, one line an answer.")],
    jobs: Annotated[int, typer.Option(min=1, help="Questions under way at once.")] = 4,
    export: Annotated[
        Literal["csv", "bibtex", "ris"] | None,
        typer.Option("--export", help="Also write this beside the output."),
    ] = None,
    task: Annotated[
        Literal["auto", "caption", "diagnosis", "literature", "consultation"], typer.Option()
    ] = "auto",
    lang: Annotated[Literal["auto", "zh", "en"], typer.Option()] = "auto",
    collection: Collection = "default",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Answer many questions; kill it anywhere, run it again, and only what is missing runs.

    Lines come in the order of finish. A row that fails has its error in its line, is tried again by the next
    run, and makes the exit code 3.
    """
    from radcite.apps.asking import AskOptions
    from radcite.apps.batch import read_results, read_rows
    from radcite.apps.citing import export as exported
    from radcite.apps.configuration import load_settings

    defaults = AskOptions(task=task, language=lang, collection=collection)
    rows = read_rows(questions)
    report = asyncio.run(
        _run(load_settings({"home": home}), rows, output, questions.parent, defaults, jobs)
    )
    if export is not None:
        found = read_results(output)
        lines = [found[row.id] for row in rows if row.id in found]
        output.with_suffix(_SUFFIXES[export]).write_text(exported(lines, export), "utf-8")
    if as_json:
        print_json({"schema": "radcite.batch/1", **report.model_dump()})
    else:
        console().print(
            f"{report.answered} answered, {report.abstained} abstained, {report.kept} kept from"
            f" before, {report.failed} failed, in {report.seconds:.1f} s"
        )
    if report.failed:
        raise typer.Exit(3)


async def _run(
    settings: "Settings",
    rows: "list[BatchRow]",
    output: Path,
    folder: Path,
    defaults: "AskOptions",
    jobs: int,
) -> "BatchReport":
    from radcite.apps.asking import open_asker
    from radcite.apps.batch import run_batch
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house, open_asker(house, threads=False) as answer:
        with count_progress(len(rows), enabled=sys.stderr.isatty()) as tell:
            return await run_batch(
                answer, rows, output, folder=folder, defaults=defaults, jobs=jobs, tell=tell
            )
