"""A set of conditions that holds the true one with a stated share of cases, by split conformal prediction.

Source: Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World (2005); Angelopoulos and Bates (2021), arXiv
2107.07511, section 1.
"""

from collections.abc import Mapping, Sequence
from math import ceil

from pydantic import Field

from radcite.core.frozen import Frozen

__all__ = ["Calibration", "RiskPoint", "fitted", "in_set", "risk_coverage"]

Shares = Mapping[str, float]
"""By the code of a condition, its share of the similar cases' votes."""


class Calibration(Frozen):
    """What a site's own labelled cases say of its differentials.

    `least` is the share from which a condition is in the set; None where the stated coverage cannot be reached because
    the true condition is too often no candidate at all. `encoder` is that of the images it was fitted with.
    """

    collection: str
    coverage: float = Field(gt=0, lt=1)
    least: float | None
    cases: int = Field(ge=1)
    encoder: str
    at: str


class RiskPoint(Frozen):
    """With this share of cases answered, the surest first, the share of those whose first condition is wrong."""

    answered: float = Field(ge=0, le=1)
    risk: float = Field(ge=0, le=1)


def fitted(true_shares: Sequence[float | None], coverage: float) -> float | None:
    """The share from which a condition is in the set, so that a further case's true one is with `coverage`.

    Args:
        true_shares: Of each labelled case, the share of its true condition; None where it was no candidate.
        coverage: The stated share of cases, in (0, 1).

    Returns:
        The least share, or None where too many true conditions were no candidates, or the cases are too few.
    """
    found = sorted((-1.0 if one is None else one for one in true_shares), reverse=True)
    rank = ceil((len(found) + 1) * coverage)
    if rank > len(found) or found[rank - 1] < 0:
        return None
    return found[rank - 1]


def in_set(share: float, least: float | None) -> bool:
    """Whether a condition of this share is in the set; without a bound every candidate is."""
    return least is None or share >= least


def risk_coverage(cases: Sequence[tuple[Shares, str]]) -> tuple[RiskPoint, ...]:
    """The risk at each share of cases answered, from the surest case to all of them.

    Args:
        cases: Of each case the shares, and the code of the true condition. One without candidates is wrong.
    """
    first = [
        max(shares.items(), key=lambda item: (item[1], item[0]), default=("", 0.0))
        for shares, _ in cases
    ]
    surest = sorted(range(len(cases)), key=lambda one: -first[one][1])
    points: list[RiskPoint] = []
    wrong = 0
    for done, one in enumerate(surest, 1):
        wrong += first[one][0] != cases[one][1]
        points.append(RiskPoint(answered=done / len(cases), risk=wrong / done))
    return tuple(points)
