from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from radcite.core.errors import ErrorCode, RadciteError
from radcite.core.frozen import Frozen

__all__ = ["IngestReport", "Progress", "Quarantined", "Tally", "Warned"]

Progress = Callable[[int, int], None]
"""Called with the bytes read so far and the bytes in all."""


class Quarantined(Frozen):
    """A file, or a line of one, that was not taken, and why."""

    file: str
    code: ErrorCode
    message: str


class Warned(Frozen):
    """A file that was taken with a reservation: `PDF_REPAIRED` or `HIDDEN_TEXT`."""

    file: str
    code: str


class IngestReport(Frozen):
    """What an ingest did. `skipped` counts files and records that were stored before."""

    documents: int
    passages: int
    cases: int
    images: int
    skipped: int
    quarantined: tuple[Quarantined, ...]
    warnings: tuple[Warned, ...]
    seconds: float


@dataclass(slots=True)
class Tally:
    """The report in the making."""

    counts: Counter[str] = field(default_factory=Counter[str])
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])
    warnings: list[Warned] = field(default_factory=list[Warned])

    def refuse(self, name: str, error: RadciteError) -> None:
        """Note a file that was not taken."""
        self.quarantined.append(Quarantined(file=name, code=error.code, message=error.detail))

    def report(self, seconds: float) -> IngestReport:
        """The report as it stands."""
        names = ("documents", "passages", "cases", "images", "skipped")
        return IngestReport(
            **{name: self.counts[name] for name in names},
            quarantined=tuple(self.quarantined),
            warnings=tuple(self.warnings),
            seconds=round(seconds, 3),
        )
