"""How reviewers judged what was drafted."""

from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import Field

from radcite.core.frozen import Frozen
from radcite.core.question import Task
from radcite.core.review import Report
from radcite.core.sources import Language

__all__ = ["Tally", "tallies"]


class Tally(Frozen):
    """Reports and findings of one task in one language; the findings are those of signed versions.

    `overridden`: rejected findings, and those whose words a reviewer replaced, over all decided ones; None
    where nothing is signed.
    """

    task: Task
    language: Language
    drafts: int = Field(ge=0)
    signed: int = Field(ge=0)
    amended: int = Field(ge=0)
    accepted: int = Field(ge=0)
    edited: int = Field(ge=0)
    rejected: int = Field(ge=0)

    @property
    def findings(self) -> int:
        """Decided findings of signed versions."""
        return self.accepted + self.edited + self.rejected

    @property
    def overridden(self) -> float | None:
        """The share of findings that did not stand as drafted."""
        return (self.edited + self.rejected) / self.findings if self.findings else None


def tallies(reports: Iterable[Sequence[Report]]) -> tuple[Tally, ...]:
    """The counts by task and language, over each report's versions in order.

    Of a report the latest signed version counts; one without any is a draft.
    """
    grouped: dict[tuple[Task, Language], Counter[str]] = {}
    for versions in reports:
        first = versions[0]
        counts = grouped.setdefault((first.task, first.language), Counter())
        signed = [one for one in versions if one.signed]
        if not signed:
            counts["drafts"] += 1
            continue
        counts["signed"] += 1
        counts["amended"] += len(signed) > 1
        counts.update(finding.decision for finding in signed[-1].findings)
    return tuple(
        Tally(
            task=task,
            language=language,
            **{name: counts[name] for name in ("drafts", "signed", "amended")},
            **{name: counts[name] for name in ("accepted", "edited", "rejected")},
        )
        for (task, language), counts in sorted(grouped.items())
    )
