import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import console, count_progress, print_json

if TYPE_CHECKING:
    from radcite.apps.asking import AskOptions
    from radcite.apps.batching.budget import Bounds
    from radcite.apps.batching.ray_asker import RayAskers
    from radcite.apps.batching.run import BatchReport
    from radcite.core.settings import Settings

app = new_app()

_Export = Literal["csv", "bibtex", "ris", "markdown", "html"]


@app.command()
def batch(
    questions: Annotated[
        Path, typer.Argument(help="CSV or JSONL: id, question; task, images, patient_id, lang.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="JSONL, one line an answer.")],
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Questions under way at once (4; with a language model 32)."),
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option("--export", help="csv, bibtex, ris, markdown or html beside it; repeatable."),
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Of all runs of this output; then stop.")
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="By llm.prompt_price and llm.reply_price.")
    ] = None,
    max_minutes: Annotated[float | None, typer.Option(min=0, help="Of this run.")] = None,
    retries: Annotated[
        int, typer.Option(min=0, help="Of a row that failed in a way that may pass.")
    ] = 2,
    rate: Annotated[
        float | None, typer.Option(min=0.1, help="Requests to the language model a minute.")
    ] = None,
    redo_degraded: Annotated[
        bool,
        typer.Option("--redo-degraded", help="Ask again what was answered without the model."),
    ] = False,
    task: Annotated[
        Literal["auto", "caption", "diagnosis", "literature", "consultation"], typer.Option()
    ] = "auto",
    lang: Annotated[Literal["auto", "zh", "en"], typer.Option()] = "auto",
    collection: Collection = "default",
    executor: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Where questions are answered: here, or on the nodes of a Ray cluster."),
    ] = "local",
    address: Annotated[
        str | None, typer.Option(help="Of the Ray cluster; none starts one on this machine.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Answer many questions; kill it anywhere, run it again, and only what is missing runs.

    Lines come in the order of finish; a journal (OUTPUT.sqlite) lies beside them. A row that fails has its error
    in its line and is tried again by the next run. Exit code 3: rows failed, or a budget was spent.
    """
    from radcite.apps.asking import AskOptions
    from radcite.apps.batching.budget import Bounds
    from radcite.apps.configuration import load_settings

    exports = _known(export or [])
    defaults = AskOptions(task=task, language=lang, collection=collection)
    seconds = None if max_minutes is None else 60 * max_minutes
    bounds = Bounds(tokens=max_tokens, cost=max_cost, seconds=seconds, retries=retries)
    settings = _paced(load_settings({"home": home}), rate)
    report = asyncio.run(
        _run(
            settings,
            questions,
            output,
            defaults,
            jobs,
            bounds,
            again=redo_degraded,
            elsewhere=_elsewhere(settings, address, jobs) if executor == "ray" else None,
        )
    )
    _write(output, exports)
    if as_json:
        print_json({"schema": "radcite.batch/1", **report.model_dump()})
    else:
        _show(report)
    if report.failed or report.left:
        raise typer.Exit(3)


def _known(exports: "list[str]") -> "list[_Export]":
    known: dict[str, _Export] = {n: n for n in ("csv", "bibtex", "ris", "markdown", "html")}
    for name in exports:
        if name not in known:
            raise typer.BadParameter(f"{name}: one of {', '.join(known)}", param_hint="--export")
    return [known[name] for name in exports]


def _paced(settings: "Settings", rate: float | None) -> "Settings":
    if rate is None or settings.llm is None:
        return settings
    llm = settings.llm.model_copy(update={"requests_per_minute": rate})
    return settings.model_copy(update={"llm": llm})


def _elsewhere(settings: "Settings", address: str | None, jobs: int | None) -> "RayAskers":
    from radcite.apps.batching.ray_asker import RayAskers

    return RayAskers(address, settings, jobs)


async def _run(
    settings: "Settings",
    questions: Path,
    output: Path,
    defaults: "AskOptions",
    jobs: int | None,
    bounds: "Bounds",
    *,
    again: bool,
    elsewhere: "RayAskers | None",
) -> "BatchReport":
    from radcite.apps.batching.opening import run_in_house
    from radcite.apps.batching.rows import read_rows
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        total = sum(1 for _ in read_rows(questions))
        with count_progress(total, enabled=sys.stderr.isatty()) as tell:
            return await run_in_house(
                house,
                questions,
                output,
                defaults=defaults,
                jobs=jobs,
                bounds=bounds,
                again=again,
                tell=tell,
                elsewhere=elsewhere,
            )


def _write(output: Path, exports: "list[_Export]") -> None:
    from contextlib import closing

    from radcite.apps.batching.citing import SUFFIXES, write_list
    from radcite.apps.batching.dossier import write_dossiers
    from radcite.apps.batching.journal import Journal

    with closing(Journal(output)) as journal:
        for how in exports:
            if how == "markdown" or how == "html":
                write_dossiers(journal.lines(), how, output.with_name(f"{output.stem}-dossiers"))
            else:
                # A mark at the head, so that a spreadsheet reads Chinese as such.
                encoding = "utf-8-sig" if how == "csv" else "utf-8"
                path = output.with_suffix(SUFFIXES[how])
                with path.open("w", encoding=encoding, newline="") as out:
                    write_list(journal.lines(), how, out)


def _show(report: "BatchReport") -> None:
    out = console()
    out.print(
        f"{report.answered} answered, {report.abstained} abstained, {report.kept} kept from"
        f" before, {report.failed} failed, in {report.seconds:.1f} s"
    )
    if report.degraded:
        out.print(f"{report.degraded} answered without the language model (--redo-degraded)")
    if report.usage.requests:
        about = "about " if report.usage.estimated else ""
        out.print(
            f"{report.usage.requests} requests, {about}{report.usage.prompt_tokens} prompt and"
            f" {report.usage.reply_tokens} reply tokens, cost {report.cost:g}; {report.retried} repetitions"
        )
    if report.stopped:
        out.print(f"stopped: the {report.stopped} budget is spent; {report.left} rows are left")
