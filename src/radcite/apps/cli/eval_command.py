import asyncio
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.options import AsJson, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.evals.results import Contrast, Report, Row

app = new_app("Benchmark tasks over the public ingest, search and ask.")

Tell = Callable[[str, int, int], None]


@app.command("ls")
def list_tasks(as_json: AsJson = False) -> None:
    """Every task, what it measures and what it should reach."""
    from radcite.evals.registry import TASKS

    tasks = [
        {
            "name": task.name,
            "version": task.version,
            "summary": task.summary,
            "unit": task.unit,
            "goals": [goal.model_dump() for goal in task.goals],
        }
        for task in TASKS.values()
    ]
    if as_json:
        print_json({"schema": "radcite.eval-tasks/1", "tasks": tasks})
        return
    out = console()
    for task in TASKS.values():
        out.print(f"[bold]{task.name}[/]  {task.summary}", highlight=False)


@app.command()
def run(
    tasks: Annotated[list[str], typer.Argument(help="Task names.", show_default=False)],
    data: Annotated[
        Path | None, typer.Option(help="Folder with the measuring data (default ../shared/data).")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="Where corpora and collections are kept between runs.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many items.")] = None,
    seed: Annotated[int, typer.Option(help="Of samples and resampling.")] = 0,
    half: Annotated[
        Literal["dev", "sealed", "all"],
        typer.Option(help="Which half of a set that is kept in two."),
    ] = "dev",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the full reports, with every score.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run tasks and print a row for each system, with its 95 % interval."""
    from radcite.apps.evaluating import default_work_folder, evaluate
    from radcite.evals.registry import task_named

    for task in [task_named(name) for name in tasks]:
        with _telling(enabled=sys.stderr.isatty()) as tell:
            report = asyncio.run(
                evaluate(
                    task,
                    data=data,
                    work=work or default_work_folder(),
                    limit=limit,
                    seed=seed,
                    half=half,
                    tell=tell,
                )
            )
        if out is not None:
            _keep(report, out)
        if as_json:
            print_json(report.model_dump(by_alias=True, exclude={"scores"}))
        else:
            _show(report)


@app.command()
def compare(
    one: Annotated[Path, typer.Argument(help="A report kept by --out.")],
    other: Annotated[Path, typer.Argument(help="An earlier report of the same task.")],
    as_json: AsJson = False,
) -> None:
    """How far one run is above another, on the items both have scored."""
    from radcite.evals.comparison import compare_reports, read_report

    contrasts = compare_reports(read_report(one), read_report(other))
    if as_json:
        found = [found.model_dump() for found in contrasts]
        print_json({"schema": "radcite.eval-comparison/1", "contrasts": found})
    else:
        _show_contrasts(contrasts, "A against B, the same items; p by paired bootstrap, after Holm")


@contextmanager
def _telling(*, enabled: bool) -> Generator[Tell | None]:
    """A bar with time left on stderr, or nothing."""
    if not enabled:
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        known: dict[str, bars.TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in known:
                known[what] = progress.add_task(what, total=total)
            progress.update(known[what], completed=done, total=total)

        yield tell


def _keep(report: "Report", folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.task}.json"
    path.write_text(report.model_dump_json(by_alias=True), "utf-8")


def _show(report: "Report") -> None:
    from rich.table import Table

    out = console()
    columns = ("system", "metric", "n", "mean", "95 % interval", "goal")
    table = Table(*columns, title=f"{report.task} v{report.version}")
    for row in report.rows:
        table.add_row(
            row.system,
            row.metric,
            f"{row.n}" if row.n == row.units else f"{row.n} ({row.units} {report.unit}s)",
            f"{row.mean:.4f}",
            f"{row.low:.4f} to {row.high:.4f}",
            _goal(row),
        )
    out.print(table)
    if report.contrasts:
        _show_contrasts(report.contrasts, f"paired, resampled by {report.unit}")
    for name, numbers in report.fitted.items():
        fitted = ", ".join(f"{key}={value:.4g}" for key, value in numbers.items())
        out.print(f"{name}: {fitted}", highlight=False)
    for note in report.notes:
        out.print(f"- {note}", highlight=False, markup=False)
    out.print(f"{report.seconds:.0f} s", style="dim")


def _goal(row: "Row") -> str:
    if row.goal is None:
        return ""
    sign = "≥" if row.goal.bound == "least" else "≤"
    return f"{sign} {row.goal.value:g} {'met' if row.met else 'missed'}"


def _show_contrasts(contrasts: "tuple[Contrast, ...]", title: str) -> None:
    from rich.table import Table

    table = Table(
        "system", "against", "metric", "n", "difference", "95 % interval", "p", title=title
    )
    for found in contrasts:
        table.add_row(
            found.system,
            found.baseline,
            found.metric,
            str(found.n),
            f"{found.difference:+.4f}",
            f"{found.low:+.4f} to {found.high:+.4f}",
            f"{found.p:.4f}",
        )
    console().print(table)
