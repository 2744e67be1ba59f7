import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.eval_tables import show, show_contrasts, show_suite, telling
from radcite.apps.cli.options import AsJson, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radcite.apps.grading.suite import Runs

app = new_app("Benchmark tasks over the public ingest, search and ask.")
_data = new_app("Where the data of the question sets lie.")
app.add_typer(_data, name="data")


@app.command("ls")
def list_tasks(as_json: AsJson = False) -> None:
    """Every task, what it measures and what it should reach."""
    from radcite.evals.questions.definition import question_sets
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
    tasks += [
        {
            "name": one.name,
            "version": one.version,
            "summary": one.summary["en"],
            "unit": one.unit,
            "goals": [],
            "licence": one.licence,
        }
        for one in question_sets().values()
    ]
    if as_json:
        print_json({"schema": "radcite.eval-tasks/1", "tasks": tasks})
        return
    out = console()
    for task in tasks:
        out.print(f"[bold]{task['name']}[/]  {task['summary']}", highlight=False)


@app.command()
def run(
    tasks: Annotated[
        list[str] | None, typer.Argument(help="Task names.", show_default=False)
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every task and question set, cheap ones first; resumes.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Keep reports in --out of the same task, parts, data and options."
        ),
    ] = False,
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
        Path | None,
        typer.Option(
            "--out",
            help="Folder for the full reports, with every score (default of --all: in --work).",
        ),
    ] = None,
    logs: Annotated[
        Path | None,
        typer.Option("--logs", help="Where inspect keeps its logs (default: in --work)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run tasks and print a row for each system, with its 95 % interval.

    Question sets run under inspect_ai (extra eval): a killed run is continued, `--limit` draws a sample by `--seed`,
    `inspect view --log-dir DIR` opens the logs, and `inspect eval radcite/NAME` runs the same task. With `--all` or
    `--resume` the tasks end in one table, also written to `summary.md` in `--out`; a killed run goes on where it was;
    tasks without their data are named as skipped. Exit code 3: a task failed.
    """
    from radcite.apps.grading.subjects import default_work_folder
    from radcite.apps.grading.suite import Runs, keep, measure

    if every == bool(tasks):
        raise typer.BadParameter("name tasks, or say --all")
    place = work or default_work_folder()
    shown = sys.stderr.isatty()
    runs = Runs(telling, place, data, limit, seed, half, logs, shown)
    if every or resume:
        _run_many(tasks or (), runs, out or place / "reports", as_json=as_json)
        return
    for name in tasks or ():
        report = measure(name, runs)
        if out is not None:
            keep(report, out)
        if as_json:
            print_json(report.model_dump(by_alias=True, exclude={"scores", "samples"}))
        else:
            show(report)


def _run_many(names: "Sequence[str]", runs: "Runs", out: Path, *, as_json: bool) -> None:
    from radcite.apps.grading.suite import measure_all
    from radcite.evals.suite import Ended, suite_page

    ended: list[Ended] = []
    for one in measure_all(names, runs, out):
        ended.append(one)
        took = f", {one.report.seconds:.0f} s" if one.report else f": {one.why}"
        sys.stderr.write(f"{one.name}: {one.state}{took}\n")
        sys.stderr.flush()
        out.mkdir(parents=True, exist_ok=True)
        (out / "summary.md").write_text(suite_page(ended), "utf-8")
    if as_json:
        without = {"report": {"scores", "samples"}}
        told = [one.model_dump(by_alias=True, exclude=without) for one in ended]
        print_json({"schema": "radcite.eval-suite/1", "tasks": told})
    else:
        show_suite(ended)
    if any(one.state == "failed" for one in ended):
        raise typer.Exit(3)


@app.command()
def compare(
    one: Annotated[Path, typer.Argument(help="A report kept by --out.")],
    other: Annotated[Path, typer.Argument(help="An earlier report of the same task.")],
    as_json: AsJson = False,
) -> None:
    """How far one run is above another, on the items both have scored."""
    from radcite.evals.comparison import compare_reports, differing_data, read_report

    now, then = read_report(one), read_report(other)
    contrasts, other_data = compare_reports(now, then), differing_data(now, then)
    if as_json:
        found = [found.model_dump() for found in contrasts]
        told = {"contrasts": found, "different_data": list(other_data)}
        print_json({"schema": "radcite.eval-comparison/1", **told})
        return
    show_contrasts(contrasts, "A against B, the same items; p* corrected together, by Holm")
    if other_data:
        sys.stderr.write(f"these files were not the same: {', '.join(other_data)}\n")


@app.command("report")
def report_page(
    reports: Annotated[list[Path], typer.Argument(help="Reports kept by --out, or their folder.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A .html or .md.")],
) -> None:
    """One self-contained page of kept reports: plots with intervals, tables, single questions; or Markdown."""
    from radcite.evals.comparison import read_report
    from radcite.evals.pages import html_page, markdown_page

    files = [
        file
        for path in reports
        for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])
    ]
    kept = [read_report(file) for file in files]
    page = markdown_page(kept) if output.suffix.lower() == ".md" else html_page(kept)
    output.write_text(page, "utf-8")


@app.command()
def rescore(
    benchmark: Annotated[Path, typer.Argument(help="MIRAGE's benchmark.json, or one like it.")],
    predictions: Annotated[Path, typer.Argument(help="A folder of predictions for each dataset.")],
    seed: Annotated[int, typer.Option(help="Of resampling.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Score prediction files of MIRAGE's form again (docs/guides/evals.md tells the form)."""
    from rich.table import Table

    from radcite.evals.rescoring import rescore as rescored

    found = rescored(benchmark, predictions, seed)
    if as_json:
        print_json({"schema": "radcite.eval-rescored/1", **found.model_dump()})
        return
    table = Table("dataset", "n", "right", "missing", "unreadable", "accuracy", "s.e.", "95 %")
    for one in found.datasets:
        counts = (one.n, one.right, one.missing, one.unreadable)
        shares = (f"{one.accuracy:.4f}", f"{one.standard_error:.4f}")
        table.add_row(one.dataset, *map(str, counts), *shares, f"{one.low:.4f} to {one.high:.4f}")
    table.add_section()
    table.add_row("mean", "", "", "", "", f"{found.mean_accuracy:.4f}", "", "")
    console().print(table)


@_data.command("add")
def add_data(
    name: Annotated[str, typer.Argument(help="A question set (`radcite eval ls`).")],
    place: Annotated[
        str,
        typer.Argument(
            metavar="PATH|URL",
            help="Its data file, verified and not copied; or an address, fetched and then verified.",
        ),
    ],
    work: Annotated[Path | None, typer.Option(help="As in `eval run`.")] = None,
) -> None:
    """Tell where the data of a question set lies, if not in the data folder; or fetch them.

    A transfer that broke off is taken up by the same command.
    """
    from radcite.apps.grading.subjects import default_work_folder
    from radcite.evals.questions.definition import question_set
    from radcite.evals.questions.fetching import fetch, is_address
    from radcite.evals.questions.registered import register

    folder = work or default_work_folder()
    path = fetch(folder, question_set(name), place) if is_address(place) else Path(place)
    digest = register(folder, name, path)
    console().print(f"{name}: SHA-256 {digest} as the set needs it")


@_data.command("ls")
def list_data(
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
    work: Annotated[Path | None, typer.Option(help="As in `eval run`.")] = None,
    as_json: AsJson = False,
) -> None:
    """The data of the question sets: licence, where they lie, and whether they are the right ones."""
    from radcite.apps.grading.subjects import default_work_folder
    from radcite.evals.datasets import DEFAULT_FOLDER
    from radcite.evals.questions.registered import described

    found = described(data or DEFAULT_FOLDER, work or default_work_folder())
    if as_json:
        print_json({"schema": "radcite.eval-data/1", "sets": [one.model_dump() for one in found]})
        return
    for one in found:
        console().print(f"[bold]{one.name}[/]  {one.state}  {one.licence}", highlight=False)
