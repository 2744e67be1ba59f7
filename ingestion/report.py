from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from radcite.core.errors import ErrorCode, RadciteError
from radcite.core.frozen import Frozen

__all__ = ["STOPPING", "IngestReport", "Progress", "Quarantined", "Tally", "Warned", "joined"]

STOPPING: frozenset[ErrorCode] = frozenset(
    {
        "STORAGE_LOW",
        "INDEX_MODEL_MISMATCH",
        "EMBEDDING_INVALID",
        "RETRIEVAL_UNAVAILABLE",
        "INTERNAL",
    }
)
"""What no single file is to blame for: the ingest ends."""
Progress = Callable[[int, int], None]
"""Called with the bytes read so far and the bytes in all."""


class Quarantined(Frozen):
    """A file, or a line of one, that was not taken, and why."""

    file: str
    code: ErrorCode
    message: str


class Warned(Frozen):
    """A file that was taken with a reservation: see the guide to error codes."""

    file: str
    code: str


class IngestReport(Frozen):
    """What an ingest did. `skipped` counts files and records that were stored before.

    `optimize_seconds` is the time, within `seconds`, that went into the approximate-search graph; None
    where the collection is small enough to be searched exactly.
    """

    documents: int
    passages: int
    cases: int
    images: int
    skipped: int
    quarantined: tuple[Quarantined, ...]
    warnings: tuple[Warned, ...]
    seconds: float
    optimize_seconds: float | None = None

    @classmethod
    def nothing(cls, skipped: int = 0) -> "IngestReport":
        """The report of a run that added nothing."""
        return cls(
            documents=0,
            passages=0,
            cases=0,
            images=0,
            skipped=skipped,
            quarantined=(),
            warnings=(),
            seconds=0.0,
        )


def joined(reports: Sequence[IngestReport]) -> IngestReport:
    """Several runs told as one."""
    optimized = [one.optimize_seconds for one in reports if one.optimize_seconds is not None]
    return IngestReport(
        documents=sum(one.documents for one in reports),
        passages=sum(one.passages for one in reports),
        cases=sum(one.cases for one in reports),
        images=sum(one.images for one in reports),
        skipped=sum(one.skipped for one in reports),
        quarantined=tuple(each for one in reports for each in one.quarantined),
        warnings=tuple(each for one in reports for each in one.warnings),
        seconds=round(sum(one.seconds for one in reports), 3),
        optimize_seconds=sum(optimized) if optimized else None,
    )


@dataclass(slots=True)
class Tally:
    """The report in the making."""

    counts: Counter[str] = field(default_factory=Counter[str])
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])
    warnings: list[Warned] = field(default_factory=list[Warned])

    def refuse(self, name: str, error: RadciteError) -> None:
        """Note a file that was not taken."""
        self.quarantined.append(Quarantined(file=name, code=error.code, message=error.detail))

    def report(self, seconds: float, optimize_seconds: float | None) -> IngestReport:
        """The report as it stands."""
        names = ("documents", "passages", "cases", "images", "skipped")
        return IngestReport(
            **{name: self.counts[name] for name in names},
            quarantined=tuple(self.quarantined),
            warnings=tuple(self.warnings),
            seconds=round(seconds, 3),
            optimize_seconds=None if optimize_seconds is None else round(optimize_seconds, 3),
        )
