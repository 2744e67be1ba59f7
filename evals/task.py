"""What a task is, what it is given, and how its measurements become a report."""

import shutil
import sys
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Literal, TypeVar

import numpy as np

from radcite import __version__
from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data, write_records
from radcite.evals.results import (
    Goal,
    Provenance,
    Report,
    Row,
    Scores,
    contrast,
    row_of,
    with_goal,
)
from radcite.evals.subject import Subject

__all__ = [
    "OF_CASES",
    "CaseFiles",
    "Context",
    "Half",
    "Measured",
    "Task",
    "cases_collection",
    "documents_collection",
    "provenance_of",
    "run_task",
]

_OF_DOCUMENTS = ("sparse", "text")
OF_CASES = (*_OF_DOCUMENTS, "image")
Half = Literal["dev", "sealed", "all"]
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Context:
    """What a run works with.

    Args:
        subject: The system under test.
        data: The folder with the measuring data.
        work: Where corpora are written; the subject's home lives beside them.
        limit: At most so many items, for a quick look.
        seed: Of samples and resampling.
        half: Which half of a set that is kept in two.
        tell: Called with what is being done, items done and items in all.
    """

    subject: Subject
    data: Data
    work: Path
    limit: int | None = None
    seed: int = 0
    half: Half = "dev"
    tell: Callable[[str, int, int], None] = lambda _what, _done, _total: None

    def limited(self, items: Sequence[ItemT]) -> Sequence[ItemT]:
        """The first items, as many as the limit lets through."""
        return items if self.limit is None else items[: self.limit]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task found: scores, remarks a reader needs, and fitted numbers where it fits any.

    `rows` are of what is no mean of scores (AUROC, calibration error), each with its own interval.
    """

    scores: Sequence[Scores]
    notes: Sequence[str] = ()
    fitted: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    rows: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A benchmark task. `contrasts` pairs a system with the baseline it is tested against.

    A released task is not changed: a change is a new version. `unit` is what is resampled.
    """

    name: str
    version: int
    summary: str
    unit: str
    run: Callable[[Context], Awaitable[Measured]]
    goals: tuple[Goal, ...] = ()
    contrasts: tuple[tuple[str, str], ...] = ()


async def run_task(task: Task, context: Context) -> Report:
    """Run a task to its report.

    Raises:
        RadciteError: `NOT_FOUND` for missing data, or what the subject raises.
    """
    started = perf_counter()
    measured = await task.run(context)
    by_name = {(scores.system, scores.metric): scores for scores in measured.scores}
    pairs = [
        (scores, by_name[baseline, scores.metric])
        for system, baseline in task.contrasts
        for scores in measured.scores
        if scores.system == system and (baseline, scores.metric) in by_name
    ]
    return Report(
        task=task.name,
        version=task.version,
        unit=task.unit,
        rows=(
            *(row_of(scores, task.goals, context.seed) for scores in measured.scores),
            *(with_goal(row, task.goals) for row in measured.rows),
        ),
        contrasts=tuple(contrast(*pair, context.seed) for pair in pairs),
        fitted=measured.fitted,
        notes=tuple(measured.notes),
        provenance=provenance_of(context),
        seconds=round(perf_counter() - started, 1),
        scores=tuple(measured.scores),
    )


async def documents_collection(
    context: Context, name: str, records: Iterable[Mapping[str, object]]
) -> str:
    """A collection of these documents, ingested once for each content and set of encoders.

    Raises:
        RadciteError: `RECORD_INVALID` when a record was refused.
    """
    listed = write_records(context.work / "corpora" / name, "passages", records)
    return await ingested(context, name, listed.path, listed.digest)


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """A case as `cases.jsonl` has it, without its images, and the files of these."""

    record: Mapping[str, object]
    images: Sequence[Path]


async def cases_collection(context: Context, name: str, cases: Sequence[CaseFiles]) -> str:
    """A collection of these cases; the files are copied, since a list of cases may only name images beside it.

    Raises:
        RadciteError: `RECORD_INVALID` when a record was refused.
    """
    folder = context.work / "corpora" / name
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for path in (path for case in cases for path in case.images):
        if not (copy := folder / "images" / path.name).is_file():
            shutil.copyfile(path, copy)
    records = (
        {**case.record, "images": [f"images/{path.name}" for path in case.images]} for case in cases
    )
    listed = write_records(folder, "cases", records)
    return await ingested(context, name, listed.path, listed.digest, OF_CASES)


async def ingested(
    context: Context,
    name: str,
    path: Path,
    digest: str,
    parts: Collection[str] = _OF_DOCUMENTS,
) -> str:
    """The collection that holds a written list; another one only where a part that encodes it is another."""
    fingerprints = context.subject.fingerprints
    made_of = [digest, *(f"{part}={fingerprints.get(part, '')}" for part in sorted(parts))]
    collection = f"{name}-{sha256('|'.join(made_of).encode()).hexdigest()[:12]}"
    context.tell(f"ingest {name}", 0, 1)
    report = await context.subject.ingest([path], collection)
    if report.quarantined:
        first = report.quarantined[0]
        raise RadciteError(first.code, f"{name}: {first.file}: {first.message}")
    context.tell(f"ingest {name}", 1, 1)
    return collection


def provenance_of(context: Context) -> Provenance:
    """What a run of this context is made of."""
    return Provenance(
        data=dict(sorted(context.data.digests.items())),
        versions={
            "radcite": __version__,
            "python": sys.version.split()[0],
            "numpy": np.__version__,
        },
        fingerprints=context.subject.fingerprints,
        options={"limit": context.limit, "seed": context.seed, "half": context.half},
    )
