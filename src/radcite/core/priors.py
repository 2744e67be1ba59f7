"""A report beside the patient's report before it: what both say, what is new, what is no longer said.

By the words alone: that a finding is not said again does not mean that it is gone.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from radcite.core.frozen import Frozen
from radcite.core.normalization import normalize
from radcite.core.review import Finding, Report

__all__ = ["Change", "Compared", "Comparison", "compare", "prior_of"]

Change = Literal["repeated", "changed", "new", "not_repeated"]
_ALIKE = 0.5


class Compared(Frozen):
    """One finding, by its id in either report. `changed`: much the same words, yet not all of them."""

    change: Change
    finding: str | None
    prior: str | None


class Comparison(Frozen):
    """A version of a report against the signed version of an earlier report of the same patient."""

    report_id: str
    version: int
    prior_id: str
    prior_version: int
    prior_at: str
    findings: tuple[Compared, ...]


def prior_of(report: Report, others: Iterable[Sequence[Report]]) -> Report | None:
    """The signed version that stands of the patient's latest earlier report, of the same task; None without one.

    Args:
        report: The report that is read.
        others: The versions of each report that its reader may see.
    """
    if report.patient is None:
        return None
    standing: list[Report] = []
    for versions in others:
        signed = [one for one in versions if one.signed and one.intact]
        if signed and signed[-1].report_id != report.report_id:
            standing.append(signed[-1])
    earlier = [
        one
        for one in standing
        if one.patient == report.patient
        and one.task == report.task
        and one.created_at <= report.created_at
    ]
    return max(earlier, key=lambda one: one.created_at, default=None)


def compare(report: Report, prior: Report) -> Comparison:
    """The kept findings of both, each paired with the one whose words it shares most."""
    left = list(prior.kept)
    told: list[Compared] = []
    for finding in report.kept:
        nearest = max(left, key=lambda other: _alike(finding, other), default=None)
        if nearest is None or _alike(finding, nearest) < _ALIKE:
            told.append(Compared(change="new", finding=finding.id, prior=None))
            continue
        left.remove(nearest)
        change = "repeated" if _same(finding, nearest) else "changed"
        told.append(Compared(change=change, finding=finding.id, prior=nearest.id))
    told += [Compared(change="not_repeated", finding=None, prior=one.id) for one in left]
    return Comparison(
        report_id=report.report_id,
        version=report.version,
        prior_id=prior.report_id,
        prior_version=prior.version,
        prior_at=prior.signatures[-1].signed_at,
        findings=tuple(told),
    )


def _same(finding: Finding, other: Finding) -> bool:
    return normalize(finding.wording).text == normalize(other.wording).text


def _alike(finding: Finding, other: Finding) -> float:
    one, two = _pieces(finding.wording), _pieces(other.wording)
    return len(one & two) / len(one | two) if one | two else 0.0


def _pieces(text: str) -> frozenset[str]:
    """Latin words, and pairs of neighbouring Chinese characters."""
    plain = normalize(text).text.casefold()
    words = {word.strip(".,;:()") for word in plain.split() if word.isascii()}
    letters = [letter for letter in plain if letter.isalnum() and not letter.isascii()]
    return frozenset(words - {""}) | {a + b for a, b in pairwise(letters)}
