"""`radcite ledger`: which files were taken and how far, and how every trace of something is removed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.apps.upkeep.filing import FileStatus
    from radcite.apps.upkeep.forgetting import Forgotten
    from radcite.apps.wiring import House
    from radcite.ingestion.report import IngestReport

_MOST = 10_000
app = new_app("Which files were taken and how far; try again, hold back, and remove every trace.")
_Chosen = Annotated[
    str | None, typer.Option("--collection", help="Which collection; all without it.")
]
_Collection = Annotated[str, typer.Option("--collection", help="Which collection.")]
_Files = Annotated[list[Path] | None, typer.Argument(help="Files or folders.", show_default=False)]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would go, and remove nothing.")]


@app.command()
def status(
    paths: _Files = None,
    collection: _Chosen = None,
    limit: Annotated[int, typer.Option(min=0, help="How many unfinished files are listed.")] = 50,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Count files by state, and list those that are not indexed with their reasons.

    Names and paths are not kept: a file is known by a key of its content. With PATHS, the states of these
    very files are told, under their names.
    """
    asyncio.run(
        _files_told(paths, collection, home, as_json=as_json)
        if paths
        else _counted(collection, limit, home, as_json=as_json)
    )


@app.command()
def retry(
    paths: _Files = None,
    collection: _Collection = "default",
    key: Annotated[
        list[str] | None, typer.Option("--key", help="A file's key or its beginning; repeatable.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Release files from quarantine, and read again those of PATHS that are not indexed.

    Without PATHS the released files are read by the next ingest of where they lie.
    """
    report = asyncio.run(_retried(paths or [], collection, key or [], home, as_json=as_json))
    if report is not None and report.quarantined:
        raise typer.Exit(3)


@app.command()
def quarantine(
    paths: _Files = None,
    collection: _Collection = "default",
    key: Annotated[
        list[str] | None, typer.Option("--key", help="A file's key or its beginning; repeatable.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Hold files back: what they gave is removed, and they are not read until `ledger retry`.

    Without files the quarantine is listed.
    """
    work = (
        _held(paths or [], collection, key or [], home, as_json=as_json)
        if paths or key
        else _quarantine(collection, home, as_json=as_json)
    )
    asyncio.run(work)


@app.command()
def forget(
    patient: Annotated[
        str | None, typer.Option(help="A patient's own id, or the pseudonym P-….")
    ] = None,
    document: Annotated[list[str] | None, typer.Option(help="A document's id; repeatable.")] = None,
    case: Annotated[list[str] | None, typer.Option(help="A case's id; repeatable.")] = None,
    study: Annotated[
        list[str] | None,
        typer.Option(help="A Study Instance UID, its pseudonym, or a sent-in study."),
    ] = None,
    thread: Annotated[
        list[str] | None, typer.Option(help="A conversation's id; repeatable.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Within this collection; alone, the whole of it.")
    ] = None,
    signed_reports: Annotated[
        bool, typer.Option("--signed-reports", help="Remove signed reports as well.")
    ] = False,
    dry_run: _DryRun = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Remove every trace of a patient, document, case, study, conversation or collection, and tell what went.

    From the ledger, the index, pictures, pages, conversations and drafted reports; the files are then written
    anew, so that no byte is left. Files outside the data folder are not touched: remove them there first, or the
    next ingest takes them again.
    """
    from radcite.apps.upkeep.forgetting import Target, forget_on_record

    target = Target(
        patient=patient,
        documents=tuple(document or ()),
        cases=tuple(case or ()),
        studies=tuple(study or ()),
        threads=tuple(thread or ()),
        collection=collection,
    )

    async def done() -> "Forgotten":
        async with _opened(home) as house:
            return await forget_on_record(
                house, target, dry_run=dry_run, signed_reports=signed_reports
            )

    told = asyncio.run(done())
    if as_json:
        print_json({"schema": "radcite.forgotten/1", **told.model_dump()})
    else:
        show_forgotten(told)


@app.command()
def expire(dry_run: _DryRun = False, as_json: AsJson = False, home: Home = None) -> None:
    """Remove what is older than the configuration's `[retention]` allows."""
    from radcite.apps.upkeep.retention import expire as expire_all

    async def done() -> "Forgotten":
        async with _opened(home) as house:
            by = house.auditor()
            async with by.guard("expire"):
                told = ("read", "expire dry run") if dry_run else ("remove", "expire")
                await by.note(*told)
                return await expire_all(house, dry_run=dry_run)

    told = asyncio.run(done())
    if as_json:
        print_json({"schema": "radcite.forgotten/1", **told.model_dump()})
    else:
        show_forgotten(told)


def show_forgotten(told: "Forgotten") -> None:
    """What went, for a reader."""
    counts = ", ".join(
        f"{value} {name}"
        for name, value in told.model_dump().items()
        if isinstance(value, int) and name != "dry_run" and value
    )
    out = console()
    out.print(f"{'would remove' if told.dry_run else 'removed'}: {counts or 'nothing'}")
    for name in told.collections:
        out.print(f"  the collection {name}", highlight=False, markup=False)
    for report in told.kept_reports:
        out.print(f"[yellow]kept[/] signed report {report} (--signed-reports removes it)")


@asynccontextmanager
async def _opened(home: Path | None) -> "AsyncGenerator[House]":
    from radcite.apps.configuration import load_settings
    from radcite.apps.wiring import open_house

    async with open_house(load_settings({"home": home})) as house:
        yield house


async def _files_told(
    paths: list[Path], collection: str | None, home: Path | None, *, as_json: bool
) -> None:
    from radcite.apps.upkeep.filing import files_at

    async with _opened(home) as house:
        found = await files_at(house, paths, collection)
    if as_json:
        print_json(_document(files=[one.model_dump() for one in found]))
        return
    for one in found:
        _show_file(one)


async def _counted(collection: str | None, limit: int, home: Path | None, *, as_json: bool) -> None:
    from radcite.apps.upkeep.filing import collection_files

    async with _opened(home) as house:
        found = await collection_files(house, collection, limit)
    if as_json:
        print_json(_document(collections=[one.model_dump() for one in found]))
        return
    for one in found:
        told = ", ".join(f"{count} {state}" for state, count in one.files.items()) or "no files"
        console().print(f"{one.name}: {told}", highlight=False, markup=False)
        for file in one.unfinished:
            _show_file(file)


async def _retried(
    paths: list[Path], collection: str, keys: list[str], home: Path | None, *, as_json: bool
) -> "IngestReport | None":
    from radcite.apps.cli.ingest_command import show_report
    from radcite.apps.upkeep.filing import release, retry_files

    async with _opened(home) as house:
        released = await release(house, collection, keys, everything=not (paths or keys))
        taken = await retry_files(house, collection, paths) if paths else None
    released += taken.released if taken else 0
    report = taken.report if taken else None
    if as_json:
        print_json(_document(released=released, report=report.model_dump() if report else None))
        return report
    console().print(f"{released} files released", highlight=False)
    if report is not None:
        show_report(report)
    return report


async def _held(
    paths: list[Path], collection: str, keys: list[str], home: Path | None, *, as_json: bool
) -> None:
    from radcite.apps.upkeep.filing import hold

    async with _opened(home) as house:
        held, removed = await hold(house, collection, paths, keys)
    if as_json:
        told = {"documents": removed.documents, "cases": removed.cases, "changed": removed.changed}
        print_json(_document(held=held, **told))
        return
    console().print(
        f"{held} files held; {removed.documents} documents and {removed.cases} cases removed,"
        f" {removed.changed} cases left without what they gave",
        highlight=False,
    )


async def _quarantine(collection: str, home: Path | None, *, as_json: bool) -> None:
    from radcite.apps.upkeep.filing import collection_files

    async with _opened(home) as house:
        (found,) = await collection_files(house, collection, _MOST, ("quarantined",))
    if as_json:
        print_json(_document(files=[one.model_dump() for one in found.unfinished]))
        return
    for one in found.unfinished:
        _show_file(one)


def _document(**told: object) -> dict[str, object]:
    return {"schema": "radcite.ledger/1", **told}


def _show_file(one: "FileStatus") -> None:
    reason = f": {one.code}: {one.message}" if one.code else ""
    given = f" ({one.gave})" if one.gave else ""
    console().print(
        f"  {one.file or one.key[:12]}: {one.state or 'not in the ledger'}{given}{reason}",
        highlight=False,
        markup=False,
    )
