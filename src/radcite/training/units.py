"""Which questions, documents and patients may be trained on: one rule, decided by the id alone.

A unit is drawn by the first byte of the SHA-256 of its id, so every recipe, evaluation task and
machine agrees without a list: `train` below 112, `dev` (choices, early stopping, thresholds) below
128, `held` (what is reported) from 128 on.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Literal, TypeVar

from radcite.core.errors import RadciteError

__all__ = ["Part", "check_disjoint", "is_held", "part_of"]

Part = Literal["train", "dev", "held"]
_DEV_FROM = 112
_HELD_FROM = 128
UnitT = TypeVar("UnitT", bound=str)


def part_of(unit: str) -> Part:
    """Where a question, document or patient belongs."""
    first = sha256(unit.encode()).digest()[0]
    if first < _DEV_FROM:
        return "train"
    return "dev" if first < _HELD_FROM else "held"


def is_held(unit: str) -> bool:
    """Whether a unit is kept from every training, so that figures may be reported on it."""
    return part_of(unit) == "held"


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
