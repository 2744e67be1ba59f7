"""Many tasks one after another: what is measured already is kept, what has no data is named, one failure stops none."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from radcite.apps.grading.subjects import evaluate, measuring_settings, need_inspect, open_subject
from radcite.apps.wiring import open_house
from radcite.core.errors import RadciteError
from radcite.evals.comparison import read_report
from radcite.evals.datasets import DEFAULT_FOLDER, Data
from radcite.evals.questions.definition import question_set, question_sets
from radcite.evals.questions.registered import registered
from radcite.evals.registry import task_named
from radcite.evals.results import Provenance, Report
from radcite.evals.suite import Ended, every_task, still_holds
from radcite.evals.task import Context, Half, provenance_of

__all__ = ["Runs", "keep", "measure", "measure_all"]

_NOT_THERE = frozenset({"NOT_FOUND", "MISSING_EXTRA"})
Tell = Callable[[str, int, int], None]
Telling = Callable[[], AbstractContextManager[Tell | None]]


@dataclass(frozen=True, slots=True)
class Runs:
    """How tasks are run.

    Args:
        telling: Opens what shows a task's progress.
        work: Where corpora and collections are kept between runs.
        data: The data folder; None for the usual one.
        limit: At most so many items.
        seed: Of samples and resampling.
        half: Which half of a set that is kept in two.
        logs: Where inspect keeps its logs; None for `work`.
        shown: Whether inspect shows its progress.
    """

    telling: Telling
    work: Path
    data: Path | None = None
    limit: int | None = None
    seed: int = 0
    half: Half = "dev"
    logs: Path | None = None
    shown: bool = False

    @property
    def folder(self) -> Data:
        """The data, with what was registered elsewhere."""
        return Data(self.data or DEFAULT_FOLDER, elsewhere=registered(self.work))


def measure(name: str, runs: Runs) -> Report:
    """One task or question set.

    Raises:
        RadciteError: `NOT_FOUND` for an unknown task or missing data, `MISSING_EXTRA`, or as the task.
    """
    if name in question_sets():
        need_inspect()
        from radcite.apps.grading.inspecting import run_set

        return run_set(
            name,
            data=runs.data,
            work=runs.work,
            samples=runs.limit,
            seed=runs.seed,
            logs=runs.logs,
            display=runs.shown,
        )
    task = task_named(name)
    with runs.telling() as tell:
        return asyncio.run(
            evaluate(
                task,
                data=runs.data,
                work=runs.work,
                limit=runs.limit,
                seed=runs.seed,
                half=runs.half,
                tell=tell,
            )
        )


def measure_all(names: Sequence[str], runs: Runs, out: Path) -> Iterator[Ended]:
    """These tasks, all where none is named, each told as it ends; its report is kept in `out` at once.

    A task whose report lies there is not run again while its version, parts, data and options are the same. What
    fails is tried again by the next run.

    Raises:
        RadciteError: `NOT_FOUND` for an unknown name; `HOME_LOCKED` while another run uses the same folder.
    """
    for name in names:
        _version(name)
    now = asyncio.run(_provenance(runs))
    for name in names or every_task(runs.folder):
        kept = _kept(out / f"{name}.json")
        if kept is not None and still_holds(kept, _version(name), now, runs.folder):
            yield Ended(name=name, state="kept", report=_light(kept))
            continue
        yield _ended(name, runs, out)


def keep(report: Report, folder: Path) -> None:
    """Write a report with every score; it is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.task}.json"
    part = path.with_suffix(".part")
    part.write_text(report.model_dump_json(by_alias=True), "utf-8")
    part.replace(path)


def _ended(name: str, runs: Runs, out: Path) -> Ended:
    try:
        report = measure(name, runs)
    except RadciteError as error:
        state = "skipped" if error.code in _NOT_THERE else "failed"
        missing, _, _ = error.detail.partition(";")
        why = missing if state == "skipped" else f"{error.code}: {error.detail}"
        return Ended(name=name, state=state, why=why)
    except Exception as error:  # noqa: BLE001 - one task's defect must not end a night's run
        return Ended(name=name, state="failed", why=f"INTERNAL: {type(error).__name__}")
    keep(report, out)
    return Ended(name=name, state="measured", report=_light(report))


def _kept(path: Path) -> Report | None:
    try:
        return read_report(path)
    except RadciteError:
        return None


def _light(report: Report) -> Report:
    """The report without its single scores, of which a run of everything has some hundred thousand."""
    return report.model_copy(update={"scores": (), "samples": ()})


def _version(name: str) -> int:
    return question_set(name).version if name in question_sets() else task_named(name).version


async def _provenance(runs: Runs) -> Provenance:
    async with open_house(measuring_settings(runs.work)) as house:
        subject = open_subject(house)
        context = Context(
            subject, runs.folder, runs.work, limit=runs.limit, seed=runs.seed, half=runs.half
        )
        return provenance_of(context)
