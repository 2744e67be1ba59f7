"""Rows of quotes and claims as the cross-encoder takes them, in batches of like length."""

import random
from collections.abc import Iterator, Sequence

from radcite.evals.datasets import Data
from radcite.training.pairs.claim_rows import (
    ClaimRow,
    answer_rows,
    automatic_rows,
    paraphrase_rows,
    written_rows,
)
from radcite.training.pairs.corruption import corrupted
from radcite.training.pairs.gate_rows import gate_rows
from radcite.training.units import Part, part_of

__all__ = ["batches", "lesson_rows", "written_part"]

_AUTOMATIC = {"en": 5_000, "zh": 5_000}
_QUESTIONS = 2_500
_SPOILED = 0.4
_GROUP = 20


def written_part(data: Data, part: Part) -> list[ClaimRow]:
    """The written claims of one part, and of those for developing the gate what belongs to it; English first."""
    rows = [*written_rows(data, "en"), *written_rows(data, "zh")]
    mine = [row for row in rows if part_of(row.unit) == part]
    return mine if part == "held" else [*mine, *gate_rows(part)]


def lesson_rows(data: Data, seed: int, rounds: int) -> tuple[list[ClaimRow], list[ClaimRow]]:
    """Automatic rows to begin with, and the written ones, some of them made false besides, `rounds` times."""
    rng = random.Random(seed)  # noqa: S311 - a fixed sample
    automatic = [
        *automatic_rows(data, "en", "train", _AUTOMATIC["en"], seed),
        *answer_rows(data, "train", seed),
        *automatic_rows(data, "zh", "train", _AUTOMATIC["zh"], seed),
        *paraphrase_rows(data, "train", _QUESTIONS),
    ]
    written = written_part(data, "train")
    spoiled = [
        ClaimRow(row.quote, made[0], "refutes", row.language, row.unit, f"spoiled_{made[1]}")
        for row in written
        if row.label == "supports"
        and rng.random() < _SPOILED
        and (made := corrupted(row.claim, row.language, rng))
    ]
    return automatic, [*written, *spoiled] * rounds


def batches(
    rows: Sequence[ClaimRow], size: int, rng: random.Random
) -> Iterator[Sequence[ClaimRow]]:
    """Every row once, in batches of like length, in random order."""
    order = list(rows)
    rng.shuffle(order)
    for start in range(0, len(order), size * _GROUP):
        group = sorted(order[start : start + size * _GROUP], key=_length)
        cut = [group[i : i + size] for i in range(0, len(group), size)]
        rng.shuffle(cut)
        yield from cut


def _length(row: ClaimRow) -> float:
    return (len(row.quote) + len(row.claim)) * (1.0 if row.language == "zh" else 0.25)
