"""Training's side of the split: the rule is `radcite.evals.units`, shared with the evaluation tasks."""

from collections.abc import Iterable
from hashlib import sha256

from radcite.core.errors import RadciteError
from radcite.evals.units import Part, is_held, part_of

__all__ = ["Part", "check_disjoint", "is_held", "own_part_of", "part_of"]

_OWN_DEV_FROM, _OWN_HELD_FROM = 205, 230


def check_disjoint(trained_on: Iterable[str], reported_on: Iterable[str]) -> None:
    """Nothing that was trained on is reported on.

    Args:
        trained_on: Units, or normalised texts, that a recipe is about to learn from.
        reported_on: Those of an evaluation set.

    Raises:
        RadciteError: `VALIDATION` naming how many are in both and one of them.
    """
    both = sorted(set(trained_on) & set(reported_on))
    if both:
        raise RadciteError(
            "VALIDATION",
            f"training data holds {len(both)} units of an evaluation set, the first {both[0][:60]!r}",
            f"训练数据含有评测集中的 {len(both)} 个单元，第一个为 {both[0][:60]!r}",
        )


def own_part_of(unit: str) -> Part:
    """Where a unit of a user's own records belongs: eight in ten train, the rest in equal parts.

    It is drawn apart from `part_of`, so that records of its training part fall into all three.
    """
    first = sha256(f"own:{unit}".encode()).digest()[0]
    if first < _OWN_DEV_FROM:
        return "train"
    return "dev" if first < _OWN_HELD_FROM else "held"
