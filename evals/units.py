"""Which questions, documents and patients may be trained on: one rule, decided by the id alone.

A unit is drawn by the first byte of the SHA-256 of its id, so every recipe, evaluation task and
machine agrees without a list: `train` below 112, `dev` (choices, early stopping, thresholds) below
128, `held` (what is reported) from 128 on.
"""

from hashlib import sha256
from typing import Literal

__all__ = ["Part", "is_held", "part_of"]

Part = Literal["train", "dev", "held"]
_DEV_FROM = 112
_HELD_FROM = 128


def part_of(unit: str) -> Part:
    """Where a question, document or patient belongs."""
    first = sha256(unit.encode()).digest()[0]
    if first < _DEV_FROM:
        return "train"
    return "dev" if first < _HELD_FROM else "held"


def is_held(unit: str) -> bool:
    """Whether a unit is kept from every training, so that figures may be reported on it."""
    return part_of(unit) == "held"
