"""Two runs of one task against each other."""

from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from radcite.core.errors import RadciteError
from radcite.evals.questions.records import MAIN_METRICS
from radcite.evals.results import Contrast, Report, contrast

__all__ = ["compare_reports", "differing_data", "main_metrics", "read_report"]


def read_report(path: Path) -> Report:
    """A report that `eval run --out` has kept.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID`.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    try:
        return Report.model_validate_json(path.read_text("utf-8"))
    except ValidationError as exc:
        raise RadciteError("RECORD_INVALID", f"{path.name}: not a report of an eval") from exc


def compare_reports(one: Report, other: Report) -> tuple[Contrast, ...]:
    """Each system and metric of both runs, the first against the second.

    The question is whether the system under test has changed, so the p of its `main_metrics` are Holm's (`family`); of
    baselines, costs and parts they are as they are.

    Raises:
        RadciteError: `VALIDATION` for different tasks or versions, or no item in common.

    Source: Holm, A simple sequentially rejective multiple test procedure (1979).
    """
    if (one.task, one.version) != (other.task, other.version):
        raise RadciteError("VALIDATION", "the reports are of different tasks or versions")
    earlier = {(scores.system, scores.metric): scores for scores in other.scores}
    found = [
        contrast(scores, earlier[scores.system, scores.metric])
        for scores in one.scores
        if (scores.system, scores.metric) in earlier
    ]
    if not found:
        raise RadciteError("VALIDATION", "the reports have no system and metric in common")
    return _holm(found, set(main_metrics(one)))


def main_metrics(report: Report) -> list[tuple[str, str]]:
    """System and metric of what a report is about: what has a goal, else the system under test by its first metric.

    Of a set of questions that is how right the answers are; a task's other metrics are parts of its first.
    """
    goals = [(row.system, row.metric) for row in report.rows if row.goal is not None]
    if goals or not report.rows:
        return goals
    first = report.rows[0].system
    metrics = [row.metric for row in report.rows if row.system == first]
    of_sets = [metric for metric in MAIN_METRICS if metric in metrics]
    return [(first, metric) for metric in of_sets or metrics[:1]]


def differing_data(one: Report, other: Report) -> tuple[str, ...]:
    """The files that both runs read and that were not the same."""
    then = other.provenance.data
    return tuple(
        name for name, digest in one.provenance.data.items() if then.get(name, digest) != digest
    )


def _holm(found: list[Contrast], family: Collection[tuple[str, str]]) -> tuple[Contrast, ...]:
    ranked = sorted(
        (one for one in found if (one.system, one.metric) in family), key=lambda one: one.p
    )
    corrected: dict[tuple[str, str], float] = {}
    largest = 0.0
    for rank, one in enumerate(ranked):
        largest = max(largest, min(1.0, one.p * (len(ranked) - rank)))
        corrected[one.system, one.metric] = largest
    return tuple(
        one.model_copy(update={"p": corrected[key], "family": True})
        if (key := (one.system, one.metric)) in corrected
        else one
        for one in found
    )
