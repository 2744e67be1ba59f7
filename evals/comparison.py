"""Two runs of one task against each other."""

from pathlib import Path

from pydantic import ValidationError

from radcite.core.errors import RadciteError
from radcite.evals.results import Contrast, Report, contrast

__all__ = ["compare_reports", "read_report"]


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
    """Each system and metric of both runs, the first against the second; the p are Holm's.

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
    return _holm(found)


def _holm(found: list[Contrast]) -> tuple[Contrast, ...]:
    corrected = [0.0] * len(found)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(found)), key=lambda i: found[i].p)):
        largest = max(largest, min(1.0, found[i].p * (len(found) - rank)))
        corrected[i] = largest
    return tuple(one.model_copy(update={"p": p}) for one, p in zip(found, corrected, strict=True))
