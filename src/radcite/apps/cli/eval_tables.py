"""What `radcite eval` prints: tables of reports, and progress on stderr."""

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from radcite.apps.cli.output import console

if TYPE_CHECKING:
    from radcite.evals.results import Contrast, Report, Row
    from radcite.evals.suite import Ended

__all__ = ["Tell", "show", "show_contrasts", "show_suite", "telling"]

Tell = Callable[[str, int, int], None]


@contextmanager
def telling() -> Generator[Tell | None]:
    """A bar with time left on stderr where that is a terminal, or nothing."""
    if not sys.stderr.isatty():
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


def show(report: "Report") -> None:
    """The table of a report, its tests, fitted numbers and notes."""
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
        show_contrasts(report.contrasts, f"paired, resampled by {report.unit}")
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


def show_contrasts(contrasts: "tuple[Contrast, ...]", title: str) -> None:
    """A line for each pair."""
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
            f"{found.p:.4f}{'*' if found.family else ''}",
        )
    console().print(table)


def show_suite(ended: "Sequence[Ended]") -> None:
    """One table of many tasks, by what each says of the system under test; then what was left out, and why."""
    from rich.table import Table

    from radcite.evals.suite import headlines

    table = Table("task", "system", "metric", "n", "mean", "95 % interval", "goal")
    for one in ended:
        report = one.report
        for place, row in enumerate(headlines(report) if report else ()):
            name = "" if place else f"{one.name}{' (kept)' if one.state == 'kept' else ''}"
            interval = f"{row.low:.3f} to {row.high:.3f}"
            table.add_row(
                name, row.system, row.metric, str(row.n), f"{row.mean:.3f}", interval, _goal(row)
            )
    out = console()
    out.print(table)
    for one in ended:
        if one.state in {"skipped", "failed"}:
            out.print(f"{one.state}: {one.name}: {one.why}", highlight=False, markup=False)
