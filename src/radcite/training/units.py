"""Training's side of the split: the rule is `radcite.evals.units`, shared with the evaluation tasks."""

from collections.abc import Iterable

from radcite.core.errors import RadciteError
from radcite.evals.units import Part, is_held, part_of

__all__ = ["Part", "check_disjoint", "is_held", "part_of"]


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
