import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import byte_progress, console, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radcite.apps.sourcing import StudyChoice
    from radcite.core.settings import Settings
    from radcite.ingestion.report import IngestReport

app = new_app()


@app.command()
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Files or folders; dicomweb:URL (dicomweb: alone: the archive of the settings), "
            "pubmed:QUERY, pmc:PMCID,…, europepmc:QUERY.",
            show_default=False,
            metavar="SOURCE...",
        ),
    ],
    study: Annotated[
        list[str] | None, typer.Option(help="Of an archive: a Study Instance UID; repeatable.")
    ] = None,
    query: Annotated[
        str, typer.Option(help="Of an archive: patient=ID date=YYYYMMDD-YYYYMMDD modality=CT.")
    ] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="Of a query: how many articles.")
    ] = 200,
    collection: Collection = "default",
    jobs: Annotated[int, typer.Option(min=1, help="Files read at once.")] = 2,
    executor: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Where files are read: here, or on a Ray cluster."),
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(help="The Ray cluster (host:port, or auto); else one is started here."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Take files or folders into a collection.

    DICOM (any name, single, multi-frame, series, zip), PNG/JPEG, PDF, JATS XML and HTML articles (also .gz),
    text, Markdown, passages.jsonl and cases.jsonl. Identifying attributes are stripped before anything is
    stored. Running it again on the same files adds nothing; a run that was killed is finished by the next.
    Exit code 3: some files were refused; each is listed with its reason. Only a source named by a scheme is
    asked for over the network: the query goes to that service, nothing else.
    """
    from radcite.apps.configuration import load_settings
    from radcite.apps.sourcing import StudyChoice

    settings = load_settings({"home": home})
    report = asyncio.run(
        take(
            settings,
            sources,
            collection,
            jobs,
            StudyChoice(study or (), query),
            limit,
            executor=executor,
            address=address,
        )
    )
    if as_json:
        print_json({"schema": "radcite.ingest/1", **report.model_dump()})
    else:
        show_report(report)
    if report.quarantined:
        raise typer.Exit(3)


async def take(
    settings: "Settings",
    sources: "Sequence[str]",
    collection: str,
    jobs: int = 2,
    choice: "StudyChoice | None" = None,
    limit: int = 200,
    *,
    executor: Literal["local", "ray"] = "local",
    address: str | None = None,
) -> "IngestReport":
    """Ingest with a progress bar on a terminal."""
    from radcite.apps.sourcing import take_sources
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        if executor == "ray":
            house.read_on_ray(address, jobs)
        with byte_progress(enabled=sys.stderr.isatty()) as progress:
            return await take_sources(house, sources, collection, jobs, progress, choice, limit)


def show_report(report: "IngestReport") -> None:
    """The report for a reader."""
    out = console()
    out.print(
        f"{report.documents} documents ({report.passages} passages), {report.cases} cases"
        f" ({report.images} images), {report.skipped} stored before, in {report.seconds:.1f} s"
    )
    for warning in report.warnings:
        out.print(f"[yellow]warning[/] {warning.file}: {warning.code}", highlight=False)
    for refused in report.quarantined:
        out.print(
            f"[red]refused[/] {refused.file}: {refused.code}: {refused.message}", highlight=False
        )
