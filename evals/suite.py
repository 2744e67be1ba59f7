"""Every task, one after another: in which order, which need no second run, and one table of them all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.evals.datasets import Data, digest_of
from radcite.evals.questions.definition import question_sets
from radcite.evals.questions.items import read_items
from radcite.evals.registry import TASKS
from radcite.evals.results import Provenance, Report, Row

__all__ = ["Ended", "every_task", "headlines", "still_holds", "suite_page"]

_LATER = ("retrieval-", "answers-", "abstention-", "calibrate-")
_COSTS = ("seconds", "tokens")
_DIGEST_SHOWN = 16


class Ended(Frozen):
    """How a task of a run of many ended, and why where it was not measured.

    `kept`: a report of the same task, parts, data and options lay there already; `skipped`: its data or an extra is
    not there; `failed`: the error's code stands in `why`.
    """

    name: str
    state: Literal["measured", "kept", "skipped", "failed"]
    why: str = ""
    report: Report | None = None


def every_task(data: Data) -> list[str]:
    """The names of all tasks and question sets, what takes least first."""
    tasks = sorted(TASKS, key=lambda name: name.startswith(_LATER))
    return [*tasks, *sorted(question_sets(), key=lambda name: _asked(name, data))]


def _asked(name: str, data: Data) -> int:
    """How many questions a set has; 0 where its data are not there: that is told in a moment."""
    try:
        return len(read_items(question_sets()[name], data))
    except RadciteError:
        return 0


def still_holds(report: Report, version: int, now: Provenance, data: Data) -> bool:
    """Whether a kept report is of this version, these parts and options, and of the data as they lie there now.

    Lists that ship with the package change with the task's version, and many files of one folder with their list.
    """
    then = report.provenance
    if (report.version, then.options) != (version, now.options):
        return False
    if (then.fingerprints, then.versions) != (now.fingerprints, now.versions):
        return False
    places = {name: data.elsewhere.get(name, data.folder / name) for name in then.data}
    return all(
        digest_of(path) == then.data[name] for name, path in places.items() if path.is_file()
    )


def headlines(report: Report) -> tuple[Row, ...]:
    """The rows of the system under test, which a report tells first, and those that a goal is set for."""
    first = report.rows[0].system if report.rows else ""
    return tuple(
        row
        for row in report.rows
        if (row.system == first or row.goal is not None) and row.metric not in _COSTS
    )


def suite_page(ended: Sequence[Ended]) -> str:
    """One Markdown table of a run of many tasks, what was left out and why, the parts and the digests of the data."""
    return "\n".join(_lines(ended)) + "\n"


def _lines(ended: Sequence[Ended]) -> Iterator[str]:
    reports = [one.report for one in ended if one.report is not None]
    yield "| task | system | metric | n | mean | 95 % interval | asked |\n|---|---|---|---|---|---|---|"
    for report in reports:
        name = f"`{report.task}` v{report.version}"
        for row in headlines(report):
            units = "" if row.n == row.units else f" ({row.units} {report.unit}s)"
            cells = (name, row.system, row.metric, f"{row.n}{units}", f"{row.mean:.3f}")
            yield f"| {' | '.join(cells)} | {row.low:.3f} to {row.high:.3f} | {_goal(row)} |"
            name = ""
    yield ""
    for one in ended:
        if one.state in {"skipped", "failed"}:
            yield f"- {one.state}: `{one.name}`: {one.why}"
    yield "\n| part | fingerprint |\n|---|---|"
    for part, fingerprint in _merged(report.provenance.fingerprints for report in reports):
        yield f"| {part} | `{fingerprint}` |"
    yield "\n| file | sha256 |\n|---|---|"
    for file, digest in _merged(report.provenance.data for report in reports):
        yield f"| `{file}` | `{digest[:_DIGEST_SHOWN]}…` |"


def _merged(parts: Iterator[Mapping[str, str]]) -> list[tuple[str, str]]:
    return sorted({item for part in parts for item in part.items()})


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    sign = "≥" if row.goal.bound == "least" else "≤"
    return f"{sign} {row.goal.value:g}: {'met' if row.met else '**missed**'}"
