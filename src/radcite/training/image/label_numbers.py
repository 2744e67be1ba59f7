"""The labels that an image model learns, by kind, and their numbers."""

from collections.abc import Sequence

from radcite.evals.images.rows import LABELS, LabelKind

__all__ = ["KINDS", "classes_of", "place_of"]

KINDS: tuple[LabelKind, ...] = ("modality", "body_part", "view", "finding")
# No training image is a lateral one.
_UNSEEN = frozenset({"LATERAL"})


def classes_of(kind: LabelKind) -> tuple[str, ...]:
    """The values of a kind that there are training images of."""
    return tuple(value for value in LABELS[kind] if value not in _UNSEEN)


def place_of(value: str | None, values: Sequence[str]) -> int:
    """The number of a value, -1 for one that is not known or not among them."""
    return values.index(value) if value in values else -1
